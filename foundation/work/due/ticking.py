"""The tick: what is due becomes runs, and every rule's next time moves on, in one transaction a batch.

The rows are the truth: a tick that is late, missed, killed or run twice makes no occurrence twice and loses none. A
rule's next time is computed from the occurrence before it and never from the clock, so that a clock that jumps ahead
or back moves no rule over something done. A rule whose run cannot be enqueued is set aside with the reason and tried
again; it holds up no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_

from foundation.store import Scope, Store, Transaction
from foundation.values.errors import GuanyunError
from foundation.values.instant import Clock, format_instant
from foundation.values.working_days import AwaitingCalendar
from foundation.work.due.catching_up import Plan, plan
from foundation.work.due.keeping import NO_TROUBLE, recompute_awaiting
from foundation.work.due.model import DUE, DueRule, Occurrence, Outcome, Standing
from foundation.work.due.ports import CalendarAt, Enqueue
from foundation.work.due.tables import (
    due_occurrences,
    due_rules,
    occurrence_of,
    occurrence_table,
    occurrence_values,
    rule_table,
    standing_of,
)
from foundation.work.leases import Lease, check_held
from foundation.work.runs.model import Job

LEASE = "due"
"""The lease whose holder ticks."""
BATCH = 500
"""Rules a transaction."""
_AT_ONCE = 200
"""Occurrences of one rule a transaction: a rule of every minute does not fill it alone after a long stop."""
_SET_ASIDE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ticked:
    """Runs enqueued, occurrences skipped by their rule, rules set aside, and deadlines that await a calendar."""

    enqueued: int = 0
    skipped: int = 0
    set_aside: int = 0
    awaiting: int = 0

    def __add__(self, other: Ticked) -> Ticked:
        return Ticked(
            self.enqueued + other.enqueued,
            self.skipped + other.skipped,
            self.set_aside + other.set_aside,
            self.awaiting + other.awaiting,
        )


@dataclass(frozen=True, slots=True)
class Ticking:
    """What a tick needs. ``scope`` is the machine's, ``clock`` the real one; ``enqueue`` and ``calendar`` are ports."""

    store: Store
    scope: Scope
    clock: Clock
    enqueue: Enqueue
    calendar: CalendarAt


def tick(ticking: Ticking, lease: Lease, *, limit: int = BATCH) -> Ticked:
    """Deal with everything that is due now, ``limit`` rules a transaction.

    Raises ``LeaseLost`` where another holds the lease by now: nothing of that batch is written.
    """
    now = ticking.clock()
    total = _pay_owed(ticking, lease, now)
    while True:
        try:
            done = _batch(ticking, lease, now, limit)
        except _NotTaken:
            done = _one_by_one(ticking, lease, now, limit)
        if done is None:
            return total + Ticked(awaiting=_awaiting(ticking, lease, now))
        total += done


class _NotTaken(Exception):
    """``cause`` is why the queue did not take a job of this batch."""

    def __init__(self, cause: GuanyunError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _not_set_aside(now: datetime) -> ColumnElement[bool]:
    return or_(
        rule_table.c.retry_at.is_(None),
        rule_table.c.retry_at <= now,
        rule_table.c.retry_at > now + _SET_ASIDE,  # written by a clock that has been set back since
    )


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(rule_table.c.next_at <= now, _not_set_aside(now))


def _batch(ticking: Ticking, lease: Lease, now: datetime, limit: int, name: str | None = None) -> Ticked | None:
    """One transaction; None where nothing is due. ``name`` narrows it to one rule."""
    chosen = due_rules.select(ticking.scope).where(_due(now))
    if name is not None:
        chosen = chosen.where(rule_table.c.name == name)
    chosen = chosen.order_by(rule_table.c.next_at, rule_table.c.name).limit(limit)
    with ticking.store.reading() as transaction:
        if not transaction.rows(chosen.limit(1)):
            return None
    with ticking.store.transaction(alongside=True) as transaction:
        check_held(transaction, lease)
        standings = [standing_of(row) for row in transaction.rows(chosen.with_for_update(skip_locked=True))]
        if not standings:
            return None
        calendar = ticking.calendar(transaction)
        plans = [
            (standing, plan(standing.wanted, standing.next_at, now, calendar, _AT_ONCE))
            for standing in standings
            if standing.next_at is not None
        ]
        done = _carry_out(ticking, transaction, plans, now)
        _move_on(ticking, transaction, plans)
        return done


def _carry_out(
    ticking: Ticking, transaction: Transaction, plans: Sequence[tuple[Standing, Plan]], now: datetime
) -> Ticked:
    recorded = _recorded(ticking, transaction, plans)
    found = [
        (standing.wanted, Occurrence(standing.wanted.name, each.at, each.outcome, "", each.folded, each.reason, now))
        for standing, planned in plans
        for each in planned.passed
        if (standing.wanted.name, each.at) not in recorded
    ]
    owed = [(wanted, occurrence) for wanted, occurrence in found if occurrence.outcome is Outcome.OWED]
    rows = [occurrence_values(occurrence, wanted.agency) for wanted, occurrence in found]
    runs = iter(_enqueued(ticking, transaction, owed))
    for row in rows:
        if row["outcome"] == Outcome.OWED:
            row |= {"outcome": Outcome.ENQUEUED.value, "run": next(runs)}
    transaction.write(due_occurrences.insert(), rows)
    return Ticked(enqueued=len(owed), skipped=len(found) - len(owed))


def _recorded(
    ticking: Ticking, transaction: Transaction, plans: Sequence[tuple[Standing, Plan]]
) -> set[tuple[str, datetime]]:
    """Which of these have their record already: rules whose history reaches ahead of their next time."""
    names = [standing.wanted.name for standing, _ in plans]
    first = min(planned.passed[0].at for _, planned in plans)
    query = due_occurrences.select(ticking.scope, occurrence_table.c.rule, occurrence_table.c.at)
    there = query.where(occurrence_table.c.rule.in_(names), occurrence_table.c.at >= first)
    return {(row["rule"], row["at"]) for row in transaction.rows(there)}


def _enqueued(ticking: Ticking, transaction: Transaction, owed: Sequence[tuple[DueRule, Occurrence]]) -> Sequence[str]:
    if not owed:
        return ()
    try:
        return ticking.enqueue(transaction, [_job(wanted, occurrence) for wanted, occurrence in owed])
    except GuanyunError as cause:
        raise _NotTaken(cause) from cause


def _job(wanted: DueRule, occurrence: Occurrence) -> Job:
    due = {"rule": wanted.name, "at": format_instant(occurrence.at), "folded": occurrence.folded}
    return Job(
        kind=wanted.kind,
        inputs={**wanted.inputs, DUE: due},
        key=wanted.key(occurrence.at),
        agency=wanted.agency,
        subject=wanted.subject,
        priority=wanted.priority,
    )


def _move_on(ticking: Ticking, transaction: Transaction, plans: Sequence[tuple[Standing, Plan]]) -> None:
    moved: list[Mapping[str, Any]] = []
    for standing, planned in plans:
        following = planned.following
        moved.append(
            {
                "moved": standing.wanted.name,
                "next_at": None if isinstance(following, AwaitingCalendar) else following,
                "awaiting_year": following.year if isinstance(following, AwaitingCalendar) else None,
                "last_at": planned.last_at,
                **NO_TROUBLE,
            }
        )
    columns: dict[str, Any] = {name: bindparam(name) for name in moved[0] if name != "moved"}
    target = due_rules.update(ticking.scope).where(rule_table.c.name == bindparam("moved"))
    transaction.write(target.values(**columns), moved)


def _one_by_one(ticking: Ticking, lease: Lease, now: datetime, limit: int) -> Ticked:
    """The batch again, each rule in a transaction of its own, so that one that cannot be enqueued stands alone."""
    with ticking.store.reading() as transaction:
        chosen = due_rules.select(ticking.scope, rule_table.c.name).where(_due(now))
        names = [
            row["name"]
            for row in transaction.rows(chosen.order_by(rule_table.c.next_at, rule_table.c.name).limit(limit))
        ]
    total = Ticked()
    for name in names:
        try:
            total += _batch(ticking, lease, now, 1, name) or Ticked()
        except _NotTaken as refused:
            total += _put_aside(ticking, lease, name, refused.cause, now)
    return total


def _put_aside(ticking: Ticking, lease: Lease, name: str, cause: GuanyunError, now: datetime) -> Ticked:
    with ticking.store.transaction(alongside=True) as transaction:
        check_held(transaction, lease)
        transaction.write(
            due_rules.update(ticking.scope)
            .where(rule_table.c.name == name)
            .values(
                trouble=cause.code,
                trouble_zh=cause.text("zh"),
                trouble_en=cause.text("en"),
                retry_at=now + _SET_ASIDE,
            )
        )
    return Ticked(set_aside=1)


def _pay_owed(ticking: Ticking, lease: Lease, now: datetime) -> Ticked:
    """Enqueue what rules owe from before their timing was changed, each rule in a transaction of its own."""
    owed = due_occurrences.select(ticking.scope, occurrence_table.c.rule).where(
        occurrence_table.c.outcome == Outcome.OWED.value
    )
    with ticking.store.reading() as transaction:
        names = [row["rule"] for row in transaction.rows(owed.distinct())]
        if not names:
            return Ticked()
        free = due_rules.select(ticking.scope).where(rule_table.c.name.in_(names), _not_set_aside(now))
        standings = [standing_of(row) for row in transaction.rows(free)]
    total = Ticked()
    for standing in standings:
        try:
            total += _pay(ticking, lease, standing.wanted)
        except _NotTaken as refused:
            total += _put_aside(ticking, lease, standing.wanted.name, refused.cause, now)
    return total


def _pay(ticking: Ticking, lease: Lease, wanted: DueRule) -> Ticked:
    with ticking.store.transaction(alongside=True) as transaction:
        check_held(transaction, lease)
        query = due_occurrences.select(ticking.scope).where(
            occurrence_table.c.rule == wanted.name, occurrence_table.c.outcome == Outcome.OWED.value
        )
        rows = transaction.rows(query.order_by(occurrence_table.c.at).with_for_update(skip_locked=True))
        runs = _enqueued(ticking, transaction, [(wanted, occurrence_of(row)) for row in rows])
        paid = [
            {"paid_rule": wanted.name, "paid_at": row["at"], "run": run} for row, run in zip(rows, runs, strict=True)
        ]
        target = due_occurrences.update(ticking.scope).where(
            occurrence_table.c.rule == bindparam("paid_rule"), occurrence_table.c.at == bindparam("paid_at")
        )
        transaction.write(target.values(run=bindparam("run"), outcome=Outcome.ENQUEUED.value), paid)
        return Ticked(enqueued=len(paid))


def _awaiting(ticking: Ticking, lease: Lease, now: datetime) -> int:
    """How many deadlines await a calendar, after computing those whose calendar has come meanwhile."""
    query = due_rules.select(ticking.scope, rule_table.c.awaiting_year, func.count().label("many"))
    query = query.where(rule_table.c.awaiting_year.is_not(None)).group_by(rule_table.c.awaiting_year)
    with ticking.store.reading() as transaction:
        years = {row["awaiting_year"]: row["many"] for row in transaction.rows(query)}
        if not years or years.keys().isdisjoint(ticking.calendar(transaction).years):
            return sum(years.values())
    with ticking.store.transaction() as transaction:
        check_held(transaction, lease)
        return recompute_awaiting(transaction, ticking.scope, ticking.calendar(transaction), now=now).awaiting
