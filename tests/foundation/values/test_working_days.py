"""Working days follow the official calendar with its make-up days; a year nobody loaded is awaited, not guessed."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from foundation.values.working_days import (
    AwaitingCalendar,
    WorkingCalendar,
    WorkingYear,
    after_working_days,
    is_working_day,
    published_calendar,
)

PUBLISHED = published_calendar()
MADE_UP_2027 = WorkingYear(2027, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 2)}))
"""No official notice: a year made for these tests."""


def test_a_make_up_saturday_is_a_working_day() -> None:
    assert is_working_day(PUBLISHED, date(2026, 2, 14)) is True
    assert is_working_day(PUBLISHED, date(2026, 2, 15)) is False


def test_ten_working_days_leave_out_weekends_and_the_qingming_holiday() -> None:
    # Issued Friday 27 March 2026; Monday 6 April is the holiday.
    assert after_working_days(PUBLISHED, date(2026, 3, 27), 10) == date(2026, 4, 13)


def test_a_clock_that_runs_into_a_year_nobody_loaded_awaits_its_calendar() -> None:
    deadline = after_working_days(PUBLISHED, date(2026, 12, 30), 10)
    assert deadline == AwaitingCalendar(2027)
    assert str(deadline) == "awaiting the calendar of 2027"


def test_a_loaded_year_completes_the_published_ones() -> None:
    calendar = PUBLISHED.with_years([MADE_UP_2027])
    # Thursday 31 December, then Saturday 2 January is worked instead of Friday the 1st.
    assert after_working_days(calendar, date(2026, 12, 30), 1) == date(2026, 12, 31)
    assert after_working_days(calendar, date(2026, 12, 30), 2) == date(2027, 1, 2)
    assert is_working_day(PUBLISHED, date(2027, 1, 4)) == AwaitingCalendar(2027)


def test_a_loaded_year_holds_over_the_published_one() -> None:
    changed = WorkingYear(2026, frozenset({date(2026, 3, 27)}), frozenset())
    assert is_working_day(PUBLISHED.with_years([changed]), date(2026, 3, 27)) is False


def test_a_notice_reaches_into_the_last_days_of_the_year_before() -> None:
    assert is_working_day(PUBLISHED, date(2011, 12, 31)) is True
    reaching = WorkingYear(2027, frozenset({date(2027, 1, 1)}), frozenset({date(2026, 12, 26)}))
    assert is_working_day(PUBLISHED, date(2026, 12, 26)) is False
    assert is_working_day(PUBLISHED.with_years([reaching]), date(2026, 12, 26)) is True


def test_a_calendar_cannot_be_changed_from_outside() -> None:
    years = dict(PUBLISHED.years)
    calendar = WorkingCalendar(years)
    years.clear()
    assert is_working_day(calendar, date(2026, 3, 27)) is True
    with pytest.raises(TypeError):
        calendar.years[2027] = MADE_UP_2027  # type: ignore[index]


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_the_published_years_are_the_library_s_own(day: date) -> None:
    assert is_working_day(PUBLISHED, day) is chinese_calendar.is_workday(day)


@given(st.dates(date(2004, 1, 1), date(2026, 6, 1)), st.integers(1, 60))
def test_the_last_day_of_a_clock_is_a_working_day_and_has_as_many_behind_it(start: date, count: int) -> None:
    last = after_working_days(PUBLISHED, start, count)
    assert isinstance(last, date)
    days = [start + timedelta(days=offset) for offset in range(1, (last - start).days + 1)]
    assert is_working_day(PUBLISHED, last) is True
    assert sum(is_working_day(PUBLISHED, day) is True for day in days) == count


def test_the_end_of_time_is_no_fault_of_the_caller() -> None:
    assert after_working_days(PUBLISHED, date.max, 1) == AwaitingCalendar(9999)


def test_less_than_one_working_day_is_no_clock() -> None:
    with pytest.raises(InvalidValue):
        after_working_days(PUBLISHED, date(2026, 3, 27), 0)
