"""What merging two persons brought to light: one row a conflict, kept until supervision opens its case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table, select, update

from foundation.store import Document, Instant, Transaction, metadata
from governance.authority import View
from governance.parties.tables import person_table

CONFLICT_FOUND = "person.conflict-found"
"""The event of a conflict; its subject is ``conflict:<id>``."""

conflict_table = Table(
    "person_conflict",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", ForeignKey(person_table.c.id), nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("rule", String(60), nullable=False),
    Column("decisions", Document, nullable=False),
    Column("zh", String(1000), nullable=False),
    Column("en", String(1000), nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("case", String(60)),
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A natural person was on both sides of ``subject``, against ``rule``, by the ``decisions`` of these numbers.

    ``id`` is a digest of what it is about, so that the same conflict is found once. ``case``: the supervision case
    that was opened on it, None while it waits.
    """

    id: str
    person: str
    subject: str
    rule: str
    decisions: tuple[int, ...]
    zh: str
    en: str
    found_at: datetime
    case: str | None = None


def add_conflict(transaction: Transaction, conflict: Conflict) -> bool:
    """Keep a conflict; False where it was found before."""
    if transaction.value(select(conflict_table.c.id).where(conflict_table.c.id == conflict.id)) is not None:
        return False
    row = {name: getattr(conflict, name) for name in Conflict.__slots__}
    transaction.add(conflict_table, {**row, "decisions": list(conflict.decisions)})
    return True


def conflicts(view: View, *, waiting: bool = True) -> Sequence[Conflict]:
    """The conflicts that wait for a case, or all, the oldest first; for an agency none, for they tell of others."""
    if view.scope.agencies is not None:
        return []
    query = select(conflict_table).order_by(conflict_table.c.found_at, conflict_table.c.id)
    if waiting:
        query = query.where(conflict_table.c.case.is_(None))
    return [_conflict(row) for row in view.transaction.rows(query)]


def take_up(transaction: Transaction, conflict: str, case: str) -> bool:
    """Supervision opened a case on it; False where one was opened before."""
    waiting = (conflict_table.c.id == conflict) & conflict_table.c.case.is_(None)
    return transaction.write(update(conflict_table).where(waiting).values(case=case)) == 1


def _conflict(row: RowMapping) -> Conflict:
    return Conflict(**{**row, "decisions": tuple(row["decisions"])})
