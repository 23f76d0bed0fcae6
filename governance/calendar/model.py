"""One year's official notice on holidays 节假日安排通知, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.working_days import WorkingYear


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday by its name in the notice, from the first day off to the last, weekends among them."""

    name: str
    first_day: date
    last_day: date

    @property
    def days(self) -> tuple[date, ...]:
        """Every day off."""
        return tuple(self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1))


@dataclass(frozen=True, slots=True)
class Notice:
    """What the notice says: its 文号 and day, the holidays, the make-up working days 调休."""

    year: int
    document_number: str
    issued_on: date
    holidays: tuple[Holiday, ...]
    make_up_days: tuple[date, ...]

    @property
    def digest(self) -> str:
        """Of the whole content."""
        return sha256_hex(canonical_bytes(self))

    @property
    def working_year(self) -> WorkingYear:
        """The year as clocks count it."""
        days = frozenset(day for holiday in self.holidays for day in holiday.days)
        return WorkingYear(self.year, days, frozenset(self.make_up_days))


@dataclass(frozen=True, slots=True)
class LoadedYear:
    """One version of a year as loaded: the newest holds, the older ones are kept. ``loaded_at`` is business time."""

    notice: Notice
    version: int
    digest: str
    person: str
    account: str
    loaded_at: datetime
    recorded_at: datetime
