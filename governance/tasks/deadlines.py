"""Deadlines in working days: computed by the official calendar, and again when a year is loaded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from foundation.store import Transaction
from foundation.values.instant import SHANGHAI, utc
from foundation.values.month import shanghai_day
from foundation.values.working_days import AwaitingCalendar, WorkingCalendar, after_working_days
from foundation.work import Event, Subscriber
from governance.authority.policy import machine_scope
from governance.calendar import LOADED, calendar_at
from governance.tasks.model import Due, Within
from governance.tasks.tables import AWAITS, IS_OPEN, NEVER, task_table


def end_of(clock: Within, calendar: WorkingCalendar) -> datetime | AwaitingCalendar:
    """The instant the clock has run out: the first one after its last working day."""
    last = after_working_days(calendar, shanghai_day(clock.start), clock.working_days)
    if isinstance(last, AwaitingCalendar):
        return last
    following = last + timedelta(days=1)
    return utc(datetime(following.year, following.month, following.day, tzinfo=SHANGHAI))


def due_columns(transaction: Transaction, due: Due) -> dict[str, Any]:
    """The columns that say by when."""
    if not isinstance(due, Within):
        return _columns(due) | {"clock_start": None, "clock_days": None}
    ending = end_of(due, calendar_at(transaction))
    return _columns(ending) | {"clock_start": due.start, "clock_days": due.working_days}


def _columns(due: datetime | AwaitingCalendar | None) -> dict[str, Any]:
    waits = due.year if isinstance(due, AwaitingCalendar) else None
    known = due if isinstance(due, datetime) else None
    return {"due_at": known, "ranked_at": known or NEVER, "awaiting_year": waits}


def task_deadlines() -> Subscriber:
    """The subscriber that computes the deadlines a loaded year was awaited by, or moves."""

    def handle(transaction: Transaction, event: Event) -> None:
        recompute(transaction, int(event.payload["year"]))

    return Subscriber("governance.task-deadlines", LOADED, handle)


def recompute(transaction: Transaction, year: int) -> int:
    """Count the open clocks that the calendar of ``year`` may touch anew; returns how many moved."""
    scope, calendar = machine_scope(), calendar_at(transaction)
    columns = task_table.c
    # A notice may reach back into the last days of the year before.
    since = utc(datetime(year - 1, 12, 1, tzinfo=SHANGHAI))
    rows = [
        *transaction.rows(task_table.select(scope).where(AWAITS)),
        *transaction.rows(
            task_table.select(scope).where(IS_OPEN, columns.clock_days.is_not(None), columns.due_at >= since)
        ),
    ]
    moved = 0
    for row in rows:
        found = _columns(end_of(Within(row["clock_start"], row["clock_days"]), calendar))
        if any(row[name] != value for name, value in found.items()):
            moved += transaction.write(task_table.update(scope).where(columns.number == row["number"]).values(**found))
    return moved
