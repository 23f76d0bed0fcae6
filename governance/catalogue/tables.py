"""The tables of the catalogue and of prices, and their queries. A published price is never edited, only ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    and_,
    or_,
    select,
    update,
)

from foundation.evidence import plain
from foundation.store import COEFFICIENT_COLUMN, PRICE_COLUMN, Document, Instant, Transaction, metadata
from foundation.values.instant import Interval
from governance.catalogue.model import (
    Layer,
    Meter,
    MeterKind,
    Plan,
    PlanSize,
    PriceUnit,
    PriceVersion,
    Service,
    ServiceKind,
)
from governance.catalogue.sizes import sizes_of
from governance.errors import NotFound
from governance.parties.tables import person_table

service_table = Table(
    "service",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("layer", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("sla", String(40), nullable=False),
)
plan_table = Table(
    "service_plan",
    metadata,
    Column("service", ForeignKey("service.code"), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("attributes", Document, nullable=False),
    Column("labels", Document, nullable=False),
)
meter_table = Table(
    "service_meter",
    metadata,
    Column("service", ForeignKey("service.code"), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("unit_zh", String(40), nullable=False),
    Column("unit_en", String(40), nullable=False),
    Column("attribute", String(40), nullable=False),
)
price_list_table = Table(
    "price_list",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey(person_table.c.id), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey(person_table.c.id)),
    Column("published_at", Instant),
    CheckConstraint("drafted_by <> published_by", name="two_persons"),
    CheckConstraint("(published_by IS NULL) = (published_at IS NULL)", name="published"),
)
price_version_table = Table(
    "price_version",
    metadata,
    Column("id", String(130), primary_key=True),
    Column("list", ForeignKey("price_list.id"), nullable=False, index=True),
    Column("service", String(40), nullable=False),
    Column("meter", String(40), nullable=False),
    Column("unit", String(20), nullable=False),
    Column("price", PRICE_COLUMN, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("includes_vat", Boolean, nullable=False),
    Column("vat_rate", COEFFICIENT_COLUMN, nullable=False),
    Column("cites", String(250), nullable=False),
    UniqueConstraint("service", "meter", "starts_at"),
    CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name="forward"),
)


def add_services(transaction: Transaction, offered: Iterable[Service]) -> bool:
    """Record services with their plans and meters; True if anything was new.

    What stands is never edited: other content under the same code raises ``AlreadyThere``. A plan or a meter more is
    an addition.
    """
    new = False
    for service in offered:
        row = plain(service)
        plans, meters = row.pop("plans"), row.pop("meters")
        new |= transaction.insert_once(service_table, row, what="service")
        for plan in plans:
            new |= transaction.insert_once(plan_table, {"service": service.code, **plan}, what="plan")
        for meter in meters:
            new |= transaction.insert_once(meter_table, {"service": service.code, **meter}, what="meter")
    return new


def services(transaction: Transaction) -> Sequence[Service]:
    """Every service by code; its plans smallest first, its meters by code."""
    plans: defaultdict[str, list[Plan]] = defaultdict(list)
    for row in transaction.rows(select(plan_table).order_by(plan_table.c.code)):
        attributes = {name: Decimal(value) for name, value in row["attributes"].items()}
        plans[row["service"]].append(Plan(row["code"], row["zh"], row["en"], attributes, row["labels"]))
    meters: defaultdict[str, list[Meter]] = defaultdict(list)
    for row in transaction.rows(select(meter_table).order_by(meter_table.c.code)):
        meter = Meter(
            row["code"],
            MeterKind(row["kind"]),
            row["zh"],
            row["en"],
            row["unit_zh"],
            row["unit_en"],
            row["attribute"],
        )
        meters[row["service"]].append(meter)
    return [
        Service(
            code=row["code"],
            layer=Layer(row["layer"]),
            kind=ServiceKind(row["kind"]),
            zh=row["zh"],
            en=row["en"],
            plans=tuple(
                sorted(plans[row["code"]], key=lambda plan: (sorted(plan.attributes.items())[::-1], plan.code))
            ),
            meters=tuple(meters[row["code"]]),
            sla=row["sla"],
        )
        for row in transaction.rows(select(service_table).order_by(service_table.c.code))
    ]


def service_of(transaction: Transaction, code: str) -> Service:
    """The service with that code; raises ``NotFound``."""
    found = next((service for service in services(transaction) if service.code == code), None)
    if found is None:
        raise NotFound(what_zh="这项服务:", what_en="service", key=code)
    return found


def plan_sizes(transaction: Transaction, service: str) -> Sequence[PlanSize]:
    """The sizes a service is offered in, smallest first; raises ``NotFound``."""
    return sizes_of(service_of(transaction, service))


def prices(transaction: Transaction, interval: Interval) -> Sequence[PriceVersion]:
    """The published price versions in force at some instant of ``interval``, by service, meter and start."""
    version = price_version_table.c
    query = (
        select(price_version_table)
        .where(
            version.starts_at < interval.end,
            or_(version.ends_at.is_(None), version.ends_at > interval.start),
        )
        .order_by(version.service, version.meter, version.starts_at)
    )
    return [price_version(row) for row in transaction.rows(query)]


def versions_of_list(transaction: Transaction, list_id: str) -> tuple[PriceVersion, ...]:
    """What a list's publication made, as it stands now."""
    version = price_version_table.c
    query = select(price_version_table).where(version.list == list_id).order_by(version.service, version.meter)
    return tuple(price_version(row) for row in transaction.rows(query))


def versions_of_meter(transaction: Transaction, service: str, meter: str) -> Sequence[PriceVersion]:
    """Every published version of one meter, by start."""
    version = price_version_table.c
    query = (
        select(price_version_table)
        .where(and_(version.service == service, version.meter == meter))
        .order_by(version.starts_at)
    )
    return [price_version(row) for row in transaction.rows(query)]


def end_version(transaction: Transaction, ended: PriceVersion) -> None:
    """Write the version's ``end``, the one thing about a published price that may still be said."""
    query = update(price_version_table).where(price_version_table.c.id == ended.id).values(ends_at=ended.end)
    transaction.write(query)


def price_version(row: RowMapping) -> PriceVersion:
    """The value of one row."""
    return PriceVersion(
        id=row["id"],
        service=row["service"],
        meter=row["meter"],
        unit=PriceUnit(row["unit"]),
        price=row["price"],
        start=row["starts_at"],
        end=row["ends_at"],
        includes_vat=row["includes_vat"],
        vat_rate=row["vat_rate"],
        cites=row["cites"],
    )
