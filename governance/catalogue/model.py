"""Catalogue values: services, plans, meters, request forms, price versions. Source: DOMAIN §2, §3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from governance.metering.kinds import MeterKind

BASE = ""
"""The place of the base catalogue: the province's, or of whichever bureau has no bureau over it."""


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


class PriceUnit(StrEnum):
    """What the price is for: one unit held a whole calendar month, or one unit counted."""

    PER_MONTH = "per-month"
    PER_UNIT = "per-unit"


class FieldKind(StrEnum):
    """What an answer on a request form is: 文字, 整数, 小数, 选项, 日期, 是否."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    CHOICE = "choice"
    DATE = "date"
    BOOLEAN = "boolean"


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
class Choice:
    """One of the answers a choice field takes."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a service's request form 申请表.

    ``minimum`` and ``maximum`` bound a number, or the length of a text; ``choices`` only of a choice field.
    """

    code: str
    kind: FieldKind
    zh: str
    en: str
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """服务: what is offered, with its plans and meters, and the form it is asked for with.

    ``sla`` is the code of what is promised, ``calculator`` the published way its down-time is counted
    (``governance.sla.CALCULATORS``); both empty where no availability is promised.
    """

    code: str
    layer: Layer
    kind: ServiceKind
    zh: str
    en: str
    plans: tuple[Plan, ...]
    meters: tuple[Meter, ...]
    sla: str = ""
    calculator: str = ""
    form: tuple[FormField, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as a place offers it over [start, end); ``end`` None: until it is changed or withdrawn.

    ``version`` is the catalogue version that brought it in; empty of what was offered before there were versions.
    """

    place: str
    service: Service
    start: datetime
    end: datetime | None
    version: str


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """价格版本: yuan per unit of one meter of one service over [start, end); ``end`` None means until ended.

    ``cites`` is the contract or notice it rests on. ``id`` is stable and printed on every bill line. ``place`` is the
    layer it belongs to: the base, or a city's overlay.
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
    place: str = BASE


@dataclass(frozen=True, slots=True)
class PlanSize:
    """A plan a machine can be fitted into: what it holds, and the cloud's own name for it."""

    code: str
    vcpu: Decimal
    memory_gb: Decimal
    instance_type: str


@dataclass(frozen=True, slots=True)
class CatalogueDocument:
    """What one catalogue file says: the whole of what ``place`` offers from ``start`` on."""

    id: str
    services: tuple[Service, ...]
    start: datetime
    place: str = BASE


@dataclass(frozen=True, slots=True)
class CostItem:
    """One part of what a price is made of, in yuan per unit. 成本项"""

    zh: str
    en: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the same costs elsewhere, in yuan per unit. 比价"""

    source: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One meter's price in a list: yuan per unit; the cost ``basis`` adds up to it."""

    service: str
    meter: str
    unit: PriceUnit
    price: Decimal
    basis: tuple[CostItem, ...] = ()
    comparison: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices that hold together over [``start``, ``end``); ``cites`` and ``place`` as in ``PriceVersion``."""

    id: str
    cites: str
    start: datetime
    includes_vat: bool
    vat_rate: Decimal
    lines: tuple[PriceLine, ...]
    place: str = BASE
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """通知: a published document that prices can rest on, known by its document number 文号."""

    number: str
    zh: str
    en: str
    issuer: str
    issued_on: date
