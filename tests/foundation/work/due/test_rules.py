"""A rule is a value with one JSON form and one sentence; its occurrences are instants that only go forward."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.evidence import canonical_bytes, read_canonical
from foundation.values.errors import InvalidValue
from foundation.values.instant import SHANGHAI
from foundation.values.working_days import AwaitingCalendar, published_calendar
from foundation.work.due import (
    Cron,
    EveryDay,
    MonthDay,
    Rule,
    WorkingDays,
    next_after,
    occurrences,
    read_rule,
    rule_document,
    sentence,
)

CALENDAR = published_calendar()
CRONS = ["0 * * * *", "*/15 8-18 * * mon-fri", "30 2 29 2 *", "0 0 last * *", "5 4 * * sun", "0 9 1,15 */2 *"]

SUMMER_TIME_ENDED = datetime(1992, 1, 1, tzinfo=UTC)
"""Cron is APScheduler's, and that passes over times which the first night of summer time leaves out."""

times = st.times().map(lambda at: at.replace(microsecond=0))
of_ours = st.one_of(st.builds(EveryDay, times), st.builds(MonthDay, st.integers(1, 31), times))
crons = st.sampled_from(CRONS).map(Cron)
deadlines = st.builds(WorkingDays, st.dates(date(2020, 1, 1), date(2027, 12, 31)), st.integers(1, 60), times)
any_rule = st.one_of(of_ours, crons, deadlines)


def instants(since: datetime) -> st.SearchStrategy[datetime]:
    seconds = st.integers(0, 88 * 366 * 86400).map(lambda seconds: timedelta(seconds=seconds))
    return seconds.map(lambda passed: since + passed)


recurring_from = st.one_of(
    st.tuples(of_ours, instants(datetime(1984, 1, 1, tzinfo=UTC))), st.tuples(crons, instants(SUMMER_TIME_ENDED))
)
"""A rule that comes back, and an instant."""


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


@given(any_rule)
def test_a_rule_is_read_back_from_its_canonical_form(rule: Rule) -> None:
    text = canonical_bytes(rule_document(rule))
    assert read_rule(read_canonical(text.decode(), what="rule")) == rule


@given(any_rule)
def test_a_rule_says_itself_in_both_languages(rule: Rule) -> None:
    words = sentence(rule)
    assert words.zh
    assert words.en.isascii()
    assert str(words) == f"{words.zh} / {words.en}"


@given(recurring_from)
def test_occurrences_only_go_forward(given_rule: tuple[Rule, datetime]) -> None:
    rule, previous = given_rule
    for _ in range(6):
        found = next_after(rule, previous, CALENDAR)
        assert isinstance(found, datetime)
        assert found > previous
        assert found.tzinfo is UTC
        previous = found


@given(recurring_from, st.integers(0, 5 * 86400))
def test_no_occurrence_is_passed_over(given_rule: tuple[Rule, datetime], seconds: int) -> None:
    """From every instant between two occurrences the next one is the same."""
    rule, instant = given_rule
    found = next_after(rule, instant, CALENDAR)
    assert isinstance(found, datetime)
    between = min(instant + timedelta(seconds=seconds), found - timedelta(microseconds=1))
    assert next_after(rule, between, CALENDAR) == found


@given(st.integers(29, 31), times, instants(datetime(1984, 1, 1, tzinfo=UTC)))
def test_every_month_has_its_occurrence(day: int, at: time, instant: datetime) -> None:
    rule = MonthDay(day, at)
    until = instant + timedelta(days=800)
    months = [found.astimezone(SHANGHAI) for found in occurrences(rule, instant, until, CALENDAR)]
    numbers = [found.year * 12 + found.month for found in months]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all(found.day == day or (found + timedelta(days=1)).day == 1 for found in months)


@given(recurring_from, st.integers(0, 40), st.integers(0, 40))
def test_two_stretches_of_time_have_the_occurrences_of_the_whole(
    given_rule: tuple[Rule, datetime], a: int, b: int
) -> None:
    rule, start = given_rule
    middle, end = start + timedelta(hours=7 * a), start + timedelta(hours=7 * (a + b))
    parts = [*occurrences(rule, start, middle, CALENDAR), *occurrences(rule, middle, end, CALENDAR)]
    assert parts == list(occurrences(rule, start, end, CALENDAR))


def test_day_31_is_the_last_day_of_a_shorter_month() -> None:
    rule = MonthDay(31, time(2))
    found = list(occurrences(rule, shanghai(2028, 1, 1), shanghai(2028, 5, 1), CALENDAR))
    assert found == [
        shanghai(2028, 1, 31, 2),
        shanghai(2028, 2, 29, 2),
        shanghai(2028, 3, 31, 2),
        shanghai(2028, 4, 30, 2),
    ]


def test_an_occurrence_belongs_to_the_day_in_shanghai() -> None:
    assert next_after(EveryDay(time(0, 30)), datetime(2026, 3, 1, 16, 0, tzinfo=UTC), CALENDAR) == datetime(
        2026, 3, 1, 16, 30, tzinfo=UTC
    )


def test_a_time_of_day_that_summer_time_leaves_out_or_doubles_is_due_once() -> None:
    # 4 May 1986: 02:00 was followed by 03:00. 14 September 1986: 01:00 to 02:00 came twice.
    gap = list(occurrences(EveryDay(time(2, 30)), shanghai(1986, 5, 3, 12), shanghai(1986, 5, 5, 12), CALENDAR))
    assert [found.astimezone(SHANGHAI).isoformat() for found in gap] == [
        "1986-05-04T03:30:00+09:00",
        "1986-05-05T02:30:00+09:00",
    ]
    twice = list(occurrences(EveryDay(time(1, 30)), shanghai(1986, 9, 13, 12), shanghai(1986, 9, 15, 12), CALENDAR))
    assert [found.astimezone(SHANGHAI).isoformat() for found in twice] == [
        "1986-09-14T01:30:00+09:00",
        "1986-09-15T01:30:00+08:00",
    ]


def test_a_deadline_is_due_once_and_by_the_official_calendar() -> None:
    rule = WorkingDays(date(2026, 3, 27), 10, time(9))
    deadline = next_after(rule, shanghai(2026, 3, 27), CALENDAR)
    assert deadline == shanghai(2026, 4, 13, 9)
    assert next_after(rule, shanghai(2026, 4, 13, 9), CALENDAR) is None
    assert list(occurrences(rule, shanghai(2026, 1, 1), shanghai(2027, 1, 1), CALENDAR)) == [deadline]


def test_a_deadline_in_a_year_nobody_loaded_awaits_its_calendar() -> None:
    rule = WorkingDays(date(2026, 12, 30), 10, time(9))
    assert next_after(rule, shanghai(2026, 12, 30), CALENDAR) == AwaitingCalendar(2027)
    assert list(occurrences(rule, shanghai(2026, 12, 1), shanghai(2030, 1, 1), CALENDAR)) == []


def test_cron_is_computed_in_shanghai() -> None:
    assert next_after(Cron("30 2 * * mon-fri"), shanghai(2026, 3, 27, 3), CALENDAR) == shanghai(2026, 3, 30, 2, 30)
    assert next_after(Cron("0 0 29 2 *"), shanghai(2026, 3, 1), CALENDAR) == shanghai(2028, 2, 29)


@pytest.mark.parametrize("rule", [EveryDay(time(1)), MonthDay(31, time(1)), Cron("0 1 * * *")])
@pytest.mark.parametrize("instant", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_time_itself_has_two_ends(rule: Rule, instant: datetime) -> None:
    assert next_after(rule, instant, CALENDAR) is None


@pytest.mark.parametrize(
    "expression",
    [
        *("", "x", "* * * *", "* * * * * *", " 0 2 * * *", "60 * * * *", "0 25 * * *", "0 2 0 * *", "0 2 * 13 *"),
        *("0 2 * * mon5", "0 2 * * fri-mon", "0 2 1x * *", "0 2 * * monday", "a" * 500),
        *("0 2 30 2 *", "0 2 31 apr *"),  # no such day
        *("0 2 * * 1", "0 2 * * 0-4", "0 2 * * */2"),  # is 0 Monday or Sunday?
        "0 2 1 * mon",  # either, or both?
    ],
)
def test_a_wrong_cron_expression_says_what_is_expected(expression: str) -> None:
    with pytest.raises(InvalidValue, match=r"expected (minute hour day month weekday|a day that exists)"):
        Cron(expression)


@pytest.mark.parametrize(
    "document",
    [
        *({}, {"every": "week", "at": "02:00"}, {"every": "day"}, {"every": "day", "at": "02:00", "more": 1}),
        *({"every": "day", "at": "24:30"}, {"every": "day", "at": "02:00+08:00"}, {"every": "day", "at": 2}),
        *({"every": "month", "day": 0, "at": "02:00"}, {"every": "month", "day": 32, "at": "02:00"}),
        *({"working_days": 0, "after": "2026-03-27", "at": "02:00"}, {"cron": "x"}, {"cron": 5}),
        {"working_days": 3, "after": "2026-02-30", "at": "02:00"},
    ],
)
def test_a_wrong_rule_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        read_rule(document)


def test_sentences() -> None:
    assert str(sentence(MonthDay(3, time(2)))) == "每月 3 日 02:00 / on day 3 of each month at 02:00"
    assert sentence(MonthDay(31, time(2))).en == "on day 31 of each month at 02:00 (the last day of a shorter month)"
    assert str(sentence(EveryDay(time(2, 0, 5)))) == "每天 02:00:05 / every day at 02:00:05"
    assert sentence(WorkingDays(date(2026, 3, 27), 10, time(9))).zh == "2026-03-27 之后第 10 个工作日 09:00"
