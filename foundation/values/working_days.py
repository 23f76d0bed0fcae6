"""Working days 工作日 by the official calendar, with its make-up days. A year that is not loaded is never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from foundation.values.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class AwaitingCalendar:
    """A deadline that cannot be computed yet: the official calendar of ``year`` is not loaded."""

    year: int

    def __str__(self) -> str:
        return f"awaiting the calendar of {self.year}"

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        return f"等待 {self.year} 年日历"


def is_working_day(day: date) -> bool | AwaitingCalendar:
    """Whether people work on ``day``; ``AwaitingCalendar`` where nobody has published it."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return AwaitingCalendar(day.year)


def after_working_days(start: date, count: int) -> date | AwaitingCalendar:
    """The ``count``-th working day after ``start`` (the start itself does not count): the last day of a clock."""
    if count < 1:
        raise InvalidValue(field="working days", found=str(count), expected="at least 1")
    day = start
    while count:
        day += timedelta(days=1)
        working = is_working_day(day)
        if isinstance(working, AwaitingCalendar):
            return working
        count -= working
    return day
