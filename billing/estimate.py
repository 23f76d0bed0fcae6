"""What an environment would cost a month, by the very code that bills: all held the whole month, at today's prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from billing.collect import allocation_meters, unit_seconds
from billing.rating import Holding, Price, Rated, Use, rate, segments_of
from billing.sources import price_of
from foundation.evidence import plain
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.catalogue import place_names, prices_for
from governance.catalogue import services as catalogue_services
from governance.catalogue.model import PriceVersion, Service, ServiceKind
from governance.environments import ChargedPart, EnvironmentSpec, charged_parts, uncharged_parts


def estimate(
    spec: EnvironmentSpec, services: Iterable[Service], versions: Iterable[PriceVersion], at: datetime
) -> Rated:
    """The lines of the calendar month of ``at``, as if all were held the whole month at the prices in force at ``at``.

    ``charged`` of the result is the estimate in fen. Raises ``InvalidValue`` for a plan the catalogue does not have.
    """
    offered = list(services)
    month, meters = Month.of(at), allocation_meters(offered)
    plans = {
        plan.code: (service, plan)
        for service in offered
        if service.kind is ServiceKind.RESOURCE
        for plan in service.plans
    }
    holdings, uses = [], []
    for part in charged_parts(spec):
        if part.plan not in plans:
            raise InvalidValue(field=f"plan of {part.name}", found=part.plan, expected="a plan of the catalogue")
        service, plan = plans[part.plan]
        holding = _holding(spec, part, service.code, month)
        holdings.append(holding)
        attributes = {**plan.attributes, **part.attributes}
        for meter in meters[service.code]:
            if meter.attribute in attributes:
                quantity = unit_seconds(attributes[meter.attribute], month.interval)
                uses.append(Use(spec.agency, holding.resource, meter.code, month.interval.start, quantity))
    prices = in_force_at(versions, at, month)
    return rate(segments_of(uses, holdings, prices, month), holdings, prices, month)


def estimate_environment(
    transaction: Transaction, spec: EnvironmentSpec, at: datetime
) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """The estimate by the installation's own catalogue and prices: (fen a month, its lines as plain values).

    ``price_layer`` of a line says whose price it is: ``place`` (empty: the base), ``zh``, ``en``. What has no price
    follows as lines of amount 0 with ``unpriced`` true, saying so in ``zh`` and ``en``.
    """
    month = Month.of(at)
    versions = prices_for(transaction, spec.agency, month.interval)
    rated = estimate(spec, catalogue_services(transaction), versions, at)
    names = place_names(transaction)
    layers = {version.id: {"place": version.place, **names.get(version.place, {})} for version in versions}
    lines = [plain(line) | {"price_layer": layers[line.price_version]} for line in rated.lines]
    return rated.charged, [*lines, *unpriced(spec, rated)]


def unpriced(spec: EnvironmentSpec, rated: Rated) -> list[dict[str, Any]]:
    """What the estimate leaves out, each with its reason in both languages: no plan, or no price in force."""
    said = [
        _note(part.kind, [f"{spec.environment}/{part.kind}/{name}" for name in part.names], part.zh, part.en)
        for part in uncharged_parts(spec)
    ]
    for each in rated.uncharged:
        zh = f"{each.resource} 的计量项 {each.service}/{each.meter} 没有生效的价格,不在估算之内"
        en = f"no price is in force for {each.service}/{each.meter} of {each.resource}: it is not in the estimate"
        said.append(_note(each.service, [each.resource], zh, en))
    return said


def _note(kind: str, resources: Sequence[str], zh: str, en: str) -> dict[str, Any]:
    return {"unpriced": True, "kind": kind, "resources": list(resources), "amount": 0, "zh": zh, "en": en}


def _holding(spec: EnvironmentSpec, part: ChargedPart, service: str, month: Month) -> Holding:
    return Holding(
        resource=f"{spec.environment}/{part.kind}/{part.name}",
        agency=spec.agency,
        system=spec.system,
        project=spec.project,
        fund_source=spec.fund_source,
        service=service,
        plan=part.plan,
        opened=month.interval.start,
        closed=None,
    )


def in_force_at(versions: Iterable[PriceVersion], at: datetime, month: Month) -> list[Price]:
    """The prices in force at ``at``, as if they held the whole month."""
    prices = [price_of(version) for version in versions]
    whole: Interval = month.interval
    return [
        replace(price, start=whole.start, end=whole.end)
        for price in prices
        if price.start <= at and (price.end is None or at < price.end)
    ]
