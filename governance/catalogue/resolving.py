"""Which price holds for whom, and when: one pure function for estimating, rating and showing.

The nearest layer that has a version in force wins: a city's own price for its agencies, where it has none the base's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from foundation.values.instant import SHANGHAI, Interval
from governance.catalogue.model import PriceVersion, Service
from governance.metering import SUMMED

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every catalogue and price."""
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Later than every price; stands for "until ended" where intervals are compared."""

Meter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PriceGap:
    """A part of a period for which a meter on offer has no price in a layer or the layers below it."""

    service: str
    meter: str
    period: Interval


def resolve_prices(versions: Iterable[PriceVersion], layers: Sequence[str]) -> tuple[PriceVersion, ...]:
    """The versions that hold for somebody under ``layers`` (nearest first), cut so that none overlaps another.

    By service, meter and start. Of layers that are not named nothing is taken.
    """
    by_meter: defaultdict[Meter, list[PriceVersion]] = defaultdict(list)
    rank = {place: index for index, place in enumerate(layers)}
    for version in versions:
        if version.place in rank:
            by_meter[version.service, version.meter].append(version)
    resolved: list[PriceVersion] = []
    for meter in sorted(by_meter):
        taken: list[PriceVersion] = []
        for version in sorted(by_meter[meter], key=lambda each: (rank[each.place], each.start)):
            taken.extend(_outside(version, taken))
        resolved.extend(sorted(taken, key=lambda each: each.start))
    return tuple(resolved)


def in_force(versions: Iterable[PriceVersion], at: datetime) -> tuple[PriceVersion, ...]:
    """The versions that hold at one instant."""
    return tuple(each for each in versions if each.start <= at and (each.end is None or at < each.end))


def price_gaps(
    offered: Iterable[Service], versions: Iterable[PriceVersion], layers: Sequence[str], period: Interval
) -> tuple[PriceGap, ...]:
    """Where a meter that could be charged has no price in the period, by service, meter and time."""
    held: defaultdict[Meter, list[Interval]] = defaultdict(list)
    for version in resolve_prices(versions, layers):
        inside = Interval(version.start, version.end or FAR).meet(period)
        if inside is not None:
            held[version.service, version.meter].append(inside)
    gaps: list[PriceGap] = []
    for service in sorted(offered, key=lambda each: each.code):
        for meter in sorted(service.meters, key=lambda each: each.code):
            if meter.kind in SUMMED:
                gaps.extend(
                    PriceGap(service.code, meter.code, gap) for gap in _holes(held[service.code, meter.code], period)
                )
    return tuple(gaps)


def split_in_a_month(resolved: Iterable[PriceVersion]) -> PriceVersion | None:
    """A version that holds in two separate parts of one Shanghai month, if there is one.

    A bill has one line a version and month: an overlay that begins and ends inside a month would tear one in two.
    """
    pieces: defaultdict[str, list[PriceVersion]] = defaultdict(list)
    for version in resolved:
        pieces[version.id].append(version)
    for parts in pieces.values():
        for before, after in pairwise(sorted(parts, key=lambda each: each.start)):
            if before.end is not None and _month(before.end - timedelta(microseconds=1)) == _month(after.start):
                return after
    return None


def _month(instant: datetime) -> tuple[int, int]:
    local = instant.astimezone(SHANGHAI)
    return local.year, local.month


def _outside(version: PriceVersion, taken: Iterable[PriceVersion]) -> list[PriceVersion]:
    """The parts of ``version`` in which none of ``taken`` holds."""
    whole = Interval(version.start, version.end or FAR)
    met = (Interval(each.start, each.end or FAR).meet(whole) for each in taken)
    return [
        replace(version, start=part.start, end=version.end if part.end == whole.end else part.end)
        for part in _holes((part for part in met if part is not None), whole)
    ]


def _holes(held: Iterable[Interval], period: Interval) -> list[Interval]:
    """The parts of ``period`` outside ``held``, in order."""
    holes, at = [], period.start
    for interval in sorted(held):
        if at < interval.start:
            holes.append(Interval(at, interval.start))
        at = max(at, interval.end)
    if at < period.end:
        holes.append(Interval(at, period.end))
    return holes
