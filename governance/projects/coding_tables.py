"""The tables of account codings and effect evaluations: each the lead agency's own, read through a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from governance.parties.tables import party_table

coding_table = AgencyOwned(
    Table(
        "account_coding",
        metadata,
        Column("project", ForeignKey("project.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey(party_table.c.id), nullable=False, index=True),
        Column("document", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("drafted_by", ForeignKey("person.id"), nullable=False),
        Column("drafted_at", Instant, nullable=False),
        Column("signed_by", ForeignKey("person.id")),
        Column("signed_at", Instant),
        CheckConstraint("signed_by IS NULL OR signed_by <> drafted_by", name="two_persons"),
    )
)
evaluation_table = AgencyOwned(
    Table(
        "project_evaluation",
        metadata,
        Column("project", ForeignKey("project.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey(party_table.c.id), nullable=False, index=True),
        Column("document", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("person", ForeignKey("person.id"), nullable=False),
        Column("evaluated_at", Instant, nullable=False),
    )
)
append_only(evaluation_table.table, "evaluations are append-only")


@dataclass(frozen=True, slots=True)
class CodingRow:
    """One coding as it is kept."""

    project: str
    number: int
    agency: str
    document: dict[str, Any]
    digest: str
    drafted_by: str
    drafted_at: datetime
    signed_by: str | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One evaluation as it is kept."""

    project: str
    number: int
    agency: str
    document: dict[str, Any]
    digest: str
    person: str
    evaluated_at: datetime


def add_draft(transaction: Transaction, row: CodingRow) -> None:
    """Write a coding."""
    transaction.add(coding_table, {name: getattr(row, name) for name in CodingRow.__slots__})


def write_signature(transaction: Transaction, scope: Scope, key: tuple[str, int], *, person: str, at: datetime) -> None:
    """Write who signed a coding, and when."""
    c = coding_table.c
    transaction.write(
        coding_table.update(scope)
        .where(c.project == key[0], c.number == key[1], c.signed_at.is_(None))
        .values(signed_by=person, signed_at=at)
    )


def codings(transaction: Transaction, scope: Scope, project: str) -> Sequence[CodingRow]:
    """Every coding of a project inside the scope, oldest first."""
    query = coding_table.select(scope).where(coding_table.c.project == project).order_by(coding_table.c.number)
    return [CodingRow(**{name: row[name] for name in CodingRow.__slots__}) for row in transaction.rows(query)]


def add_evaluation(transaction: Transaction, row: EvaluationRow) -> None:
    """Write an evaluation."""
    transaction.add(evaluation_table, {name: getattr(row, name) for name in EvaluationRow.__slots__})


def evaluations(transaction: Transaction, scope: Scope, project: str) -> Sequence[EvaluationRow]:
    """Every evaluation of a project inside the scope, oldest first."""
    c = evaluation_table.c
    query = evaluation_table.select(scope).where(c.project == project).order_by(c.number)
    return [EvaluationRow(**{name: row[name] for name in EvaluationRow.__slots__}) for row in transaction.rows(query)]
