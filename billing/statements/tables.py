"""The versions of usage statements. A version's document and digest never change once it is issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Integer, RowMapping, String, Table

from billing.statements.model import StatementState
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.month import Month, shanghai_day
from foundation.values.working_days import AwaitingCalendar, WorkingCalendar, after_working_days

statement_table = AgencyOwned(
    Table(
        "usage_statement",
        metadata,
        Column("id", String(80), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("agency", String(60), nullable=False, index=True),
        Column("month", String(7), nullable=False, index=True),
        Column("contract", String(60), nullable=False),
        Column("state", String(20), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("document", Document, nullable=False),
        Column("disputed", Document, nullable=False),
        Column("reason", String(500), nullable=False),
        Column("silence_working_days", Integer, nullable=False),
        Column("drafted_at", Instant, nullable=False),
        Column("issued_at", Instant),
        Column("decided_at", Instant),
        Column("audit_number", Integer),
    )
)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One version as recorded. ``disputed`` are line numbers; ``audit_number`` is the entry its issue left.

    ``issued_at`` and ``decided_at`` (confirmed, deemed confirmed or disputed) are business time.
    """

    id: str
    version: int
    agency: str
    month: Month
    contract: str
    state: StatementState
    digest: str
    document: Mapping[str, Any]
    disputed: tuple[int, ...]
    reason: str
    silence_working_days: int
    drafted_at: datetime
    issued_at: datetime | None
    decided_at: datetime | None
    audit_number: int | None

    def deadline(self, calendar: WorkingCalendar) -> date | AwaitingCalendar | None:
        """The last Shanghai day on which silence still waits; None before it is issued."""
        if self.issued_at is None:
            return None
        return after_working_days(calendar, shanghai_day(self.issued_at), self.silence_working_days)


def latest(transaction: Transaction, scope: Scope, id_: str) -> StatementRow | None:
    """The newest version, inside the scope."""
    found = versions(transaction, scope, id_)
    return found[-1] if found else None


def versions(transaction: Transaction, scope: Scope, id_: str) -> Sequence[StatementRow]:
    """Every version, oldest first, inside the scope."""
    query = statement_table.select(scope).where(statement_table.c.id == id_).order_by(statement_table.c.version)
    return [_row(row) for row in transaction.rows(query)]


def statements_of_month(transaction: Transaction, scope: Scope, month: Month) -> Sequence[StatementRow]:
    """The newest version of every statement of a month, by agency, inside the scope."""
    query = statement_table.select(scope).where(statement_table.c.month == str(month))
    newest: dict[str, StatementRow] = {}
    for row in transaction.rows(query.order_by(statement_table.c.agency, statement_table.c.version)):
        newest[row["id"]] = _row(row)
    return list(newest.values())


def all_statements(transaction: Transaction, scope: Scope) -> Sequence[StatementRow]:
    """Every version of every statement, by month, agency and version, inside the scope."""
    order = (statement_table.c.month, statement_table.c.agency, statement_table.c.version)
    return [_row(row) for row in transaction.rows(statement_table.select(scope).order_by(*order))]


def write(transaction: Transaction, row: StatementRow) -> None:
    """Add a version."""
    transaction.write(statement_table.insert().values(**_values(row)))


def rewrite(transaction: Transaction, scope: Scope, row: StatementRow) -> None:
    """Write a version's new state, or a draft's new content."""
    values = _values(row)
    chosen = statement_table.update(scope).where(
        statement_table.c.id == row.id, statement_table.c.version == row.version
    )
    transaction.write(chosen.values(**values))


def _values(row: StatementRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in StatementRow.__slots__}
    return {**values, "month": str(row.month), "state": row.state.value, "disputed": list(row.disputed)}


def _row(row: RowMapping) -> StatementRow:
    return StatementRow(
        **{
            **row,
            "month": Month.parse(row["month"]),
            "state": StatementState(row["state"]),
            "disputed": tuple(row["disputed"]),
        }
    )
