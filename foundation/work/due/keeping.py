"""Making, changing and dropping rules, and computing deadlines once their calendar is loaded.

Nothing that was not asked for at the time is invented afterwards: a rule counts from the instant it is made or its
timing is changed. What the old timing had made due by then is owed, and the next tick pays it.

Call these in a transaction that stands alone (``Store.transaction()``): a rule is looked up before it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, or_

from foundation.store import Scope, Transaction
from foundation.values.working_days import AwaitingCalendar, WorkingCalendar
from foundation.work.due.catching_up import plan
from foundation.work.due.errors import UnknownDueRule
from foundation.work.due.model import DueRule, Occurrence, Outcome, Reason, Standing
from foundation.work.due.rules import Rule, WorkingDays
from foundation.work.due.tables import (
    due_occurrences,
    due_rules,
    occurrence_table,
    occurrence_values,
    rule_table,
    standing_of,
    wanted_values,
)
from foundation.work.due.times import next_after

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NO_TROUBLE: dict[str, Any] = {"trouble": "", "trouble_zh": "", "trouble_en": "", "retry_at": None}


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Deadlines that have an instant now (new or moved), and those that still await a calendar."""

    computed: int
    awaiting: int


def put_rule(
    transaction: Transaction, scope: Scope, wanted: DueRule, *, calendar: WorkingCalendar, now: datetime
) -> bool:
    """Make the rule, or change the one of its name; False if it stands there with the same content already."""
    standing = _locked(transaction, scope, wanted.name)
    if standing is None:
        timed = _timed(wanted.rule, now, calendar)
        row = {**wanted_values(wanted), **NO_TROUBLE, **timed, "name": wanted.name}
        transaction.write(due_rules.insert().values(active=True, since=now, last_at=None, changed_at=now, **row))
        _record_if_past(transaction, scope, wanted, timed, calendar=calendar, now=now)
        return True
    if standing.active and standing.wanted.digest == wanted.digest:
        return False
    changed: dict[str, Any] = {**wanted_values(wanted), **NO_TROUBLE, "active": True, "changed_at": now}
    if standing.wanted.rule != wanted.rule or not standing.active:
        last_at = _owe(transaction, scope, standing, calendar=calendar, now=now)
        since = now if last_at is None else max(now, last_at)
        timed = _timed(wanted.rule, since, calendar)
        changed |= {**timed, "since": since, "last_at": last_at}
        _record_if_past(transaction, scope, wanted, timed, calendar=calendar, now=now)
    transaction.write(due_rules.update(scope).where(rule_table.c.name == wanted.name).values(**changed))
    return True


def drop_rule(transaction: Transaction, scope: Scope, name: str, *, calendar: WorkingCalendar, now: datetime) -> bool:
    """End the rule; False if it has ended. What was due and not done is recorded as missed; its history stays.

    Raises ``UnknownDueRule``.
    """
    standing = _locked(transaction, scope, name)
    if standing is None:
        raise UnknownDueRule(name=name)
    if not standing.active:
        return False
    last_at = _owe(transaction, scope, standing, calendar=calendar, now=now)
    owed = occurrence_table.c.outcome == Outcome.OWED.value
    forgone = due_occurrences.update(scope).where(occurrence_table.c.rule == name, owed)
    transaction.write(forgone.values(outcome=Outcome.MISSED.value, reason=Reason.DROPPED.value))
    ended = {"active": False, "next_at": None, "awaiting_year": None, "last_at": last_at, "changed_at": now}
    transaction.write(due_rules.update(scope).where(rule_table.c.name == name).values(**ended, **NO_TROUBLE))
    return True


def recompute_awaiting(
    transaction: Transaction, scope: Scope, calendar: WorkingCalendar, *, now: datetime
) -> Recomputed:
    """Compute every deadline that is still ahead by ``calendar``: those that awaited it, and those a changed one moves.

    A deadline that has been dealt with stays as it was. Running it again changes nothing.
    """
    open_ = or_(rule_table.c.awaiting_year.is_not(None), rule_table.c.next_at.is_not(None))
    query = due_rules.select(scope).where(rule_table.c.working_days.is_(True), rule_table.c.active.is_(True), open_)
    moved: list[dict[str, Any]] = []
    computed = awaiting = 0
    for standing in map(standing_of, transaction.rows(query.with_for_update())):
        timed = _timed(standing.wanted.rule, standing.since, calendar)
        awaiting += timed["awaiting_year"] is not None
        if (timed["next_at"], timed["awaiting_year"]) == (standing.next_at, standing.awaiting_year):
            continue
        computed += timed["awaiting_year"] is None
        _record_if_past(transaction, scope, standing.wanted, timed, calendar=calendar, now=now)
        moved.append({"moved": standing.wanted.name, **timed})
    target = due_rules.update(scope).where(rule_table.c.name == bindparam("moved"))
    transaction.write(target.values(next_at=bindparam("next_at"), awaiting_year=bindparam("awaiting_year")), moved)
    return Recomputed(computed, awaiting)


def _locked(transaction: Transaction, scope: Scope, name: str) -> Standing | None:
    """The rule, held against a tick that runs at the same time."""
    row = transaction.row(due_rules.select(scope).where(rule_table.c.name == name).with_for_update())
    return None if row is None else standing_of(row)


def _timed(rule: Rule, since: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    found = next_after(rule, since, calendar)
    if isinstance(found, AwaitingCalendar):
        return {"next_at": None, "awaiting_year": found.year}
    return {"next_at": found, "awaiting_year": None}


def _owe(
    transaction: Transaction, scope: Scope, standing: Standing, *, calendar: WorkingCalendar, now: datetime
) -> datetime | None:
    """Write down what the old timing made due until now; gives the newest instant that is dealt with."""
    if standing.next_at is None or standing.next_at > now:
        return standing.last_at
    planned = plan(standing.wanted, standing.next_at, now, calendar)
    name = standing.wanted.name
    for passed in planned.passed:
        found = Occurrence(name, passed.at, passed.outcome, "", passed.folded, passed.reason, now)
        _record(transaction, scope, standing.wanted, found)
    return planned.last_at


def _record_if_past(
    transaction: Transaction,
    scope: Scope,
    wanted: DueRule,
    timed: dict[str, Any],
    *,
    calendar: WorkingCalendar,
    now: datetime,
) -> None:
    """A deadline that was over before anybody asked for it is not done, and not passed over in silence either."""
    if not isinstance(wanted.rule, WorkingDays) or timed != {"next_at": None, "awaiting_year": None}:
        return
    at = next_after(wanted.rule, _LONG_AGO, calendar)
    if isinstance(at, datetime):
        found = Occurrence(wanted.name, at, Outcome.MISSED, "", 0, Reason.PAST_WHEN_MADE, now)
        _record(transaction, scope, wanted, found)


def _record(transaction: Transaction, scope: Scope, wanted: DueRule, occurrence: Occurrence) -> None:
    """Write the occurrence unless that instant of the rule has its record already (a rule dropped and made again)."""
    there = due_occurrences.select(scope, occurrence_table.c.at).where(
        occurrence_table.c.rule == occurrence.rule, occurrence_table.c.at == occurrence.at
    )
    if transaction.row(there) is None:
        transaction.write(due_occurrences.insert().values(**occurrence_values(occurrence, wanted.agency)))
