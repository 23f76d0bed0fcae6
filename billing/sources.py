"""The edge to governance: its contracts, prices and register entries as billing's own pure values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from billing.errors import KindNotRated
from billing.rating.model import Holding, Price, PriceUnit, Segment
from billing.statements.model import DeductionTerms
from governance.catalogue.model import PriceVersion, Service
from governance.contracts.model import SettlementScheme
from governance.metering import SUMMED, RegisterEntry
from governance.projects.model import BusinessSystem
from governance.sla import Tier

Names = dict[str, dict[str, str]]

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every contract: where a look at all that was ever published begins."""


def price_of(version: PriceVersion) -> Price:
    """A published price version."""
    return Price(
        id=version.id,
        service=version.service,
        meter=version.meter,
        unit=PriceUnit(version.unit.value),
        price=version.price,
        start=version.start,
        end=version.end,
        includes_vat=version.includes_vat,
        vat_rate=version.vat_rate,
        cites=version.cites,
    )


def holding_of(entry: RegisterEntry) -> Holding:
    """A register entry, without what only the cloud and the meters need."""
    return Holding(
        resource=entry.resource,
        agency=entry.agency,
        system=entry.system,
        project=entry.project,
        fund_source=entry.fund_source,
        service=entry.service,
        plan=entry.plan,
        opened=entry.opened,
        closed=entry.closed,
    )


def terms_of(scheme: SettlementScheme) -> DeductionTerms:
    """What the settlement scheme says of availability."""
    tiers = tuple(Tier(below=tier.below, deduction=tier.deduction) for tier in scheme.tiers)
    return DeductionTerms(scheme=scheme.id, tiers=tiers, grace=scheme.grace)


def check_kinds(segments: Iterable[Segment], holdings: Iterable[Holding], services: Iterable[Service]) -> None:
    """Raise ``KindNotRated`` for use of a meter whose kind is not a sum of its records: segments are sums."""
    kinds = {(service.code, meter.code): meter.kind for service in services for meter in service.meters}
    held = {(holding.resource, holding.opened): holding.service for holding in holdings}
    for segment in segments:
        service = "" if segment.opened is None else held.get((segment.resource, segment.opened), "")
        kind = kinds.get((service, segment.meter))
        if kind is not None and kind not in SUMMED:
            raise KindNotRated(
                service=service, meter=segment.meter, kind=kind, kind_zh=kind.zh, resource=segment.resource
            )


def names_of(services: Iterable[Service], systems: Iterable[BusinessSystem]) -> Names:
    """What codes are called, as a statement freezes it."""
    names: Names = {f"system:{system.id}": {"zh": system.zh, "en": system.en} for system in systems}
    for service in services:
        names[f"service:{service.code}"] = {"zh": service.zh, "en": service.en}
        for plan in service.plans:
            names[f"plan:{service.code}/{plan.code}"] = {"zh": plan.zh, "en": plan.en}
        for meter in service.meters:
            names[f"meter:{service.code}/{meter.code}"] = {
                "zh": meter.zh,
                "en": meter.en,
                "unit_zh": meter.unit_zh,
                "unit_en": meter.unit_en,
            }
    return names
