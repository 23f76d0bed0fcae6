"""Catalogue values: services, plans, meters, price versions. Source: DOMAIN §2, §3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Layer(StrEnum):
    """基础设施, 数据资源, 应用支撑."""

    INFRASTRUCTURE = "infrastructure"
    DATA = "data"
    SUPPORT = "application-support"


class ServiceKind(StrEnum):
    """资源, 运行维护, 业务运营, 平台建设."""

    RESOURCE = "resource"
    MAINTENANCE = "maintenance"
    OPERATION = "business-operation"
    CONSTRUCTION = "construction"


class MeterKind(StrEnum):
    """How a meter's records add up. ``level`` is quantity × seconds held; the others are plain sums here."""

    DELTA = "delta"
    LEVEL = "level"
    COUNT = "count"


class PriceUnit(StrEnum):
    """What the price is for: one unit held a whole calendar month, or one unit counted."""

    PER_MONTH = "per-month"
    PER_UNIT = "per-unit"


@dataclass(frozen=True, slots=True)
class Plan:
    """规格: a size on offer. ``attributes`` are exact numbers (``vcpu``, ``memory_gb``); ``labels`` are texts
    (``instance_type``)."""

    code: str
    zh: str
    en: str
    attributes: Mapping[str, Decimal]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Meter:
    """计量项. ``attribute`` names the register attribute an allocation meter is charged from; empty if measured."""

    code: str
    kind: MeterKind
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """服务: what is offered, with its plans, its meters, and the SLA tiers' code it is promised under."""

    code: str
    layer: Layer
    kind: ServiceKind
    zh: str
    en: str
    plans: tuple[Plan, ...]
    meters: tuple[Meter, ...]
    sla: str = ""


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """价格版本: yuan per unit of one meter of one service over [start, end); ``end`` None means until ended.

    ``cites`` is the contract or notice it rests on. ``id`` is stable and printed on every bill line.
    """

    id: str
    service: str
    meter: str
    unit: PriceUnit
    price: Decimal
    start: datetime
    end: datetime | None
    includes_vat: bool
    vat_rate: Decimal
    cites: str


@dataclass(frozen=True, slots=True)
class PlanSize:
    """A plan a machine can be fitted into: what it holds, and the cloud's own name for it."""

    code: str
    vcpu: Decimal
    memory_gb: Decimal
    instance_type: str


@dataclass(frozen=True, slots=True)
class CatalogueDocument:
    """What one catalogue file says."""

    id: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One meter's price in a list: yuan per unit."""

    service: str
    meter: str
    unit: PriceUnit
    price: Decimal


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices that begin together at ``start``; ``cites`` as in ``PriceVersion``."""

    id: str
    cites: str
    start: datetime
    includes_vat: bool
    vat_rate: Decimal
    lines: tuple[PriceLine, ...]
