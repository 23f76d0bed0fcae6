"""What about a code never changes once it was offered: bills and the register rest on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.evidence import plain
from governance.catalogue.model import Meter, Plan, Service


@dataclass(frozen=True, slots=True)
class Broken:
    """A code that would mean something else: what it is, its key, what it meant and what it would mean."""

    what: str
    key: str
    field: str
    old: str
    new: str


def broken_meanings(older: Service, newer: Service) -> tuple[Broken, ...]:
    """Which fixed parts differ: a service's layer and kind, a plan's size, a meter's kind, unit and attribute.

    Names, SLA, request form may change, plans and meters come and go; a code that comes back means what it meant.
    """
    found = _differences("service", older.code, _service_meaning(older), _service_meaning(newer))
    plans = {each.code: each for each in older.plans}
    for plan in newer.plans:
        if plan.code in plans:
            key = f"{newer.code}/{plan.code}"
            found += _differences("plan", key, _plan_meaning(plans[plan.code]), _plan_meaning(plan))
    meters = {each.code: each for each in older.meters}
    for meter in newer.meters:
        if meter.code in meters:
            key = f"{newer.code}/{meter.code}"
            found += _differences("meter", key, _meter_meaning(meters[meter.code]), _meter_meaning(meter))
    return tuple(found)


def _service_meaning(service: Service) -> dict[str, object]:
    return {"layer": service.layer, "kind": service.kind}


def _plan_meaning(plan: Plan) -> dict[str, object]:
    return {"attributes": plan.attributes, "labels": plan.labels}


def _meter_meaning(meter: Meter) -> dict[str, object]:
    return {"kind": meter.kind, "unit_zh": meter.unit_zh, "unit_en": meter.unit_en, "attribute": meter.attribute}


def _differences(what: str, key: str, old: dict[str, object], new: dict[str, object]) -> list[Broken]:
    return [
        Broken(what, key, field, str(plain(old[field])), str(plain(new[field])))
        for field in old
        if plain(old[field]) != plain(new[field])
    ]
