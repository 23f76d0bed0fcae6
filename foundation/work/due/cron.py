"""Cron expressions, read and computed by APScheduler.

Two things in which the cron programs of this world differ are refused instead of guessed: weekdays as digits (0 is
Sunday for most and Monday for APScheduler), and a day of the month together with a weekday (either, or both?).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from foundation.values.errors import InvalidValue
from foundation.values.instant import SHANGHAI, utc

_EXPECTED = (
    "minute hour day month weekday, such as '30 2 * * mon-fri'; weekdays by name (mon … sun), "
    "and not a day and a weekday together / 分 时 日 月 星期,星期用英文缩写,日与星期不能同时限定"
)
_LOOKED_THROUGH_FROM = datetime(2000, 1, 1, tzinfo=UTC)
_LOOKED_THROUGH_TO = datetime(2009, 1, 1, tzinfo=UTC)
"""Long enough for every day there is: two leap years, and no weekday stands beside a day of the month."""


def check(expression: str) -> None:
    """Raise ``InvalidValue`` unless the expression is one, says the same to everybody, and ever comes true."""
    fields = expression.split()
    if expression != " ".join(fields) or len(fields) != 5:
        raise _invalid(expression)
    day, weekday = fields[2], fields[4]
    if any(character.isdigit() for character in weekday.partition("/")[0]) or "/" in weekday:
        raise _invalid(expression)
    if day != "*" and weekday != "*":
        raise _invalid(expression)
    try:
        trigger = CronTrigger.from_crontab(expression, timezone=SHANGHAI)
    except (ValueError, TypeError, AttributeError, OverflowError) as cause:
        raise _invalid(expression) from cause
    trigger.end_date = _LOOKED_THROUGH_TO
    if trigger.get_next_fire_time(None, _LOOKED_THROUGH_FROM) is None:
        raise InvalidValue(field="cron", found=repr(expression), expected="a day that exists / 存在的日期")


def next_fire(expression: str, after: datetime) -> datetime | None:
    """The first instant strictly after ``after``, in UTC; None where the calendar itself ends."""
    try:
        found = _trigger(expression).get_next_fire_time(None, utc(after) + timedelta(microseconds=1))
    except (OverflowError, ValueError):
        return None
    return None if found is None else utc(found)


@lru_cache(maxsize=1024)
def _trigger(expression: str) -> CronTrigger:
    return CronTrigger.from_crontab(expression, timezone=SHANGHAI)


def _invalid(expression: str) -> InvalidValue:
    return InvalidValue(field="cron", found=repr(expression[:80]), expected=_EXPECTED)
