"""Real workers, really killed: nothing lost, nothing twice, and every parked run says why."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.work.kills import Count, Drill
from bench.work.posts import EVERYONE, HELD, LEASE, LOST, POINTS, drill_tables, started
from foundation.store import Store
from foundation.work.runs import RunState, find_runs
from foundation.work.runs.engine import EngineAddress

pytestmark = pytest.mark.real

MakeDrill = Callable[..., Drill]


@pytest.fixture
def drill_of(store: Store, tmp_path: Path) -> Iterator[MakeDrill]:
    """A drill on this store."""
    drill_tables.create_all(store.engine)
    url = store.engine.url.render_as_string(hide_password=False)
    engine = EngineAddress(url if store.dialect == "postgresql" else f"sqlite:///{tmp_path}/journal.db")
    made: list[Drill] = []

    def make(*, seed: int = 1, slow: float = 0.002) -> Drill:
        made.append(Drill(tmp_path, url, engine, seed=seed, slow=slow))
        return made[-1]

    yield make
    for drill in made:
        drill.close()


def kill(drill: Drill, kills: int) -> Count:
    """With one worker on SQLite, two on PostgreSQL."""
    began = time.monotonic()
    (drill.one_worker if drill.store.dialect == "sqlite" else drill.two_workers)(kills)
    count = drill.finish()
    count.seconds = time.monotonic() - began
    print(f"kills on {drill.store.dialect}: {count}")
    return count


def test_sixty_kills_lose_nothing_and_do_nothing_twice(drill_of: MakeDrill) -> None:
    drill = drill_of()
    many = 45 if drill.store.dialect == "sqlite" else 15
    count = kill(drill, many)
    assert count.wrong == []
    assert count.kills >= many
    if drill.store.dialect == "sqlite":
        assert set(POINTS) <= set(count.at)


@pytest.mark.drill
def test_a_thousand_kills_lose_nothing_and_do_nothing_twice(drill_of: MakeDrill) -> None:
    drill = drill_of(seed=7)
    many = 800 if drill.store.dialect == "sqlite" else 200
    count = kill(drill, many)
    assert count.wrong == []
    assert count.kills >= many


def test_a_second_worker_of_the_same_name_says_who_holds_it(drill_of: MakeDrill) -> None:
    drill = drill_of(slow=0.1)
    drill.ask(6)
    first = started(drill.post)
    wait_for(drill, RunState.RUNNING)
    second = started(drill.post)
    second.join(120)
    first.join(120)
    assert (second.exitcode, first.exitcode) == (HELD, 0)
    assert f"is in use by {socket.gethostname()}" in log(drill)
    count = drill.finish()
    assert count.wrong == []
    assert deaths(drill) == 0


def test_without_the_engines_journal_nothing_is_lost(drill_of: MakeDrill) -> None:
    drill = drill_of()
    for point in ("after-commit:idempotent", "in-commit:non_repeatable", "before-end"):
        drill.ask(6)
        assert drill.kill(replace(drill.post, point=point, nth=2), within=60)
        forget_everything(drill)
    count = drill.finish()
    assert count.wrong == []
    assert sum(count.at[point] for point in POINTS) == 3


def forget_everything(drill: Drill) -> None:
    if drill.store.dialect == "postgresql":
        with drill.store.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA dbos CASCADE")
        return
    for file in drill.post.home.glob("journal.db*"):
        file.unlink()


def test_a_worker_stopped_in_order_leaves_its_runs_to_the_next(drill_of: MakeDrill) -> None:
    drill = drill_of(slow=0.2)
    drill.ask(8)
    process = started(replace(drill.post, stays=True))
    wait_for(drill, RunState.RUNNING)
    time.sleep(0.3)
    began = time.monotonic()
    process.terminate()
    process.join(120)
    assert process.exitcode == 0
    assert time.monotonic() - began < 10
    assert running(drill) == 0
    drill.finish()
    assert drill.count.wrong == []
    assert (deaths(drill), drill.count.parked) == (0, 0)


def test_a_run_goes_on_under_another_worker_when_its_own_does_not_come_back(drill_of: MakeDrill) -> None:
    drill = drill_of()
    drill.ask(8)
    assert drill.kill(replace(drill.post, point="begun", nth=2), within=60)
    other = started(replace(drill.post, name="b", stays=True))
    deadline = time.monotonic() + 120
    while many(drill, RunState.RUNNING, RunState.QUEUED) and time.monotonic() < deadline:
        time.sleep(0.05)
    other.terminate()
    other.join(120)
    assert other.exitcode == 0
    assert many(drill, RunState.RUNNING, RunState.QUEUED) == 0, (drill.post.home / "b.log").read_text()
    assert drill.finish().wrong == []


def test_a_worker_frozen_past_its_lease_wakes_up_writes_nothing_and_ends(drill_of: MakeDrill) -> None:
    """Its effects outside cannot be stopped, only their probes know of them: the facts of the records are counted."""
    drill = drill_of(slow=0.8)
    drill.ask(3)
    first = started(replace(drill.post, stays=True))
    wait_for(drill, RunState.RUNNING)
    time.sleep(0.3)
    assert first.pid is not None
    freeze(drill, first.pid)
    time.sleep(LEASE.total_seconds() + 0.5)
    second = started(replace(drill.post, stays=True))
    wait_for_log(drill, "number=2")
    os.kill(first.pid, signal.SIGCONT)
    first.join(120)
    assert first.exitcode == LOST, log(drill)
    second.terminate()
    second.join(120)
    assert second.exitcode == 0
    count = drill.finish()
    assert [wrong for wrong in count.wrong if "once" not in wrong] == []


def freeze(drill: Drill, pid: int) -> None:
    """Between two transactions: what is frozen inside one holds its locks, and everybody waits."""
    for _ in range(50):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.05)
        if nothing_is_locked(drill):
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.13)
    pytest.fail("it is always in some transaction")


def nothing_is_locked(drill: Drill) -> bool:
    if drill.store.dialect == "postgresql":
        others = (  # the engine holds a transaction open by design, which locks nothing of ours
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL "
            "AND strpos(query, 'pg_try_advisory_xact_lock') = 0 AND pid <> pg_backend_pid()"
        )
        with drill.store.reading() as transaction:
            return bool(transaction.value(text(others)) == 0)
    for file in (drill.store.engine.url.database, drill.post.home / "journal.db"):
        with closing(sqlite3.connect(str(file), isolation_level=None, timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
    return True


def wait_for_log(drill: Drill, words: str) -> None:
    deadline = time.monotonic() + 90
    while words not in log(drill):
        assert time.monotonic() < deadline, log(drill)
        time.sleep(0.02)


def wait_for(drill: Drill, state: RunState) -> None:
    deadline = time.monotonic() + 90
    while not many(drill, state):
        assert time.monotonic() < deadline, log(drill)
        time.sleep(0.02)


def many(drill: Drill, *states: RunState) -> int:
    """How many are in one of these states, at one instant: between two looks a run may go from one to the other."""
    with drill.store.reading() as transaction:
        return len(find_runs(transaction, EVERYONE, states=set(states)))


def running(drill: Drill) -> int:
    return many(drill, RunState.RUNNING)


def deaths(drill: Drill) -> int:
    with drill.store.reading() as transaction:
        return sum(run.deaths for run in find_runs(transaction, EVERYONE, limit=1000))


def log(drill: Drill) -> str:
    return (drill.post.home / f"{drill.post.name}.log").read_text()
