"""What a service item would cost a month, by the very code that bills: so many of one plan, held the whole month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.collect import allocation_meters, unit_seconds
from billing.estimate import in_force_at
from billing.rating import Holding, Use, rate, segments_of
from foundation.evidence import plain
from foundation.store import Transaction
from foundation.values.month import Month
from governance.catalogue import prices_for, services_for
from governance.catalogue.model import Plan, Service


def estimate_item(
    transaction: Transaction, agency: str, service: str, plan: str, quantity: int, at: datetime
) -> tuple[int, Sequence[Mapping[str, Any]]] | None:
    """Fen for the calendar month of ``at`` and the lines it adds up from; None where nothing is held by the month.

    What is counted as it is used (calls, traffic) has no monthly price; nor has a plan that is not on offer.
    """
    month = Month.of(at)
    offered = {each.code: each for each in services_for(transaction, agency, at)}
    found = _plan(offered.get(service), plan)
    if found is None:
        return None
    meters = [meter for meter in allocation_meters(offered.values())[service] if meter.attribute in found.attributes]
    versions = prices_for(transaction, agency, month.interval)
    priced = {(version.service, version.meter) for version in versions}
    if not any((service, meter.code) in priced for meter in meters):
        return None
    holding = Holding(
        resource=f"{service}/{plan}",
        agency=agency,
        system="",
        project="",
        fund_source="",
        service=service,
        plan=plan,
        opened=month.interval.start,
        closed=None,
    )
    uses = [
        Use(
            agency,
            holding.resource,
            meter.code,
            month.interval.start,
            unit_seconds(Decimal(found.attributes[meter.attribute]) * quantity, month.interval),
        )
        for meter in meters
    ]
    prices = in_force_at(versions, at, month)
    rated = rate(segments_of(uses, [holding], prices, month), [holding], prices, month)
    return rated.charged, [plain(line) for line in rated.lines]


def _plan(service: Service | None, plan: str) -> Plan | None:
    return None if service is None else next((each for each in service.plans if each.code == plan), None)
