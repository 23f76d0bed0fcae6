"""The workers of the kill drill: flows with all three effect classes, and a process that can end itself at any point.

The outside world is a file to which each effect appends a line and waits for the disk, so that what really happened
is counted without asking the program that is under test.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, event, insert

from foundation.store import Scope, Store, Transaction, open_store
from foundation.values.ids import random_ids
from foundation.work.errors import LeaseHeld, LeaseLost
from foundation.work.holders import died, this_process
from foundation.work.runs import (
    DidNotHappen,
    Found,
    Happened,
    Json,
    Kind,
    Kinds,
    NotClear,
    Run,
    RunState,
    Steps,
    Workshop,
    find_runs,
)
from foundation.work.runs.engine import EngineAddress
from foundation.work.runs.worker import Station, at_work

EVERYONE = Scope(None)
LEASE = timedelta(seconds=3)
HELD = 5
"""How a worker ends that finds its name taken."""
LOST = 6
"""How a worker ends whose name was taken from it."""

drill_tables = MetaData()
"""Apart from the application's own."""

fact_table = Table(
    "drill_fact",
    drill_tables,
    Column("number", Integer, primary_key=True),
    Column("run", String(60), nullable=False),
    Column("step", String(60), nullable=False),
)
"""No unique key: a fact that is written twice shall be seen."""

audit_table = Table(
    "drill_audit",
    drill_tables,
    Column("number", Integer, primary_key=True),
    Column("run", String(60), nullable=False),
    Column("event", String(20), nullable=False),
    Column("because", Text, nullable=False),
)

POINTS = (
    *("claimed", "adopted", "before-effect:read", "after-effect:read", "in-commit:read", "after-commit:read"),
    *("before-effect:idempotent", "after-effect:idempotent", "in-commit:idempotent", "after-commit:idempotent"),
    *("in-begin", "begun", "probed", "before-effect:non_repeatable", "after-effect:non_repeatable"),
    *("in-commit:non_repeatable", "after-commit:non_repeatable", "before-end", "after-end"),
)
"""Every name that ``OnPoint`` hears."""


def real_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


class World:
    """What really happened: one line for each effect, on the disk before the effect returns."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def do(self, effect: str, run: str, step: str) -> None:
        """An effect outside the records."""
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{effect} {run} {step}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def count(self) -> Counter[tuple[str, str, str]]:
        """How often each (effect, run, step) took place."""
        text = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
        return Counter((effect, run, step) for effect, run, step in map(str.split, text.splitlines()))


def kinds_of(world: World, *, slow: float = 0.0) -> Kinds:
    """Flows with all three effect classes; ``slow`` seconds are spent in each effect."""

    def fact(steps: Steps, name: str) -> Callable[[Transaction, Json], None]:
        def record(transaction: Transaction, outcome: Json) -> None:
            transaction.write(insert(fact_table).values(run=steps.run.id, step=name))

        return record

    def effect(steps: Steps, kind: str, name: str) -> Callable[[], Json]:
        def do() -> Json:
            time.sleep(slow)
            world.do(kind, steps.run.id, name)
            return name

        return do

    def asked(steps: Steps, name: str) -> Callable[[], Found]:
        return lambda: Happened(name) if world.count()["once", steps.run.id, name] else DidNotHappen()

    def mixed(steps: Steps) -> Json:
        seen = steps.read("look", lambda: 7)
        steps.fact("first", lambda transaction: fact(steps, "first")(transaction, seen))
        steps.idempotent("push", effect(steps, "again", "push"), key=steps.run.id, record=fact(steps, "push"))
        steps.non_repeatable("pay", effect(steps, "once", "pay"), probe=asked(steps, "pay"), record=fact(steps, "pay"))
        steps.fact("last", lambda transaction: fact(steps, "last")(transaction, None))
        return seen

    def blind(steps: Steps) -> Json:
        hazy = NotClear if steps.run.number % 2 else None
        steps.non_repeatable("send", effect(steps, "once", "send"), probe=hazy, record=fact(steps, "send"))
        steps.idempotent("tell", effect(steps, "again", "tell"), key=steps.run.id, record=fact(steps, "tell"))
        return None

    return Kinds(
        [
            Kind("mixed", "混合", "mixed", mixed, attempts=3),
            Kind("blind", "无查询", "blind", blind, attempts=3),
        ]
    )


FACTS: Mapping[str, Sequence[str]] = {"mixed": ("first", "push", "pay", "last"), "blind": ("send", "tell")}
ONCE: Mapping[str, str] = {"mixed": "pay", "blind": "send"}
AGAIN: Mapping[str, str] = {"mixed": "push", "blind": "tell"}


def keep_audit(transaction: Transaction, event: str, run: Run, facts: Mapping[str, Json]) -> None:
    """The audit entries of the drill."""
    because = str(facts.get("because", ""))
    transaction.write(insert(audit_table).values(run=run.id, event=event, because=because))


@dataclass(frozen=True)
class Post:
    """Where a worker of the drill works, and at which point it ends itself: the ``nth`` time it gets there."""

    home: Path
    database: str
    engine: EngineAddress
    name: str = "a"
    point: str = ""
    nth: int = 1
    slow: float = 0.0
    stays: bool = False
    patience: float | None = None
    """Seconds to wait for SQLite's write lock, if not as long as the store itself."""

    @property
    def world(self) -> World:
        """What really happened."""
        return World(self.home / "world")

    def workshop(self, store: Store) -> Workshop:
        """The workshop, with the kill in it."""
        left = [self.nth]
        lock = threading.Lock()

        def on_point(point: str) -> None:
            if point == self.point:
                with lock:
                    left[0] -= 1
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)

        kinds = kinds_of(self.world, slow=self.slow)
        return Workshop(store, real_clock, random_ids, kinds, EVERYONE, keep_audit, on_point)


def work(post: Post) -> None:
    """The worker's process: until nothing waits or runs (or, if it ``stays``, until it is stopped)."""
    log = os.open(post.home / f"{post.name}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    store = open_store(post.database)
    if post.patience is not None:
        wait_less(store, post.patience)
    workshop = post.workshop(store)
    station = Station(
        post.name, this_process(), "drill", os.getpid(), "1", post.engine, lease=LEASE, poll=0.02, look_after=0.3
    )

    def over() -> bool:
        with store.reading() as transaction:
            left = find_runs(transaction, EVERYONE, states={RunState.QUEUED, RunState.RUNNING}, limit=1)
        return not left and not post.stays

    try:
        with at_work(workshop, station, died=died) as shift:
            signal.signal(signal.SIGTERM, lambda number, frame: shift.stop())
            shift.run(over)
    except LeaseHeld as held:
        print(held.text("en"), flush=True)
        sys.exit(HELD)
    except LeaseLost:
        sys.exit(LOST)
    finally:
        store.close()


def wait_less(store: Store, seconds: float) -> None:
    """Be told sooner that another holds SQLite's write lock."""

    @event.listens_for(store.engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


_spawning = get_context("forkserver")
_spawning.set_forkserver_preload(["foundation.work.runs.worker", "bench.work.posts"])


def started(post: Post) -> ForkServerProcess:
    """A worker as a process of its own, which has not to import everything first."""
    process = _spawning.Process(target=work, args=(post,), daemon=True)
    process.start()
    return process
