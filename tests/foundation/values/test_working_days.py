"""Working days follow the official calendar with its make-up days; a year nobody published is awaited, not guessed."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.values.errors import InvalidValue
from foundation.values.working_days import AwaitingCalendar, after_working_days, is_working_day


def test_a_make_up_saturday_is_a_working_day() -> None:
    assert is_working_day(date(2026, 2, 14)) is True
    assert is_working_day(date(2026, 2, 15)) is False


def test_ten_working_days_leave_out_weekends_and_the_qingming_holiday() -> None:
    # Issued Friday 27 March 2026; Monday 6 April is the holiday.
    assert after_working_days(date(2026, 3, 27), 10) == date(2026, 4, 13)


def test_a_clock_that_runs_into_an_unpublished_year_awaits_its_calendar() -> None:
    deadline = after_working_days(date(2026, 12, 30), 10)
    assert deadline == AwaitingCalendar(2027)
    assert str(deadline) == "awaiting the calendar of 2027"


def test_less_than_one_working_day_is_no_clock() -> None:
    with pytest.raises(InvalidValue):
        after_working_days(date(2026, 3, 27), 0)
