"""Working days 工作日 by the official calendar, with its make-up days 调休. A year nobody loaded is never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

import chinese_calendar

from foundation.values.errors import InvalidValue

_SATURDAY = 5


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


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """What the official notice of one year changes: ``holidays`` nobody works on, ``make_up_days`` everybody does.

    A notice may reach into the last days of the year before (the notice for 2012 made 2011-12-31 a working day).
    """

    year: int
    holidays: frozenset[date]
    make_up_days: frozenset[date]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The years that are known. Passed as an argument: which years an authority loaded is data, not code."""

    years: Mapping[int, WorkingYear] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", MappingProxyType(dict(self.years)))

    def with_years(self, years: Iterable[WorkingYear]) -> WorkingCalendar:
        """This calendar with ``years`` added; where it knew one of them, the given one holds."""
        return WorkingCalendar({**self.years, **{each.year: each for each in years}})


@cache
def published_calendar() -> WorkingCalendar:
    """The years the library ``chinesecalendar`` was published with: what holds where no authority loaded another."""
    holidays: dict[int, set[date]] = defaultdict(set)
    make_up_days: dict[int, set[date]] = defaultdict(set)
    for day in chinese_calendar.holidays:
        holidays[day.year].add(day)
    for day in chinese_calendar.workdays:
        make_up_days[day.year].add(day)
    return WorkingCalendar(
        {year: WorkingYear(year, frozenset(holidays[year]), frozenset(make_up_days[year])) for year in holidays}
    )


def is_working_day(calendar: WorkingCalendar, day: date) -> bool | AwaitingCalendar:
    """Whether people work on ``day``; ``AwaitingCalendar`` where nobody has loaded its year."""
    own, following = calendar.years.get(day.year), calendar.years.get(day.year + 1)
    if own is None:
        return AwaitingCalendar(day.year)
    # The later notice was issued later, so it has the last word on the days it reaches back to.
    for notice in (following, own):
        if notice is not None and day in notice.make_up_days:
            return True
        if notice is not None and day in notice.holidays:
            return False
    return day.weekday() < _SATURDAY


def after_working_days(calendar: WorkingCalendar, start: date, count: int) -> date | AwaitingCalendar:
    """The ``count``-th working day after ``start`` (the start itself does not count): the last day of a clock."""
    if count < 1:
        raise InvalidValue(field="working days", found=str(count), expected="at least 1")
    day = start
    while count:
        if day == date.max:
            return AwaitingCalendar(day.year)
        day += timedelta(days=1)
        working = is_working_day(calendar, day)
        if isinstance(working, AwaitingCalendar):
            return working
        count -= working
    return day
