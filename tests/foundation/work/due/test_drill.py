"""Thousands of due jobs, a worker that stands still for three days, kills, and a clock stepped a day either way.

What happened is compared with an oracle in plain Python, which knows nothing of the code under test: it lists every
occurrence of a rule by walking through the days, and plays the same clock readings through.
"""

from __future__ import annotations

import itertools
import time as stopwatch
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest

from foundation.work.due import CatchUp, Cron, DueRule, EveryDay, MonthDay, WorkingDays
from foundation.work.due.tables import due_occurrences
from tests.foundation.work.due.conftest import EVERYONE, Due

FIRST = datetime(2026, 2, 19, 0, 0, 30, tzinfo=UTC)
DAY, QUARTER = timedelta(days=1), timedelta(hours=6)
EIGHT_HOURS = timedelta(hours=8)
GRACE = timedelta(hours=7)


@dataclass(frozen=True)
class Case:
    """A rule, and what the oracle says are its occurrences."""

    rule: DueRule
    occurrences: list[datetime]


# The oracle


SPRING_FESTIVAL = {date(2026, 2, number) for number in range(15, 24)}
MAKE_UP_DAYS = {date(2026, 2, 14), date(2026, 2, 28)}
DAYS = [date(2026, 2, 1) + timedelta(days=number) for number in range(60)]


def at(day: date, minutes: int) -> datetime:
    """A minute of a day in Shanghai, which is eight hours ahead."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes) - EIGHT_HOURS


def works(day: date) -> bool:
    return day in MAKE_UP_DAYS or (day.weekday() < 5 and day not in SPRING_FESTIVAL)


def month_ends(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


CRONS: dict[str, list[datetime]] = {
    "15 */6 * * *": [at(day, 60 * hour + 15) for day in DAYS for hour in (0, 6, 12, 18)],
    "40 8,17 * * mon-fri": [at(day, 60 * hour + 40) for day in DAYS if day.weekday() < 5 for hour in (8, 17)],
    "0 0 last * *": [at(day, 0) for day in DAYS if month_ends(day)],
    "5 3 20-28 feb *": [at(day, 185) for day in DAYS if day.month == 2 and 20 <= day.day <= 28],
    "30 23 * * sat,sun": [at(day, 1410) for day in DAYS if day.weekday() > 4],
}


def cases(size: int) -> list[Case]:
    """A mixture in which every kind of rule meets every catch-up."""
    catch_ups = itertools.cycle(CatchUp)
    found = []
    for number in range(size):
        minute = number * 37 % 1440
        clock = time(minute // 60, minute % 60)
        name, catch_up = f"rule-{number:05}", next(catch_ups)
        wanted = {"catch_up": catch_up, "grace": GRACE, "agency": f"agency-{number % 67}"}
        match number // 3 % 4:
            case 0:
                rule, when = EveryDay(clock), [at(day, minute) for day in DAYS]
            case 1:
                nth = number % 31 + 1
                rule = MonthDay(nth, clock)
                when = [at(day, minute) for day in DAYS if day.day == nth or (month_ends(day) and day.day < nth)]
            case 2:
                after, count = DAYS[number % 20], number % 9 + 1
                rule = WorkingDays(after, count, clock)
                when = [at([day for day in DAYS if day > after and works(day)][count - 1], minute)]
            case _:
                expression = list(CRONS)[number % len(CRONS)]
                rule, when = Cron(expression), CRONS[expression]
        found.append(Case(DueRule(name, "work", rule, **wanted), when))  # type: ignore[arg-type]
    return found


def readings() -> list[datetime]:
    """What the clock says at each tick."""

    def every_quarter(start: datetime, days: int) -> Iterator[datetime]:
        return (start + QUARTER * number for number in range(days * 4))

    stopped = FIRST + 5 * DAY
    later = stopped + 3 * DAY
    return [
        *every_quarter(FIRST, 2),  # a worker at work, then nothing for three days
        *every_quarter(stopped, 1),
        *every_quarter(stopped + 2 * DAY, 1),  # stepped a day ahead, for six hours and more
        *every_quarter(stopped + DAY, 2),  # and back
        *every_quarter(later - DAY, 1),  # a day behind
        *every_quarter(later, 4),  # and forward
    ]


def expected(case: Case, clock: Sequence[datetime]) -> dict[tuple[str, datetime], tuple[str, int]]:
    """(rule, instant) → (outcome, folded), by the rule's catch-up."""
    name, catch_up = case.rule.name, case.rule.catch_up
    outcomes: dict[tuple[str, datetime], tuple[str, int]] = {}
    if isinstance(case.rule.rule, WorkingDays) and case.occurrences[0] <= FIRST:
        return {(name, case.occurrences[0]): ("missed", 0)}  # over before it was asked for
    waiting = sorted(instant for instant in case.occurrences if instant > FIRST)
    for now in clock:
        due = [instant for instant in waiting if instant <= now]
        waiting = [instant for instant in waiting if instant > now]
        if due and catch_up is CatchUp.ONCE:
            outcomes[name, due[-1]] = ("enqueued", len(due) - 1)
        elif due:
            for instant in due:
                in_time = catch_up is CatchUp.EACH or now - instant <= GRACE
                outcomes[name, instant] = ("enqueued" if in_time else "skipped", 0)
    return outcomes


# The drill


class Dies(BaseException):
    """A kill in the middle of a tick, once the jobs of a batch are written and before its commit."""


@pytest.mark.parametrize("size", [200, pytest.param(10_000, marks=pytest.mark.drill)])
def test_every_due_job_is_done_by_its_rule_and_none_twice(due: Due, size: int) -> None:
    began = stopwatch.monotonic()
    given, clock = cases(size), readings()
    due.clock.now = FIRST
    due.put(*(case.rule for case in given))
    enqueued = 0
    for number, now in enumerate(clock):
        due.clock.now = now
        if number % 3 == 0:
            due.queue.dies = Dies()
            with suppress(Dies):
                due.tick()
            due.queue.dies = None
        enqueued += due.tick().enqueued
        assert due.tick().enqueued == 0
    wanted = {key: outcome for case in given for key, outcome in expected(case, clock).items()}
    with due.store.reading() as transaction:
        rows = transaction.rows(due_occurrences.select(EVERYONE))
    assert {(row["rule"], row["at"]): (row["outcome"], row["folded"]) for row in rows} == wanted
    runs = {
        f"due:{name}:{instant:%Y-%m-%dT%H:%M:%SZ}"
        for (name, instant), found in wanted.items()
        if found[0] == "enqueued"
    }
    assert due.runs().keys() == runs
    assert enqueued == len(runs)
    seconds = stopwatch.monotonic() - began
    print(f"{size} due jobs, {len(clock)} ticks, {len(rows)} occurrences, {len(runs)} runs: {seconds:.1f} s")
    assert seconds < 60
