"""Billing months: calendar months of Asia/Shanghai, as UTC intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from foundation.values.errors import InvalidValue
from foundation.values.instant import SHANGHAI, Interval, utc

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def day_interval(day: date) -> Interval:
    """The UTC interval of one Shanghai calendar day."""
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    following = day + timedelta(days=1)
    return Interval(utc(start), utc(datetime(following.year, following.month, following.day, tzinfo=SHANGHAI)))


def shanghai_day(instant: datetime) -> date:
    """The Shanghai calendar day an instant falls in."""
    return utc(instant).astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month in Shanghai."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2026-03``."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise InvalidValue(field="month", found=repr(text), expected="YYYY-MM")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, instant: datetime) -> Month:
        """The month an instant falls in, by the Shanghai calendar."""
        day = shanghai_day(instant)
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def following(self) -> Month:
        """The month after."""
        return Month(self.year + 1, 1) if self.number == 12 else Month(self.year, self.number + 1)

    @property
    def interval(self) -> Interval:
        """Half-open, in UTC."""
        return Interval(day_interval(self.first).start, day_interval(self.following().first).start)

    @property
    def first(self) -> date:
        """The first calendar day."""
        return date(self.year, self.number, 1)

    @property
    def seconds(self) -> int:
        """Seconds of the whole month: the divisor of a monthly price."""
        return self.interval.microseconds // 1_000_000

    def days(self) -> Iterator[date]:
        """Every calendar day, in order."""
        day = self.first
        while day < self.following().first:
            yield day
            day += timedelta(days=1)
