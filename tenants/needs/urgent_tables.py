"""The table of what the urgent path lends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, RowMapping, String, Table, Text, text

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from tenants.needs.model import Temporary

RUNS = text("ended_at IS NULL")

temporary_table = AgencyOwned(
    Table(
        "need_temporary",
        metadata,
        Column("need", ForeignKey("need.number"), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("use", Document, nullable=False),
        Column("reason", Text, nullable=False),
        Column("granted_at", Instant, nullable=False),
        Column("until", Instant, nullable=False),
        Column("papers_by", Instant, nullable=False),
        Column("papers", String(200), nullable=False),
        Column("papers_at", Instant),
        Column("ended_at", Instant),
        Column("review", String(20), nullable=False),
        Column("review_note", Text, nullable=False),
        Column("reviewed_at", Instant),
        Index("ix_need_temporary_running", "until", "need", sqlite_where=RUNS, postgresql_where=RUNS),
        Index("ix_need_temporary_until_need", "until", "need"),
        Index("ix_need_temporary_agency_until_need", "agency", "until", "need"),
    )
)


def save_temporary(transaction: Transaction, scope: Scope, temporary: Temporary, *, new: bool = False) -> None:
    """Write how it stands now."""
    row = asdict(temporary)
    if new:
        transaction.write(temporary_table.insert().values(**row))
        return
    transaction.write(temporary_table.update(scope).where(temporary_table.c.need == temporary.need).values(**row))


def read_temporary(transaction: Transaction, scope: Scope, need: str) -> Temporary | None:
    """What was lent on a need inside the scope."""
    row = transaction.row(temporary_table.select(scope).where(temporary_table.c.need == need))
    return None if row is None else _temporary(row)


def read_temporaries(
    transaction: Transaction, scope: Scope, *, running: bool | None = None, until: datetime | None = None, limit: int
) -> Sequence[Temporary]:
    """Everything lent inside the scope by its end; ``until``: what ends by then."""
    columns = temporary_table.c
    query = temporary_table.select(scope).order_by(columns.until, columns.need).limit(limit)
    if running is not None:
        query = query.where(RUNS if running else columns.ended_at.is_not(None))
    if until is not None:
        query = query.where(columns.until <= until)
    return [_temporary(row) for row in transaction.rows(query)]


def _temporary(row: RowMapping) -> Temporary:
    return Temporary(**row)
