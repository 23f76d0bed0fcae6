"""What an item comes to: the price version in force at the end of its month, one rounding. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from billing.items.errors import InvalidItem
from billing.items.model import Acceptance, Item, item_digest
from billing.rating.model import Price, PriceUnit
from foundation.values.money import fen
from foundation.values.month import Month


@dataclass(frozen=True, slots=True)
class PricedItem:
    """An item with its price. amount = quantity × price × ``factor`` in yuan, rounded once to the fen.

    ``factor`` is 1 of a service item; of an outcome the criterion's share of the price × the accepted share, and 0
    while it is not accepted.
    """

    item: Item
    digest: str
    acceptance: Acceptance | None
    price_version: str
    price: Decimal
    factor: Decimal
    amount: int
    includes_vat: bool
    vat_rate: Decimal


def price_in_force(service: str, meter: str, month: Month, prices: Iterable[Price]) -> Price | None:
    """The version in force at the month's last instant, as for every meter that does not add up over time."""
    last = month.interval.end - timedelta(microseconds=1)
    held = [
        price
        for price in prices
        if (price.service, price.meter) == (service, meter)
        and price.start <= last
        and (price.end is None or last < price.end)
    ]
    return max(held, key=lambda price: (price.start, price.id), default=None)


def price_item(item: Item, acceptance: Acceptance | None, prices: Iterable[Price]) -> PricedItem:
    """Price one item; raises ``InvalidItem`` where no version is in force, or one that is not per unit."""
    version = price_in_force(item.service, item.meter, item.month, prices)
    if version is None or version.unit is not PriceUnit.PER_UNIT:
        found = "none" if version is None else f"{version.id} ({version.unit})"
        expected = f"a price per unit of {item.service}/{item.meter} at the end of {item.month}"
        raise InvalidItem(item=item.id, field="price", found=found, expected=expected)
    digest = item_digest(item)
    if acceptance is not None and acceptance.digest != digest:
        raise InvalidItem(item=item.id, field="acceptance.digest", found=acceptance.digest, expected=digest)
    factor = Decimal(1)
    if item.criterion is not None:
        # Two shares of at most eight decimals: a decimal holds their product exactly.
        factor = Decimal(0) if acceptance is None else item.criterion.share * acceptance.share
    return PricedItem(
        item=item,
        digest=digest,
        acceptance=acceptance,
        price_version=version.id,
        price=version.price,
        factor=factor,
        amount=fen(Fraction(item.quantity) * Fraction(version.price) * Fraction(factor)),
        includes_vat=version.includes_vat,
        vat_rate=version.vat_rate,
    )
