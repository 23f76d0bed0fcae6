"""A workshop for tests: a clock moved by hand, workers without an engine, facts and audit entries to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select

import foundation.work.outbox  # noqa: F401 - a record database has its tables as well
from foundation.store import Scope, Store, Transaction
from foundation.work.leases import acquire
from foundation.work.runs import WORKER, Job, Json, Kind, Kinds, Run, RunState, Steps, Worker, Workshop, enqueue
from foundation.work.runs import read_run as _read_run
from foundation.work.runs import read_steps as _read_steps
from foundation.work.runs.carrying import carry_out
from foundation.work.runs.claiming import claim, register
from foundation.work.runs.model import StepRow

EVERYONE = Scope(None)
LENGTH = timedelta(seconds=30)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)

test_tables = MetaData()
fact_table = Table(
    "test_fact",
    test_tables,
    Column("number", Integer, primary_key=True),
    Column("run", String(60), nullable=False),
    Column("name", String(60), nullable=False),
)


class HandClock:
    """Stands still but for a microsecond at each look; ``step`` moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def step(self, **by: float) -> None:
        self.now += timedelta(**by)


class Killed(BaseException):
    """Stands for ``kill -9`` in a test of one process: nothing of ours catches it."""


def flow_of(*names: str) -> Callable[[Steps], Json]:
    """A flow of facts."""

    def flow(steps: Steps) -> Json:
        for name in names:
            steps.fact(name, lambda transaction, name=name: put(transaction, steps.run, name))
        return "done"

    return flow


def put(transaction: Transaction, run: Run, name: str) -> None:
    """Write a fact."""
    transaction.write(insert(fact_table).values(run=run.id, name=name))


@dataclass
class Shop:
    """Everything around a run, without threads."""

    store: Store
    kinds: Kinds
    clock: HandClock = field(default_factory=HandClock)
    entries: list[tuple[str, str, Mapping[str, Json]]] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    dies_at: str = ""
    """The point at which the next carrying is killed, as ``name`` or ``name*2`` for the second time."""
    _made: int = 0

    def ids(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}_{self._made:032x}"

    def audit(self, transaction: Transaction, event: str, run: Run, facts: Mapping[str, Json]) -> None:
        self.entries.append((event, run.id, facts))

    def on_point(self, point: str) -> None:
        self.points.append(point)
        name, _, nth = self.dies_at.partition("*")
        if point == name and self.points.count(point) == int(nth or 1):
            self.dies_at = ""
            raise Killed(point)

    @property
    def workshop(self) -> Workshop:
        return Workshop(self.store, self.clock, self.ids, self.kinds, EVERYONE, self.audit, self.on_point)

    def with_kinds(self, *kinds: Kind) -> Shop:
        """The same records under another program."""
        return replace(self, kinds=Kinds(kinds))

    def worker(self, name: str = "a", *, version: str = "1") -> Worker:
        """A worker that has just started; the former holder of its name is dead."""
        lease = acquire(self.store, WORKER + name, f"pid {name}", length=LENGTH, clock=self.clock, died=lambda _: True)
        worker = Worker(name, lease)
        register(self.workshop, worker, host="here", pid=1, version=version)
        return worker

    def ask(self, kind: str, *, key: str = "", **more: Any) -> str:
        """Ask for one run: its id."""
        job = Job(kind, more.pop("inputs", {}), key=key or self.ids("key"), **more)
        with self.store.transaction() as transaction:
            return enqueue(transaction, job, kinds=self.kinds, clock=self.clock, ids=self.ids)[0]

    def claim(self, worker: Worker, places: int = 8, *, only: str | None = None) -> Sequence[Run]:
        return claim(self.workshop, worker, places=places, only=only)

    def carry(self, run: Run, *, stopping: Callable[[], bool] = lambda: False) -> RunState | None:
        self.points.clear()
        return carry_out(self.workshop, run, stopping=stopping)

    def through(self, worker: Worker, *, rounds: int = 50) -> None:
        """Claim and carry out whatever is there, waiting out every backoff, until nothing can be claimed."""
        for _ in range(rounds):
            claimed = self.claim(worker)
            for run in claimed:
                self.carry(run)
            if not claimed:
                return
            self.clock.step(minutes=10)
            self.beat(worker)
        raise AssertionError("it never comes to an end")

    def beat(self, worker: Worker) -> None:
        from foundation.work.leases import heartbeat

        heartbeat(self.store, worker.lease, length=LENGTH, clock=self.clock)

    def run(self, id_: str) -> Run:
        with self.store.reading() as transaction:
            return _read_run(transaction, EVERYONE, id_)

    def steps(self, id_: str) -> Sequence[StepRow]:
        with self.store.reading() as transaction:
            return _read_steps(transaction, EVERYONE, _read_run(transaction, EVERYONE, id_))

    def facts(self, id_: str | None = None) -> Counter[str]:
        """How often each fact was written."""
        query = select(fact_table.c.name, func.count().label("many")).group_by(fact_table.c.name)
        if id_ is not None:
            query = query.where(fact_table.c.run == id_)
        with self.store.reading() as transaction:
            return Counter({row["name"]: row["many"] for row in transaction.rows(query)})

    def events(self, id_: str) -> list[str]:
        """What the audit says of a run."""
        return [event for event, run, _ in self.entries if run == id_]


def simple(name: str = "demo", **more: Any) -> Kind:
    """A kind whose flow writes two facts."""
    return Kind(name, "示例", name, more.pop("flow", flow_of("one", "two")), **more)


def ids_of(runs: Iterable[Run]) -> list[str]:
    return [run.id for run in runs]
