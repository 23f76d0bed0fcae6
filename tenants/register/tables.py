"""The register's table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table, or_

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.instant import Interval
from governance.metering import RegisterEntry

register_table = AgencyOwned(
    Table(
        "register_entry",
        metadata,
        Column("resource", String(200), primary_key=True),
        Column("opened", Instant, primary_key=True),
        Column("closed", Instant),
        Column("cloud_id", String(200), nullable=False),
        Column("kind", String(40), nullable=False),
        Column("name", String(100), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("system", String(60), nullable=False),
        Column("project", String(60), nullable=False),
        Column("fund_source", String(60), nullable=False),
        Column("environment", String(64), nullable=False, index=True),
        Column("service", String(60), nullable=False),
        Column("plan", String(60), nullable=False),
        Column("attributes", Document, nullable=False),
    )
)


def write_entry(transaction: Transaction, scope: Scope, entry: RegisterEntry) -> None:
    """Write an entry. One that opened at this very instant has never been in force, so it is written over."""
    row = {name: getattr(entry, name) for name in register_table.c.keys()}  # noqa: SIM118 - a column collection
    changed = register_table.update(scope).where(
        register_table.c.resource == entry.resource, register_table.c.opened == entry.opened
    )
    if transaction.write(changed.values(**row)) == 0:
        transaction.write(register_table.insert().values(**row))


def open_in(transaction: Transaction, scope: Scope, environment: str) -> Sequence[RegisterEntry]:
    """The open entries of one environment, by resource."""
    query = register_table.select(scope).where(
        register_table.c.environment == environment, register_table.c.closed.is_(None)
    )
    return [_entry(row) for row in transaction.rows(query.order_by(register_table.c.resource))]


def in_force(transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
    """The entries in force at some instant of the interval, by agency, resource and opening."""
    query = register_table.select(scope).where(
        register_table.c.opened < interval.end,
        or_(
            register_table.c.closed.is_(None),
            (register_table.c.closed > interval.start) & (register_table.c.closed > register_table.c.opened),
        ),
    )
    ordered = query.order_by(register_table.c.agency, register_table.c.resource, register_table.c.opened)
    return [_entry(row) for row in transaction.rows(ordered)]


def _entry(row: RowMapping) -> RegisterEntry:
    attributes = {key: Decimal(value) for key, value in row["attributes"].items()}
    return RegisterEntry(**{**row, "attributes": attributes})
