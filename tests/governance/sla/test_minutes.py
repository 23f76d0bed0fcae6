"""A minute is down only if every check of it failed; without a check nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval
from foundation.values.month import Month, day_interval
from governance.sla import (
    MINUTES_A_DAY,
    Check,
    MinuteCounts,
    MinuteState,
    classify,
    count_minutes,
    count_month,
    day_states,
    sli_rows,
)

DAY = date(2026, 3, 8)
START = day_interval(DAY).start


def check(minute: int, ok: bool, second: int = 0) -> Check:
    return Check(START + timedelta(minutes=minute, seconds=second), ok)


@pytest.mark.parametrize(
    ("checks", "state"),
    [
        ([], MinuteState.UNKNOWN),
        ([True], MinuteState.UP),
        ([False], MinuteState.DOWN),
        ([False, False], MinuteState.DOWN),
        ([False, True], MinuteState.UP),
    ],
)
def test_a_minute_is_down_only_if_every_check_failed(checks: Sequence[bool], state: MinuteState) -> None:
    assert classify(checks) is state


def test_a_day_has_a_state_for_every_minute() -> None:
    states = day_states(DAY, [check(0, True), check(1, False), check(1439, True, second=59)])
    assert len(states) == MINUTES_A_DAY
    assert (states[:3], states[-2:]) == ("ud?", "?u")
    assert count_minutes(states) == MinuteCounts(up=2, down=1, unknown=1437)


def test_a_check_of_another_day_is_refused() -> None:
    with pytest.raises(InvalidValue):
        day_states(DAY, [check(1440, True)])


def test_only_minutes_wholly_inside_an_exclusion_are_excluded() -> None:
    announced = Interval(START + timedelta(seconds=30), START + timedelta(minutes=4, seconds=30))
    assert day_states(DAY, [check(minute, False) for minute in range(6)], excluded=[announced])[:6] == "dxxxdd"


def test_an_exclusion_over_midnight_takes_its_part_of_the_day() -> None:
    announced = Interval(START - timedelta(hours=1), START + timedelta(minutes=2))
    assert day_states(DAY, [], excluded=[announced])[:3] == "xx?"


def test_an_exclusion_shorter_than_a_minute_excludes_nothing() -> None:
    announced = Interval(START + timedelta(seconds=70), START + timedelta(seconds=110))
    assert MinuteState.EXCLUDED not in day_states(DAY, [], excluded=[announced])


def test_a_stranger_among_the_states_is_refused() -> None:
    with pytest.raises(InvalidValue, match="'U'"):
        count_minutes("uuUd")


@given(st.lists(st.tuples(st.integers(0, 1439), st.booleans()), max_size=60))
def test_the_order_of_the_checks_is_of_no_matter(drawn: list[tuple[int, bool]]) -> None:
    checks = [check(minute, ok) for minute, ok in drawn]
    shuffled = sorted(checks, key=lambda each: (each.ok, each.at))
    assert day_states(DAY, checks) == day_states(DAY, shuffled)


@given(st.text(alphabet="ud?x"), st.text(alphabet="ud?x"))
def test_counts_of_joined_days_add_up(first: str, second: str) -> None:
    assert count_minutes(first + second) == count_minutes(first) + count_minutes(second)


def test_a_day_nobody_wrote_down_is_unknown() -> None:
    counts = count_month(Month(2026, 3), {DAY: "u" * MINUTES_A_DAY})
    assert counts == MinuteCounts(up=MINUTES_A_DAY, unknown=30 * MINUTES_A_DAY)


@pytest.mark.parametrize("days", [{date(2026, 4, 1): "u" * MINUTES_A_DAY}, {DAY: "u" * 1439}])
def test_a_month_of_other_days_or_half_days_is_refused(days: dict[date, str]) -> None:
    with pytest.raises(InvalidValue):
        count_month(Month(2026, 3), days)


def test_the_rows_of_a_series_day_name_the_day() -> None:
    assert sli_rows(DAY, "ud") == [{"day": "2026-03-08", "states": "ud"}]
