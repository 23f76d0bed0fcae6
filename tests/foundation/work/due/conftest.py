"""A queue that stands in for the real one at the port, a clock that can be stepped, and the lease of whoever ticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select

from foundation.store import Document, Scope, Store, Transaction
from foundation.values.working_days import WorkingCalendar, published_calendar
from foundation.work.due import DueRule, Ticked, Ticking, put_rule, tick
from foundation.work.due.tables import history
from foundation.work.leases import Lease, acquire
from foundation.work.runs.errors import UnknownKind
from foundation.work.runs.model import Job

EVERYONE = Scope(None)
START = datetime(2026, 3, 1, tzinfo=UTC)
"""08:00 in Shanghai."""

_queue = Table(
    "fake_queue",
    MetaData(),
    Column("key", String(200), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("inputs", Document, nullable=False),
)


@dataclass
class Hands:
    """A clock somebody moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class FakeQueue:
    """Takes every job but those of ``unknown`` kinds; raises ``dies`` once it has written, if there is any."""

    unknown: set[str] = field(default_factory=set)
    dies: BaseException | None = None

    def __call__(self, transaction: Transaction, jobs: Sequence[Job]) -> Sequence[str]:
        for job in jobs:
            if job.kind in self.unknown:
                raise UnknownKind(kind=job.kind, known="work")
        rows = [{"key": job.key, "kind": job.kind, "inputs": job.inputs} for job in jobs]
        transaction.write(insert(_queue), rows)
        if self.dies is not None:
            raise self.dies
        return [f"run of {job.key}" for job in jobs]


@dataclass
class Due:
    """A store with rules, and one who ticks."""

    store: Store
    clock: Hands = field(default_factory=Hands)
    queue: FakeQueue = field(default_factory=FakeQueue)
    calendar: WorkingCalendar = field(default_factory=published_calendar)

    @property
    def ticking(self) -> Ticking:
        return Ticking(self.store, EVERYONE, self.clock, self.queue, lambda transaction: self.calendar)

    def lease(self, holder: str = "one") -> Lease:
        with_clock = self.clock.now  # a lease of its own, whatever the stepped clock says
        return acquire(
            self.store, "due", holder, length=timedelta(), clock=lambda: with_clock, died=lambda holder: True
        )

    def put(self, *wanted: DueRule) -> list[bool]:
        with self.store.transaction() as transaction:
            return [
                put_rule(transaction, EVERYONE, each, calendar=self.calendar, now=self.clock.now) for each in wanted
            ]

    def tick(self, *, limit: int = 500) -> Ticked:
        return tick(self.ticking, self.lease(), limit=limit)

    def at(self, instant: datetime) -> Ticked:
        """A tick when the clock says ``instant``."""
        self.clock.now = instant
        return self.tick()

    def runs(self) -> Mapping[str, Any]:
        """Key → inputs of everything enqueued."""
        with self.store.reading() as transaction:
            return {row["key"]: row["inputs"] for row in transaction.rows(select(_queue).order_by(_queue.c.key))}

    def history(self, name: str) -> list[tuple[str, str, int, str]]:
        """Of one rule, oldest first: (instant, outcome, folded, reason)."""
        with self.store.reading() as transaction:
            found = history(transaction, EVERYONE, name, most=10_000)
        return [
            (f"{each.at:%m-%dT%H:%M}", each.outcome.value, each.folded, each.reason.value) for each in reversed(found)
        ]


@pytest.fixture
def due(store: Store) -> Due:
    """An empty database with a queue."""
    with store.engine.begin() as connection:
        _queue.metadata.drop_all(connection)
        _queue.metadata.create_all(connection)
    return Due(store)
