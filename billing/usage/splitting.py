"""Cut a usage record at boundaries, pro rata by time, so that the pieces add up to the record. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from billing.rating.exact import from_quanta, quanta
from foundation.values.instant import cut
from foundation.values.month import day_interval, shanghai_day
from governance.metering import UsageRecord


def split(record: UsageRecord, boundaries: Iterable[datetime]) -> tuple[UsageRecord, ...]:
    """The pieces of ``record`` between the boundaries inside it, in time order, each with the record's key.

    A piece has its share of the quantity by length, in whole quanta (10⁻⁶) towards zero; what is left over goes to
    the earlier pieces, one quantum each (DOMAIN §3).
    """
    pieces = list(cut(record.interval, boundaries))
    whole, length = quanta(record.quantity), record.interval.microseconds
    parts = [abs(whole) * piece.microseconds // length for piece in pieces]
    for index in range(abs(whole) - sum(parts)):
        parts[index] += 1
    sign = -1 if whole < 0 else 1
    return tuple(
        replace(record, interval=piece, quantity=from_quanta(sign * part))
        for piece, part in zip(pieces, parts, strict=True)
    )


def split_by_day(record: UsageRecord, prices_change: Iterable[datetime] = ()) -> tuple[UsageRecord, ...]:
    """The pieces of ``record`` between Shanghai midnights and price boundaries."""
    day, last = shanghai_day(record.interval.start), shanghai_day(record.interval.end)
    midnights = []
    while day < last:
        day += timedelta(days=1)
        midnights.append(day_interval(day).start)
    return split(record, (*midnights, *prices_change))
