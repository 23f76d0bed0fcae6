"""What service items would cost a month, priced as they will be charged: the version in force, one rounding a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.items.errors import InvalidItem
from billing.items.pricing import price_in_force
from billing.rating.model import PriceUnit
from billing.sources import price_of
from foundation.store import Transaction
from foundation.values.money import fen
from foundation.values.month import Month
from governance.catalogue import prices_for


def estimate_items(
    transaction: Transaction, agency: str, items: Sequence[tuple[str, str, Decimal]], at: datetime
) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """(Fen, lines as plain values) for one month of (service, meter, quantity) of ``agency``, at the prices of ``at``.

    Raises ``InvalidItem`` where no version is in force, or one that is not per unit.
    """
    month = Month.of(at)
    prices = [price_of(version) for version in prices_for(transaction, agency, month.interval)]
    lines: list[dict[str, Any]] = []
    for service, meter, quantity in items:
        version = price_in_force(service, meter, month, prices)
        if version is None or version.unit is not PriceUnit.PER_UNIT:
            found = "none" if version is None else f"{version.id} ({version.unit})"
            expected = f"a price per unit of {service}/{meter} at the end of {month}"
            raise InvalidItem(item=f"{service}/{meter}", field="price", found=found, expected=expected)
        amount = fen(Fraction(quantity) * Fraction(version.price))
        facts = {"service": service, "meter": meter, "quantity": format(quantity, "f"), "price_version": version.id}
        lines.append(facts | {"price": format(version.price, "f"), "amount": amount})
    return sum(line["amount"] for line in lines), lines
