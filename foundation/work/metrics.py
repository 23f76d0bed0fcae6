"""What Prometheus is told about work: read from the rows at each scrape, nothing counted on the side.

A scrape stays cheap when a million runs have ended. What is open is counted over the two partial indexes, which hold
open runs only. What has ended is counted by blocks of run numbers (``Ended``): the newest blocks at every scrape, the
older ones in turn within a time budget, so that a run retried long after its end is counted anew some scrapes later.
Until every block was seen once, ended runs are left out rather than told wrong.

Every process of an installation tells the same rows: alerts take ``max``, never ``sum``, over instances.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from foundation.store import Scope, Store, Transaction
from foundation.values.errors import GuanyunError
from foundation.values.instant import Clock
from foundation.work.due.tables import due_rules, rule_table
from foundation.work.holders import in_words
from foundation.work.leases import lease_table
from foundation.work.outbox import Listener, lag
from foundation.work.runs import RunState, paused_kinds, workers
from foundation.work.runs.tables import IS_OPEN, IS_WAITING, run_table, runs

_log = structlog.get_logger("guanyun.metrics")
LATE = timedelta(minutes=1)
"""Due work counts as late this long after its time."""
Labels = tuple[tuple[str, str], ...]
_ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})


@dataclass(frozen=True)
class Watched:
    """What is told about: the records, the machine's scope, the real clock, who listens, which program this is."""

    store: Store
    scope: Scope
    clock: Clock
    listeners: Sequence[Listener]
    build: Mapping[str, str]


def registry(watched: Watched) -> CollectorRegistry:
    """A registry of its own with everything there is to tell."""
    made = CollectorRegistry(auto_describe=False)
    made.register(WorkCollector(watched))
    return made


class WorkCollector(Collector):
    """Reads the rows when asked. A database that is away is told as ``guanyun_database_up 0``, without the rest."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._ended = Ended()
        self._one_at_a_time = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Nothing is looked up to be registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family, read in one snapshot."""
        yield _gauge("guanyun_build_info", "Which program this is.", {tuple(self._watched.build.items()): 1})
        try:
            with self._one_at_a_time, self._watched.store.reading() as transaction:
                told = list(self._read(transaction))
        except GuanyunError as away:
            _log.warning("metrics.database-away", code=away.code, because=away.text("en"))
            told = []
        yield _gauge("guanyun_database_up", "Whether the record database answers.", {(): int(bool(told))})
        yield from told

    def _read(self, transaction: Transaction) -> Iterator[Metric]:
        watched, now = self._watched, self._watched.clock()
        yield from self._runs(transaction, now)
        yield from _due(transaction, watched.scope, now)
        yield from _leases(transaction, now)
        yield _gauge(
            "guanyun_worker_up",
            "Whether a worker holds this name now.",
            {_labels(name=row.name): int(row.alive) for row in workers(transaction, clock=watched.clock)},
        )
        yield from _outbox(transaction, watched.listeners, now)

    def _runs(self, transaction: Transaction, now: datetime) -> Iterator[Metric]:
        scope = self._watched.scope
        many: dict[Labels, int] = {}
        age: dict[Labels, float] = {}
        for kind, state, count, since in _open_runs(transaction, scope):
            labels = _labels(kind=kind, state=state)
            many[labels] = count
            age[labels] = _seconds(now - since)
        self._ended.look(transaction, scope)
        if self._ended.complete:
            many |= {_labels(kind=kind, state=state): n for (kind, state), n in self._ended.many().items()}
        yield _gauge("guanyun_work_runs", "Runs by kind and state.", many)
        yield _gauge("guanyun_work_oldest_seconds", "How long ago the oldest open run was asked for.", age)
        yield _counter(
            "guanyun_work_failures",
            "Failed attempts of runs, retried or not.",
            {_labels(kind=kind): n for kind, n in self._ended.failures().items()},
        )
        paused = {_labels(kind=kind): 1 for kind in paused_kinds(transaction)}
        yield _gauge("guanyun_work_kind_paused", "Kinds of which nobody starts a run for now.", paused)


@dataclass
class _Block:
    many: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass
class Ended:
    """Ended runs and failures, by blocks of ``size`` run numbers, each look spending about ``seconds`` on old ones."""

    size: int = 20_000
    seconds: float = 0.2
    _blocks: dict[int, _Block] = field(default_factory=dict)
    _turn: int = 0
    _seen: Counter[str] = field(default_factory=Counter)
    _failures: Counter[str] = field(default_factory=Counter)
    complete: bool = False

    def look(self, transaction: Transaction, scope: Scope) -> None:
        """Read the newest blocks anew, then older ones in turn until the time is over."""
        newest = transaction.value(runs.select(scope, func.max(run_table.c.number)))
        last = 0 if newest is None else int(newest) // self.size
        for number in (last, last - 1):
            self._count(transaction, scope, number)
        until = time.monotonic() + self.seconds
        for number in [number for number in range(last, -1, -1) if number not in self._blocks]:
            self._count(transaction, scope, number)
            if time.monotonic() > until:
                break
        self.complete = len(self._blocks) > last
        if self.complete:
            self._turn = (self._turn + 1) % (last + 1)
            self._count(transaction, scope, self._turn)

    def many(self) -> Counter[tuple[str, str]]:
        """Ended runs by kind and state."""
        return sum((block.many for block in self._blocks.values()), Counter())

    def failures(self) -> Counter[str]:
        """Failed attempts by kind, as a counter: a retry that starts a run's own count anew does not lower it."""
        if self.complete:
            found: Counter[str] = sum((block.failures for block in self._blocks.values()), Counter())
            self._failures += found - self._seen  # of Counters: only what has grown
            self._seen = found
        return self._failures

    def _count(self, transaction: Transaction, scope: Scope, number: int) -> None:
        if number < 0:
            return
        inside = run_table.c.number.between(number * self.size, (number + 1) * self.size - 1)
        columns = (run_table.c.kind, run_table.c.state, func.count().label("many"))
        query = runs.select(scope, *columns, func.sum(run_table.c.failures).label("failures")).where(inside)
        block = _Block()
        for row in transaction.rows(query.group_by(run_table.c.kind, run_table.c.state)):
            if row["state"] in _ENDED:
                block.many[row["kind"], row["state"]] += row["many"]
            block.failures[row["kind"]] += int(row["failures"] or 0)
        self._blocks[number] = block


def _open_runs(transaction: Transaction, scope: Scope) -> Iterator[tuple[str, str, int, datetime]]:
    """Kind, state, how many, since when: over the indexes that hold open runs alone.

    The conditions are written word for word as those indexes have them, or SQLite would read every run instead. The
    oldest is the one with the smallest number, which costs less to find than the smallest instant.
    """
    columns = (run_table.c.kind, run_table.c.state, func.count().label("many"))
    for condition in (IS_WAITING, IS_OPEN):
        query = runs.select(scope, *columns, func.min(run_table.c.number).label("first")).where(condition)
        found = transaction.rows(query.group_by(run_table.c.state, run_table.c.kind))
        first = [row["first"] for row in found]
        asked = runs.select(scope, run_table.c.number, run_table.c.enqueued_at).where(run_table.c.number.in_(first))
        since = {row["number"]: row["enqueued_at"] for row in transaction.rows(asked)} if first else {}
        for row in found:
            yield row["kind"], row["state"], row["many"], since[row["first"]]


def _due(transaction: Transaction, scope: Scope, now: datetime) -> Iterator[Metric]:
    columns = (rule_table.c.kind, func.count().label("many"), func.min(rule_table.c.next_at).label("since"))
    query = due_rules.select(scope, *columns).where(rule_table.c.next_at <= now - LATE).group_by(rule_table.c.kind)
    late = transaction.rows(query)
    many = {_labels(kind=row["kind"]): row["many"] for row in late}
    yield _gauge("guanyun_due_late", "Due rules whose time passed more than a minute ago.", many)
    seconds = {_labels(kind=row["kind"]): _seconds(now - row["since"]) for row in late}
    yield _gauge("guanyun_due_late_seconds", "How late the latest of them is.", seconds)
    awaiting = due_rules.select(scope, func.count()).where(rule_table.c.awaiting_year.is_not(None))
    yield _gauge(
        "guanyun_due_awaiting_calendar",
        "Deadlines that await the working calendar of a year.",
        {(): transaction.value(awaiting)},
    )
    troubled = due_rules.select(scope, func.count()).where(rule_table.c.trouble != "", rule_table.c.active.is_(True))
    yield _gauge(
        "guanyun_due_set_aside", "Due rules whose run could not be enqueued.", {(): transaction.value(troubled)}
    )


def _leases(transaction: Transaction, now: datetime) -> Iterator[Metric]:
    held = transaction.rows(select(lease_table).where(lease_table.c.expires_at > now).order_by(lease_table.c.name))
    labels = [_labels(name=row["name"], holder=in_words(row["holder"])) for row in held]
    yield _gauge("guanyun_lease_held", "Leases that are held, and by whom.", dict.fromkeys(labels, 1))
    left = {label: _seconds(row["expires_at"] - now) for label, row in zip(labels, held, strict=True)}
    yield _gauge("guanyun_lease_left_seconds", "How long each lease lasts unless renewed.", left)


def _outbox(transaction: Transaction, listeners: Sequence[Listener], now: datetime) -> Iterator[Metric]:
    behind = lag(transaction, listeners, now)
    waiting = {_labels(subscriber=each.subscriber): each.waiting for each in behind}
    yield _gauge("guanyun_outbox_waiting", "Events a subscriber has yet to get, dead letters left out.", waiting)
    oldest = {_labels(subscriber=each.subscriber): _seconds(each.oldest or timedelta()) for each in behind}
    yield _gauge("guanyun_outbox_oldest_seconds", "How long the oldest of its events has waited, the dead too.", oldest)
    dead = {_labels(subscriber=each.subscriber): each.dead for each in behind}
    yield _gauge("guanyun_outbox_dead", "Dead letters that wait for a person's word.", dead)


def _labels(**labels: str) -> Labels:
    return tuple(labels.items())


def _gauge(name: str, help_: str, samples: Mapping[Labels, Any]) -> Metric:
    family = GaugeMetricFamily(name, help_)
    for labels, value in samples.items():
        family.add_sample(name, dict(labels), value)
    return family


def _counter(name: str, help_: str, samples: Mapping[Labels, Any]) -> Metric:
    family = CounterMetricFamily(name, help_)
    for labels, value in samples.items():
        family.add_sample(f"{name}_total", dict(labels), value)
    return family


def _seconds(length: timedelta) -> float:
    return max(length.total_seconds(), 0.0)
