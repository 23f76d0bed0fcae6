"""The table of grades. The database itself refuses one person as drafter and publisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, RowMapping, String, Table, insert, select, update

from foundation.store import Document, Instant, Transaction, metadata
from foundation.values.month import Month

grade_table = Table(
    "grade",
    metadata,
    Column("contract", ForeignKey("contract.id"), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("points", Integer, nullable=False),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey("person.id"), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey("person.id")),
    Column("published_at", Instant),
    CheckConstraint("points BETWEEN 0 AND 100", name="points_in_range"),
    CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_persons"),
)


def grade_row(transaction: Transaction, contract: str, month: Month) -> RowMapping | None:
    """The row of a contract-month."""
    return transaction.row(
        select(grade_table).where(grade_table.c.contract == contract, grade_table.c.month == str(month))
    )


def write_draft(transaction: Transaction, row: Mapping[str, Any], *, standing: bool) -> None:
    """Write the draft; one that stands is drawn anew."""
    if not standing:
        transaction.write(insert(grade_table).values(**row))
        return
    at = (grade_table.c.contract == row["contract"], grade_table.c.month == row["month"])
    transaction.write(update(grade_table).where(*at, grade_table.c.published_at.is_(None)).values(**row))


def write_publication(transaction: Transaction, contract: str, month: Month, values: Mapping[str, Any]) -> None:
    """Write who published it and when."""
    at = (grade_table.c.contract == contract, grade_table.c.month == str(month))
    transaction.write(update(grade_table).where(*at, grade_table.c.published_at.is_(None)).values(**values))
