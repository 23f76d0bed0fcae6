"""Suppliers 合作企业: whom each works for, under which contract, on what, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, RowMapping, String, Table, select, update

from foundation.store import Document, Instant, Transaction, metadata
from governance.parties.model import Engagement
from governance.parties.tables import party_table

engagement_table = Table(
    "supplier_engagement",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("supplier", ForeignKey(party_table.c.id), nullable=False, index=True),
    Column("hirer", ForeignKey(party_table.c.id), nullable=False, index=True),
    Column("contract", String(200), nullable=False),
    Column("scope", Document, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    CheckConstraint("supplier <> hirer", name="two_sides"),
)


def add_engagement(transaction: Transaction, engagement: Engagement) -> bool:
    """Record that a supplier works for a hirer; False if the same stands already."""
    row = {name: getattr(engagement, name) for name in Engagement.__slots__}
    return transaction.insert_once(engagement_table, {**row, "scope": sorted(engagement.scope)}, what="engagement")


def end_engagement(transaction: Transaction, engagement: str, at: datetime) -> None:
    """End it at ``at``, where it has not ended before."""
    transaction.write(
        update(engagement_table)
        .where(engagement_table.c.id == engagement, engagement_table.c.until > at)
        .values(until=at)
    )


def engagements(transaction: Transaction, supplier: str | None = None) -> Sequence[Engagement]:
    """Every engagement, or those of one supplier, by id."""
    query = select(engagement_table).order_by(engagement_table.c.id)
    if supplier is not None:
        query = query.where(engagement_table.c.supplier == supplier)
    return [_engagement(row) for row in transaction.rows(query)]


def hirers_of(transaction: Transaction, suppliers: frozenset[str], at: datetime) -> frozenset[str]:
    """The parties these suppliers work for at ``at``: whose side they count as."""
    if not suppliers:
        return frozenset()
    hired = select(engagement_table.c.hirer).where(
        engagement_table.c.supplier.in_(sorted(suppliers)),
        engagement_table.c.since <= at,
        engagement_table.c.until > at,
    )
    return frozenset(row["hirer"] for row in transaction.rows(hired))


def _engagement(row: RowMapping) -> Engagement:
    return Engagement(**{**row, "scope": tuple(row["scope"])})
