"""From uses to segments: which holding and which price version each use belongs to, then exact sums.

A use belongs to the holding and to the price that are in force at its start; day close has cut the uses at price
boundaries before, so that nothing is charged half at the wrong price. The usage store does the same pass in DuckDB.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from billing.errors import OverlappingHoldings, OverlappingPrices
from billing.rating.exact import ExactSum
from billing.rating.model import Holding, Price, Segment, Use
from foundation.values.instant import Interval, format_instant
from foundation.values.month import Month


@dataclass(frozen=True, slots=True)
class Epoch:
    """The part of a month in which one price version of one meter holds."""

    price: Price
    period: Interval


def epochs_of(prices: Iterable[Price], month: Month) -> tuple[Epoch, ...]:
    """Every price version's part of the month, by service, meter and start; an overlap is refused."""
    found = []
    for price in prices:
        period = _clip(price.start, price.end, month)
        if period is not None:
            found.append(Epoch(price, period))
    found.sort(key=lambda epoch: (epoch.price.service, epoch.price.meter, epoch.period.start, epoch.price.id))
    for before, after in pairwise(found):
        same = (before.price.service, before.price.meter) == (after.price.service, after.price.meter)
        if same and after.period.start < before.period.end:
            raise OverlappingPrices(
                service=before.price.service, meter=before.price.meter, first=before.price.id, second=after.price.id
            )
    return tuple(found)


def check_holdings(holdings: Iterable[Holding], month: Month) -> tuple[Holding, ...]:
    """The holdings that meet the month, by agency, resource and opening; an overlap is refused."""
    inside = [holding for holding in holdings if _clip(holding.opened, holding.closed, month) is not None]
    inside.sort(key=lambda holding: (holding.agency, holding.resource, holding.opened))
    for before, after in pairwise(inside):
        same = (before.agency, before.resource) == (after.agency, after.resource)
        if same and (before.closed is None or after.opened < before.closed):
            raise OverlappingHoldings(
                agency=after.agency, resource=after.resource, instant=format_instant(after.opened)
            )
    return tuple(inside)


def segments_of(
    uses: Iterable[Use], holdings: Iterable[Holding], prices: Iterable[Price], month: Month
) -> tuple[Segment, ...]:
    """Sum the month's uses by agency, resource, holding, meter and price version; uses outside the month are left."""
    register: dict[tuple[str, str], list[Holding]] = {}
    for holding in check_holdings(holdings, month):
        register.setdefault((holding.agency, holding.resource), []).append(holding)
    tariff: dict[tuple[str, str], list[Epoch]] = {}
    for epoch in epochs_of(prices, month):
        tariff.setdefault((epoch.price.service, epoch.price.meter), []).append(epoch)
    sums: dict[tuple[str, str, datetime | None, str, str], ExactSum] = {}
    for use in uses:
        if use.start not in month.interval:
            continue
        holding_now = _holding_at(register.get((use.agency, use.resource), ()), use.start)
        price_id = ""
        if holding_now is not None:
            price_id = _price_at(tariff.get((holding_now.service, use.meter), ()), use.start)
        opened = None if holding_now is None else holding_now.opened
        key = (use.agency, use.resource, opened, use.meter, price_id)
        sums.setdefault(key, ExactSum()).add(use.quantity)
    return ordered(Segment(*key, quantity=found.value, records=found.count) for key, found in sums.items())


def ordered(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Segments in their one order; unregistered ones come before the registered of the same resource."""
    return tuple(
        sorted(
            segments,
            key=lambda segment: (
                segment.agency,
                segment.resource,
                "" if segment.opened is None else format_instant(segment.opened),
                segment.meter,
                segment.price_version,
            ),
        )
    )


def _clip(start: datetime, end: datetime | None, month: Month) -> Interval | None:
    first, last = max(start, month.interval.start), month.interval.end
    if end is not None:
        last = min(end, last)
    return Interval(first, last) if first < last else None


def _holding_at(holdings: Sequence[Holding], instant: datetime) -> Holding | None:
    index = bisect_right(holdings, instant, key=lambda holding: holding.opened) - 1
    if index < 0:
        return None
    holding = holdings[index]
    return holding if holding.closed is None or instant < holding.closed else None


def _price_at(epochs: Sequence[Epoch], instant: datetime) -> str:
    index = bisect_right(epochs, instant, key=lambda epoch: epoch.period.start) - 1
    return epochs[index].price.id if index >= 0 and instant in epochs[index].period else ""
