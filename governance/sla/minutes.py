"""SLI minutes 分钟可用性: one character a minute, 1,440 characters a Shanghai day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval, format_instant
from foundation.values.month import Month, day_interval

MINUTES_A_DAY = 1440
"""Shanghai keeps one offset all year, so every day has as many."""

_MINUTE = timedelta(minutes=1)


class MinuteState(StrEnum):
    """可用, 不可用, 未知, 剔除. The value is the character a day's text holds."""

    UP = "u"
    DOWN = "d"
    UNKNOWN = "?"
    EXCLUDED = "x"


@dataclass(frozen=True, slots=True)
class Check:
    """One timed check of a service: when, and whether it answered."""

    at: datetime
    ok: bool


@dataclass(frozen=True, slots=True)
class MinuteCounts:
    """How many minutes stood in each state; never negative. Counts of periods add up."""

    up: int = 0
    down: int = 0
    unknown: int = 0
    excluded: int = 0

    def __post_init__(self) -> None:
        if min(self.up, self.down, self.unknown, self.excluded) < 0:
            raise InvalidValue(field="minutes", found=str(self), expected="none below zero")

    @property
    def total(self) -> int:
        """Every minute of the period, in whatever state."""
        return self.up + self.down + self.unknown + self.excluded

    def __add__(self, other: MinuteCounts) -> MinuteCounts:
        return MinuteCounts(
            self.up + other.up,
            self.down + other.down,
            self.unknown + other.unknown,
            self.excluded + other.excluded,
        )


def classify(checks: Sequence[bool]) -> MinuteState:
    """The state of one minute from its checks: down only if every one failed, "unreachable for the whole minute".

    Without a check nothing is known.
    """
    if not checks:
        return MinuteState.UNKNOWN
    return MinuteState.UP if any(checks) else MinuteState.DOWN


def day_states(day: date, checks: Iterable[Check], *, excluded: Iterable[Interval] = ()) -> str:
    """The 1,440 states of one Shanghai day, in any order of ``checks``.

    A minute is excluded if it lies wholly inside an approved exclusion, whatever the checks say. A check outside
    the day raises ``InvalidValue``: it belongs to another.
    """
    interval = day_interval(day)
    by_minute: dict[int, list[bool]] = {}
    for check in checks:
        if check.at not in interval:
            raise InvalidValue(field="check", found=format_instant(check.at), expected=f"an instant of {day}")
        by_minute.setdefault((check.at - interval.start) // _MINUTE, []).append(check.ok)
    states = [classify(by_minute.get(minute, ())) for minute in range(MINUTES_A_DAY)]
    for exclusion in excluded:
        inside = exclusion.meet(interval)
        if inside is not None:
            first = -((interval.start - inside.start) // _MINUTE)  # the first whole minute: rounded up
            after = (inside.end - interval.start) // _MINUTE
            states[first:after] = [MinuteState.EXCLUDED] * max(0, after - first)
    return "".join(states)


def count_minutes(states: str) -> MinuteCounts:
    """Count the states of a day, or of days joined; another character raises ``InvalidValue``."""
    counts = MinuteCounts(*(states.count(state) for state in MinuteState))
    if counts.total != len(states):
        stranger = next(character for character in states if character not in set(MinuteState))
        raise InvalidValue(field="states", found=repr(stranger), expected="one of " + " ".join(MinuteState))
    return counts


def count_month(month: Month, days: Mapping[date, str]) -> MinuteCounts:
    """Count one service's month from its days' states; a day nobody wrote down is unknown, never left out.

    Raises ``InvalidValue`` for a day outside the month or one that has not all its minutes.
    """
    strangers = sorted(day for day in days if day not in set(month.days()))
    if strangers:
        raise InvalidValue(field="day", found=strangers[0].isoformat(), expected=f"a day of {month}")
    for day, states in days.items():
        if len(states) != MINUTES_A_DAY:
            raise InvalidValue(field=f"states of {day}", found=f"{len(states)} minutes", expected=str(MINUTES_A_DAY))
    unwatched = MinuteState.UNKNOWN * MINUTES_A_DAY
    return count_minutes("".join(days.get(day, unwatched) for day in month.days()))


def sli_rows(day: date, states: str) -> list[dict[str, str]]:
    """The canonical rows of one series-day in the SLI tree, whose label is the service's code."""
    return [{"day": day.isoformat(), "states": states}]
