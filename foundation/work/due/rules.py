"""When work is due: four kinds of rule, as values. Pure; times of day are those of Asia/Shanghai.

A month without the day of a ``MonthDay`` has its occurrence on its last day: "day 31" means the month's end, and a
month without its closing would be a hole in the accounts.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from foundation.values.errors import InvalidValue
from foundation.work.due import cron

_MOST_WORKING_DAYS = 1000


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class EveryDay:
    """Every calendar day at a time of day."""

    at: time

    def __post_init__(self) -> None:
        _check_time(self.at)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """Every month on ``day`` (1 to 31), on the last day of a shorter month."""

    day: int
    at: time

    def __post_init__(self) -> None:
        _check_time(self.at)
        if not 1 <= self.day <= 31:
            raise InvalidValue(field="day of the month", found=str(self.day), expected="1 to 31")

    def date_in(self, year: int, month: int) -> date:
        """The day it falls on in one month."""
        return date(year, month, min(self.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Once: on the ``count``-th working day after the day ``after``, which itself does not count."""

    after: date
    count: int
    at: time

    def __post_init__(self) -> None:
        _check_time(self.at)
        if not 1 <= self.count <= _MOST_WORKING_DAYS:
            raise InvalidValue(field="working days", found=str(self.count), expected=f"1 to {_MOST_WORKING_DAYS}")


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields: minute, hour, day, month, weekday by name."""

    expression: str

    def __post_init__(self) -> None:
        cron.check(self.expression)


Rule = EveryDay | MonthDay | WorkingDays | Cron


def rule_document(rule: Rule) -> dict[str, Any]:
    """The rule's one JSON form; ``read_rule`` reads it back."""
    match rule:
        case EveryDay():
            return {"every": "day", "at": rule.at.isoformat()}
        case MonthDay():
            return {"every": "month", "day": rule.day, "at": rule.at.isoformat()}
        case WorkingDays():
            return {"working_days": rule.count, "after": rule.after.isoformat(), "at": rule.at.isoformat()}
        case Cron():
            return {"cron": rule.expression}


def read_rule(document: Mapping[str, Any]) -> Rule:
    """The rule of a JSON form; raises ``InvalidValue`` for anything else."""
    match dict(document):
        case {"every": "day", "at": str(at), **rest} if not rest:
            return EveryDay(_time(at))
        case {"every": "month", "day": int(day), "at": str(at), **rest} if not rest:
            return MonthDay(day, _time(at))
        case {"working_days": int(count), "after": str(after), "at": str(at), **rest} if not rest:
            return WorkingDays(_date(after), count, _time(at))
        case {"cron": str(expression), **rest} if not rest:
            return Cron(expression)
    raise InvalidValue(
        field="due rule",
        found=repr(dict(document))[:120],
        expected="every day at, every month day at, working_days after at, or cron",
    )


def sentence(rule: Rule) -> Sentence:
    """The rule in words."""
    match rule:
        case EveryDay():
            return Sentence(f"每天 {_clock(rule.at)}", f"every day at {_clock(rule.at)}")
        case MonthDay():
            zh, en = f"每月 {rule.day} 日 {_clock(rule.at)}", f"on day {rule.day} of each month at {_clock(rule.at)}"
            if rule.day <= 28:
                return Sentence(zh, en)
            return Sentence(f"{zh}(当月没有这一天时为最后一天)", f"{en} (the last day of a shorter month)")
        case WorkingDays():
            days = "working day" if rule.count == 1 else "working days"
            return Sentence(
                f"{rule.after} 之后第 {rule.count} 个工作日 {_clock(rule.at)}",
                f"{rule.count} {days} after {rule.after} at {_clock(rule.at)}",
            )
        case Cron():
            return Sentence(
                f"按 cron 表达式 {rule.expression}(北京时间)",
                f"by the cron expression {rule.expression} (Shanghai time)",
            )


def _check_time(at: time) -> None:
    if at.tzinfo is not None or at.microsecond:
        raise InvalidValue(field="time of day", found=at.isoformat(), expected="HH:MM or HH:MM:SS, Shanghai time")


def _clock(at: time) -> str:
    return at.isoformat("seconds" if at.second else "minutes")


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as cause:
        raise InvalidValue(field="time of day", found=repr(text), expected="HH:MM or HH:MM:SS") from cause


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise InvalidValue(field="day", found=repr(text), expected="YYYY-MM-DD") from cause
