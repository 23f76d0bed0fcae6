"""The batch ledger, the closed days with their leaves and salts, and the quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Integer, RowMapping, String, Table, func, select

from foundation.evidence import Signed, signed_from_document
from foundation.store import QUANTITY_COLUMN, AgencyOwned, Document, Exact, Instant, Scope, Transaction, metadata
from foundation.values.instant import Interval
from foundation.values.month import Month

batch_table = Table(
    "usage_batch",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("period", String(100), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("sum", Exact(38, 6), nullable=False),
    Column("first", Instant, nullable=False, index=True),
    Column("last", Instant, nullable=False, index=True),
    Column("file", String(300), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("superseded_by", String(64)),
    Column("recorded_at", Instant, nullable=False),
)
"""``sha256`` is of the content; ``superseded_by`` the content that replaced it for the same source and period."""

day_table = Table(
    "usage_day",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("root", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("file", String(300), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("inputs", String(64), nullable=False),
    Column("signed", Document, nullable=False),
    Column("closed_at", Instant, nullable=False),
)
"""``inputs`` is the digest of the batches and price boundaries the version was last found right for."""


def _owned(name: str, *columns: Any) -> AgencyOwned:
    return AgencyOwned(
        Table(
            name,
            metadata,
            Column("day", String(10), primary_key=True),
            Column("version", Integer, primary_key=True),
            Column("agency", String(60), primary_key=True),
            *columns,
            ForeignKeyConstraint(["day", "version"], ["usage_day.day", "usage_day.version"]),
        )
    )


day_agency_table = _owned("usage_day_agency", Column("salt", String(64), nullable=False))
day_leaf_table = _owned(
    "usage_day_leaf", Column("label", String(601), primary_key=True), Column("leaf", String(64), nullable=False)
)
quarantine_table = _owned(
    "usage_quarantine",
    Column("key", String(300), primary_key=True),
    Column("content", String(64), primary_key=True),
    Column("resource", String(300), nullable=False),
    Column("meter", String(300), nullable=False),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("quantity", QUANTITY_COLUMN, nullable=False),
    Column("source", String(300), nullable=False),
    Column("revision", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of the ledger."""

    source: str
    period: str
    sha256: str
    rows: int
    sum: Decimal
    first: datetime
    last: datetime
    file: str
    file_sha256: str
    superseded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DayRow:
    """One version of a closed day."""

    day: date
    version: int
    root: str
    rows: int
    file: str
    file_sha256: str
    inputs: str
    signed: Signed
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that is not counted, because another record says something else under its key."""

    day: date
    version: int
    agency: str
    key: str
    content: str
    resource: str
    meter: str
    start: datetime
    end: datetime
    quantity: Decimal
    source: str
    revision: int


def batches_in(transaction: Transaction, interval: Interval) -> Sequence[BatchRow]:
    """The batches in force that have records in the interval, in one order."""
    query = select(batch_table).where(
        batch_table.c.superseded_by.is_(None), batch_table.c.first < interval.end, batch_table.c.last > interval.start
    )
    order = (batch_table.c.source, batch_table.c.period, batch_table.c.sha256)
    return [BatchRow(**row) for row in transaction.rows(query.order_by(*order))]


def batches_of(transaction: Transaction, source: str, period: str) -> Sequence[BatchRow]:
    """Every batch of one source and period, superseded ones too."""
    query = select(batch_table).where(batch_table.c.source == source, batch_table.c.period == period)
    return [BatchRow(**row) for row in transaction.rows(query.order_by(batch_table.c.sha256))]


def latest_days(transaction: Transaction, month: Month) -> Sequence[DayRow]:
    """The newest version of each closed day of a month, by day."""
    newest = select(day_table.c.day, func.max(day_table.c.version).label("version")).group_by(day_table.c.day)
    chosen = newest.where(day_table.c.day.like(f"{month}-%")).subquery()
    query = select(day_table).join(
        chosen, (day_table.c.day == chosen.c.day) & (day_table.c.version == chosen.c.version)
    )
    return [_day_row(row) for row in transaction.rows(query.order_by(day_table.c.day))]


def all_days(transaction: Transaction) -> Sequence[DayRow]:
    """Every version of every closed day."""
    return [_day_row(row) for row in transaction.rows(select(day_table).order_by("day", "version"))]


def leaves_of(transaction: Transaction, scope: Scope, day: date, version: int) -> Mapping[str, Mapping[str, str]]:
    """Leaf hashes by agency and label, inside the scope."""
    query = day_leaf_table.select(scope).where(
        day_leaf_table.c.day == day.isoformat(), day_leaf_table.c.version == version
    )
    leaves: dict[str, dict[str, str]] = {}
    for row in transaction.rows(query):
        leaves.setdefault(row["agency"], {})[row["label"]] = row["leaf"]
    return leaves


def salts_of(transaction: Transaction, scope: Scope, day: date, version: int) -> Mapping[str, str]:
    """Salts by agency, inside the scope."""
    query = day_agency_table.select(scope).where(
        day_agency_table.c.day == day.isoformat(), day_agency_table.c.version == version
    )
    return {row["agency"]: row["salt"] for row in transaction.rows(query)}


def quarantined(transaction: Transaction, scope: Scope, month: Month) -> Sequence[Quarantined]:
    """What the newest versions of a month's days left out, inside the scope."""
    newest = {day.day.isoformat(): day.version for day in latest_days(transaction, month)}
    query = quarantine_table.select(scope).where(quarantine_table.c.day.like(f"{month}-%"))
    order = (quarantine_table.c.day, quarantine_table.c.key, quarantine_table.c.content)
    rows = transaction.rows(query.order_by(*order))
    return [
        Quarantined(**{**row, "day": date.fromisoformat(row["day"])})
        for row in rows
        if row["version"] == newest[row["day"]]
    ]


def _day_row(row: RowMapping) -> DayRow:
    fields = {**row, "day": date.fromisoformat(row["day"])}
    fields["signed"] = signed_from_document(row["signed"], what=f"usage day {row['day']}")
    return DayRow(**fields)
