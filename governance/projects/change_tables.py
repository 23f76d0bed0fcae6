"""The table of changes proposed to projects that stand: each the lead agency's own, read through a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from governance.parties.tables import party_table

change_table = AgencyOwned(
    Table(
        "project_change",
        metadata,
        Column("project", ForeignKey("project.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey(party_table.c.id), nullable=False, index=True),
        Column("document", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("stated_at", Instant, nullable=False),
        Column("reviewed_at", Instant),
        Column("outcome", String(20), nullable=False),
        Column("reason", String(500), nullable=False),
        Column("decided_at", Instant),
    )
)


@dataclass(frozen=True, slots=True)
class Change:
    """What an agency wants of a project that stands: the whole content as it would be. ``outcome`` is empty while it is
    open, then ``applied``, ``returned``, ``rejected`` or ``superseded`` (by the agency's next one).
    """

    project: str
    number: int
    agency: str
    document: dict[str, Any]
    digest: str
    stated_at: datetime
    reviewed_at: datetime | None
    outcome: str
    reason: str
    decided_at: datetime | None


def changes(transaction: Transaction, scope: Scope, project: str) -> Sequence[Change]:
    """Every change of a project inside the scope, oldest first."""
    query = change_table.select(scope).where(change_table.c.project == project).order_by(change_table.c.number)
    return [Change(**row) for row in transaction.rows(query)]


def open_change(transaction: Transaction, scope: Scope, project: str) -> Change | None:
    """The change that waits for its decision."""
    return next((each for each in changes(transaction, scope, project) if not each.outcome), None)


def add_change(transaction: Transaction, change: Change) -> None:
    """Write a new change."""
    transaction.add(change_table, {name: getattr(change, name) for name in Change.__slots__})


def save_change(transaction: Transaction, scope: Scope, change: Change) -> None:
    """Write what became of a change."""
    c = change_table.c
    transaction.write(
        change_table.update(scope)
        .where(c.project == change.project, c.number == change.number)
        .values(
            reviewed_at=change.reviewed_at,
            outcome=change.outcome,
            reason=change.reason,
            decided_at=change.decided_at,
        )
    )
