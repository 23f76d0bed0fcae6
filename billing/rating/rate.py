"""Rate segments: gather them into lines, price each line by its price's unit, round once, number them.

pre (gather) → one pricer per price unit → post (round half up to the fen, order, number).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from billing.rating.exact import ExactSum
from billing.rating.model import Holding, Line, Price, PriceUnit, Rated, Segment, Uncharged
from billing.rating.segments import Epoch, check_holdings, epochs_of
from foundation.values.money import fen
from foundation.values.month import Month

Divisor = Callable[[Month], int]
PRICERS: Mapping[PriceUnit, Divisor] = {
    PriceUnit.PER_MONTH: lambda month: month.seconds,
    PriceUnit.PER_UNIT: lambda month: 1,
}
"""What a quantity is divided by before the price applies: unit-seconds of a month, or nothing."""

LineKey = tuple[str, str, str, str, str, str, str]
"""(system, project, fund source, service, plan, meter, price version)."""


Key = TypeVar("Key", bound=tuple[str, ...])


@dataclass(slots=True)
class _Gathered:
    total: ExactSum = field(default_factory=ExactSum)
    resources: set[str] = field(default_factory=set)


def rate(segments: Iterable[Segment], holdings: Iterable[Holding], prices: Iterable[Price], month: Month) -> Rated:
    """Lines and uncharged use of one agency's month, the same for every order of the arguments.

    A line is (system, project, fund source, service, plan, meter, price version); its amount is rounded once.
    """
    epochs = epochs_of(prices, month)
    by_price = {epoch.price.id: epoch for epoch in epochs}
    register = {
        (holding.agency, holding.resource, holding.opened): holding for holding in check_holdings(holdings, month)
    }
    lines: dict[LineKey, _Gathered] = {}
    uncharged: dict[tuple[str, str, str, str], _Gathered] = {}
    priced_meters = {(epoch.price.service, epoch.price.meter) for epoch in epochs}
    for segment in segments:
        holding = _holding(register, segment)
        if holding is not None and segment.price_version:
            _add(lines, _line_key(holding, segment), segment)
            continue
        service = "" if holding is None else holding.service
        reason = "unregistered"
        if holding is not None:
            reason = "price-gap" if (service, segment.meter) in priced_meters else "unpriced"
        _add(uncharged, (reason, segment.resource, service, segment.meter), segment)
    return Rated(
        lines=tuple(
            _line(number, key, gathered, by_price[key[-1]], month)
            for number, (key, gathered) in enumerate(sorted(lines.items(), key=_in_order(by_price)), 1)
        ),
        uncharged=tuple(
            Uncharged(*key, quantity=gathered.total.value, records=gathered.total.count)
            for key, gathered in sorted(uncharged.items(), key=lambda item: item[0])
        ),
    )


def amount_fen(quantity: Decimal, price: Decimal, divisor: int) -> int:
    """quantity × price ÷ divisor in fen: exact, then rounded half up once."""
    return fen(Fraction(quantity) * Fraction(price) / divisor)


def _holding(register: Mapping[tuple[str, str, datetime], Holding], segment: Segment) -> Holding | None:
    return None if segment.opened is None else register[(segment.agency, segment.resource, segment.opened)]


def _line_key(holding: Holding, segment: Segment) -> LineKey:
    return (
        holding.system,
        holding.project,
        holding.fund_source,
        holding.service,
        holding.plan,
        segment.meter,
        segment.price_version,
    )


def _add(gathered: dict[Key, _Gathered], key: Key, segment: Segment) -> None:
    entry = gathered.setdefault(key, _Gathered())
    entry.total.add(segment.quantity, count=segment.records)
    entry.resources.add(segment.resource)


def _in_order(by_price: Mapping[str, Epoch]) -> Callable[[tuple[LineKey, _Gathered]], tuple[object, ...]]:
    """Lines in the order a person reads them: a meter's price versions follow each other in time."""
    return lambda item: (*item[0][:-1], by_price[item[0][-1]].period.start, item[0][-1])


def _line(number: int, key: LineKey, gathered: _Gathered, epoch: Epoch, month: Month) -> Line:
    price = epoch.price
    divisor = PRICERS[price.unit](month)
    return Line(
        number,
        *key,
        price=price.price,
        price_unit=price.unit,
        divisor=divisor,
        quantity=gathered.total.value,
        amount=amount_fen(gathered.total.value, price.price, divisor),
        includes_vat=price.includes_vat,
        vat_rate=price.vat_rate,
        period=epoch.period,
        resources=tuple(sorted(gathered.resources)),
        records=gathered.total.count,
    )
