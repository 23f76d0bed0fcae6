"""At which instants a rule is due. UTC instants out; days and times of day are those of Asia/Shanghai.

Shanghai had summer time from 1986 to 1991. A time of day that a day does not have is as long after the gap as it
would have been after its start; one that a day has twice is due the first time only. Cron is APScheduler's: there
it is due both times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from foundation.values.instant import SHANGHAI, utc
from foundation.values.working_days import AwaitingCalendar, WorkingCalendar, after_working_days
from foundation.work.due.cron import next_fire
from foundation.work.due.rules import Cron, EveryDay, MonthDay, Rule, WorkingDays


def next_after(rule: Rule, instant: datetime, calendar: WorkingCalendar) -> datetime | AwaitingCalendar | None:
    """The first occurrence strictly after ``instant``.

    None where there is no further one; ``AwaitingCalendar`` where the calendar that decides it is not loaded.
    """
    after = utc(instant)
    if not date.min.year < after.year < date.max.year:
        return None
    match rule:
        case EveryDay():
            return next(_later(after, _days_from(after, rule.at)), None)
        case MonthDay():
            return next(_later(after, _month_days_from(after, rule)), None)
        case WorkingDays():
            deadline = after_working_days(calendar, rule.after, rule.count)
            if isinstance(deadline, AwaitingCalendar):
                return deadline
            return next(_later(after, iter([_shanghai(deadline, rule.at)])), None)
        case Cron():
            return next_fire(rule.expression, after)


def occurrences(rule: Rule, after: datetime, until: datetime, calendar: WorkingCalendar) -> Iterator[datetime]:
    """Every occurrence later than ``after`` and not later than ``until``, in order.

    A deadline whose calendar is awaited has no occurrence yet.
    """
    return takewhile(lambda at: at <= until, _all_after(rule, after, calendar))


def _all_after(rule: Rule, after: datetime, calendar: WorkingCalendar) -> Iterator[datetime]:
    found = next_after(rule, after, calendar)
    while isinstance(found, datetime):
        yield found
        found = next_after(rule, found, calendar)


def _later(after: datetime, candidates: Iterator[datetime]) -> Iterator[datetime]:
    return (at for at in candidates if at > after)


def _days_from(after: datetime, at: time) -> Iterator[datetime]:
    day = after.astimezone(SHANGHAI).date()
    while True:
        yield _shanghai(day, at)
        if day == date.max:
            return
        day += timedelta(days=1)


def _month_days_from(after: datetime, rule: MonthDay) -> Iterator[datetime]:
    day = after.astimezone(SHANGHAI).date()
    year, month = day.year, day.month
    while year <= date.max.year:
        yield _shanghai(rule.date_in(year, month), rule.at)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _shanghai(day: date, at: time) -> datetime:
    return utc(datetime.combine(day, at, tzinfo=SHANGHAI))
