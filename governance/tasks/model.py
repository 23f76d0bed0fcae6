"""A task and its deadline as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from foundation.values.errors import InvalidValue
from foundation.values.working_days import AwaitingCalendar
from governance.parties.model import Duty


@dataclass(frozen=True, slots=True)
class Within:
    """A clock: to the end of the ``working_days``-th working day after the day of ``start`` in Shanghai."""

    start: datetime
    working_days: int

    def __post_init__(self) -> None:
        if self.working_days < 1:
            raise InvalidValue(field="working days", found=str(self.working_days), expected="at least 1")


Due = datetime | Within | None
"""By when: an instant, a clock in working days, or no deadline."""


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody of ``party`` with ``duty`` is to act on ``subject``. ``kind`` says what (``need.decide``).

    ``about`` is the agency whose thing it is, empty where it is nobody's. ``taken_by`` is the natural person who took
    it, empty while it waits for anybody. Instants are business time.
    """

    number: int
    party: str
    duty: Duty
    kind: str
    subject: str
    about: str
    zh: str
    en: str
    opened_at: datetime
    due_at: datetime | AwaitingCalendar | None
    taken_by: str
    taken_at: datetime | None
    closed_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Whether it is open past its deadline; a deadline that awaits its calendar is not past."""
        return self.closed_at is None and isinstance(self.due_at, datetime) and now >= self.due_at
