"""Instants and half-open intervals, always UTC, to the microsecond."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from foundation.values.errors import InvalidValue

SHANGHAI = ZoneInfo("Asia/Shanghai")
Clock = Callable[[], datetime]
"""Gives now, aware and in UTC. Passed as an argument: nothing below ``wiring`` reads the machine's clock."""


def utc(value: datetime, *, field: str = "instant") -> datetime:
    """``value`` in UTC; a naive datetime is refused, because it names no instant."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidValue(field=field, found=repr(value), expected="an instant with a time zone")
    return value.astimezone(UTC)


def format_instant(value: datetime) -> str:
    """The one text form: ``2026-03-01T00:00:00Z``, with six digits of fraction only where there are any."""
    text = utc(value).isoformat(timespec="microseconds" if value.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z"


def parse_instant(text: str, *, field: str = "instant") -> datetime:
    """Read an ISO 8601 instant with an offset or ``Z``."""
    try:
        return utc(datetime.fromisoformat(text), field=field)
    except ValueError as cause:
        raise InvalidValue(field=field, found=repr(text), expected="ISO 8601 with an offset") from cause


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """``[start, end)`` in UTC, never empty or backward."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", utc(self.start))
        object.__setattr__(self, "end", utc(self.end))
        if self.end <= self.start:
            raise InvalidValue(
                field="interval",
                found=f"[{format_instant(self.start)}, {format_instant(self.end)})",
                expected="an end after the start",
            )

    @property
    def microseconds(self) -> int:
        """Length in microseconds, exact."""
        return (self.end - self.start) // timedelta(microseconds=1)

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def meet(self, other: Interval) -> Interval | None:
        """The part both share, or nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def cut(interval: Interval, boundaries: Iterable[datetime]) -> Iterator[Interval]:
    """``interval`` cut at the boundaries inside it, in order; the pieces join back to the whole."""
    start = interval.start
    for boundary in sorted(set(boundaries)):
        if start < boundary < interval.end:
            yield Interval(start, boundary)
            start = boundary
    yield Interval(start, interval.end)
