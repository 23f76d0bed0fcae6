"""The table of settlements: one row a version. A frozen version's document and digest are never written again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, RowMapping, String, Table, func, insert, select, update

from billing.settlement.model import SettlementState
from foundation.store import Document, Instant, Transaction, metadata
from foundation.values.month import Month

settlement_table = Table(
    "settlement",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("contract", ForeignKey("contract.id"), nullable=False, index=True),
    Column("month", String(7), nullable=False),
    Column("state", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", Document, nullable=False),
    Column("signed", Document),
    Column("reason", String(500), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One version. ``signed`` is the operator's signature over its digest, None of a draft; ``reason`` why returned."""

    id: str
    version: int
    contract: str
    month: Month
    state: SettlementState
    digest: str
    document: dict[str, Any]
    signed: dict[str, Any] | None
    reason: str
    drafted_at: datetime
    changed_at: datetime


def latest(transaction: Transaction, settlement: str) -> SettlementRow | None:
    """The newest version, or nothing."""
    c = settlement_table.c
    query = select(settlement_table).where(c.id == settlement).order_by(c.version.desc()).limit(1)
    row = transaction.row(query)
    return None if row is None else _row(row)


def versions(transaction: Transaction, settlement: str) -> Sequence[SettlementRow]:
    """Every version, oldest first."""
    c = settlement_table.c
    query = select(settlement_table).where(c.id == settlement).order_by(c.version)
    return [_row(row) for row in transaction.rows(query)]


def settlements(transaction: Transaction, contract: str | None = None) -> Sequence[SettlementRow]:
    """The newest version of every settlement, or of one contract's, by month and id."""
    c = settlement_table.c
    newest = select(c.id, func.max(c.version).label("version")).group_by(c.id).subquery()
    query = (
        select(settlement_table)
        .join(newest, (c.id == newest.c.id) & (c.version == newest.c.version))
        .order_by(c.month, c.id)
    )
    if contract is not None:
        query = query.where(c.contract == contract)
    return [_row(row) for row in transaction.rows(query)]


def all_settlements(transaction: Transaction) -> Sequence[SettlementRow]:
    """Every version of every settlement, by month, id and version."""
    c = settlement_table.c
    return [_row(row) for row in transaction.rows(select(settlement_table).order_by(c.month, c.id, c.version))]


def add(transaction: Transaction, row: SettlementRow) -> None:
    """Write a new version."""
    transaction.write(insert(settlement_table).values(**_columns(row)))


def save(transaction: Transaction, row: SettlementRow) -> None:
    """Write the standing version's state, and while it is a draft its document."""
    c = settlement_table.c
    transaction.write(update(settlement_table).where(c.id == row.id, c.version == row.version).values(**_columns(row)))


def _columns(row: SettlementRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__slots__}
    return {**values, "month": str(row.month), "state": row.state.value}


def _row(row: RowMapping) -> SettlementRow:
    return SettlementRow(**{**row, "month": Month.parse(row["month"]), "state": SettlementState(row["state"])})
