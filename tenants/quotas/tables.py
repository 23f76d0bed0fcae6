"""The tables of quotas: documents, dated limits, counters, and the uses that the counters count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    func,
    or_,
    select,
    update,
)

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from tenants.quotas.model import FEN_A_YEAR, QuotaKey, UseLine, UseState

document_table = Table(
    "quota_document",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("basis", String(200), nullable=False),
    Column("temporary", Boolean, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("lines", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey("person.id"), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey("person.id")),
    Column("published_at", Instant),
    CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_persons"),
)
limit_table = AgencyOwned(
    Table(
        "quota_limit",
        metadata,
        Column("key", String(500), primary_key=True),
        Column("document", ForeignKey("quota_document.id"), primary_key=True),
        Column("parent", String(500), nullable=False, index=True),
        Column("dimension", String(60), nullable=False),
        Column("period", String(4), nullable=False),
        Column("region", String(60), nullable=False),
        Column("agency", ForeignKey("party.id"), index=True),  # none where the quota is several agencies'
        Column("project", String(60), nullable=False),
        Column("service", String(60), nullable=False),
        Column("fund_source", String(100), nullable=False),
        Column("units", BigInteger, nullable=False),
        Column("temporary", Boolean, nullable=False),
        Column("starts_at", Instant, nullable=False),
        Column("ends_at", Instant),
        Column("published_at", Instant, nullable=False),
        CheckConstraint("units >= 0", name="not_negative"),
    )
)
counter_table = Table(
    "quota_counter",
    metadata,
    Column("key", String(500), primary_key=True),
    Column("parent", String(500), nullable=False, index=True),
    Column("dimension", String(60), nullable=False),
    Column("period", String(4), nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    CheckConstraint("reserved >= 0 AND held >= 0", name="not_negative"),
    Index("ix_quota_counter_period", "dimension", "period"),
)
use_table = AgencyOwned(
    Table(
        "quota_use",
        metadata,
        Column("subject", String(200), primary_key=True),
        Column("line", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("region", String(60), nullable=False),
        Column("project", String(60), nullable=False),
        Column("service", String(60), nullable=False),
        Column("fund_source", String(100), nullable=False),
        Column("dimension", String(60), nullable=False),
        Column("units", BigInteger, nullable=False),
        Column("growth", BigInteger, nullable=False),
        Column("state", String(10), nullable=False),
        Column("replaces", String(200), nullable=False),
        Column("since", Instant, nullable=False),
        Column("from_month", Integer, nullable=False),
        Column("until_month", Integer),
        CheckConstraint("units >= 0 AND growth >= 0", name="not_negative"),
        Index("ix_quota_use_agency", "agency", "state"),
    )
)
_OPEN = (UseState.RESERVED.value, UseState.HELD.value)
_LINE = tuple(column.name for column in use_table.table.columns if column.name != "line")


def uses_of(transaction: Transaction, scope: Scope, subject: str) -> Sequence[UseLine]:
    """Every line of a subject's newest use, ended ones too."""
    query = use_table.select(scope).where(use_table.c.subject == subject).order_by(use_table.c.line)
    return [_line(row) for row in transaction.rows(query)]


def every_use(transaction: Transaction, scope: Scope, *, agencies: Collection[str] | None = None) -> Sequence[UseLine]:
    """Every line that counts or counted, by subject; of some agencies only where said."""
    query = use_table.select(scope).order_by(use_table.c.subject, use_table.c.line)
    if agencies is not None:
        query = query.where(use_table.c.agency.in_(sorted(agencies)))
    return [_line(row) for row in transaction.rows(query)]


def open_uses(transaction: Transaction, scope: Scope, agency: str) -> Sequence[UseLine]:
    """An agency's lines that are reserved or held now."""
    query = use_table.select(scope).where(use_table.c.agency == agency, use_table.c.state.in_(_OPEN))
    return [_line(row) for row in transaction.rows(query.order_by(use_table.c.subject, use_table.c.line))]


def add_uses(transaction: Transaction, scope: Scope, subject: str, lines: Sequence[UseLine]) -> None:
    """Write a subject's lines; they come after those it has already."""
    newest = use_table.select(scope, func.max(use_table.c.line)).where(use_table.c.subject == subject)
    before = transaction.value(newest)
    first = 0 if before is None else before + 1
    rows = [
        {name: getattr(line, name) for name in _LINE} | {"line": first + index, "state": line.state.value}
        for index, line in enumerate(lines)
    ]
    transaction.write(use_table.insert(), rows)


def change_uses(
    transaction: Transaction, scope: Scope, subject: str, now: UseState, then: UseState, values: Mapping[str, Any]
) -> None:
    """Move a subject's lines from one state to another, with what else changes."""
    transaction.write(
        use_table.update(scope)
        .where(use_table.c.subject == subject, use_table.c.state == now.value)
        .values(state=then.value, **values)
    )


def counters(transaction: Transaction, keys: Collection[str]) -> dict[str, RowMapping]:
    """The counters of these keys that there are, by key."""
    found: dict[str, RowMapping] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), 500):
        query = select(counter_table).where(counter_table.c.key.in_(wanted[start : start + 500]))
        found |= {row["key"]: row for row in transaction.rows(query)}
    return found


def every_counter(transaction: Transaction) -> Sequence[RowMapping]:
    """All of them, by key."""
    return transaction.rows(select(counter_table).order_by(counter_table.c.key))


def children_of(transaction: Transaction, keys: Collection[str]) -> Sequence[RowMapping]:
    """The counters of what was delegated out of these keys."""
    return transaction.rows(select(counter_table).where(counter_table.c.parent.in_(sorted(keys))))


def budget_years(transaction: Transaction) -> Sequence[str]:
    """The years somebody published a yearly budget for."""
    query = select(counter_table.c.period).where(counter_table.c.dimension == FEN_A_YEAR).distinct()
    return sorted(row["period"] for row in transaction.rows(query))


def add_counter(transaction: Transaction, key: QuotaKey, parent: str, reserved: int, held: int) -> None:
    """A counter for a key that had none."""
    transaction.write(
        counter_table.insert().values(
            key=key.id, parent=parent, dimension=key.dimension, period=key.period, reserved=reserved, held=held
        )
    )


def count(transaction: Transaction, key: str, reserved: int, held: int, *, limit: int | None = None) -> bool:
    """Add to a counter; with ``limit``, only where the sum stays within it: the database decides in one statement."""
    c = counter_table.c
    change = update(counter_table).where(c.key == key)
    if limit is not None:
        change = change.where(c.reserved + c.held + reserved + held <= limit)
    return transaction.write(change.values(reserved=c.reserved + reserved, held=c.held + held)) == 1


def set_counter(transaction: Transaction, key: str, reserved: int, held: int) -> None:
    """Write a counter as it was computed from the uses."""
    transaction.write(update(counter_table).where(counter_table.c.key == key).values(reserved=reserved, held=held))


def limits(
    transaction: Transaction,
    scope: Scope,
    *,
    keys: Collection[str] | None = None,
    parents: Collection[str] | None = None,
    at: datetime | None = None,
) -> Sequence[RowMapping]:
    """Published limits by key and publishing, in force at ``at`` where given."""
    query = limit_table.select(scope).order_by(limit_table.c.key, limit_table.c.published_at, limit_table.c.document)
    if keys is not None:
        query = query.where(limit_table.c.key.in_(sorted(keys)))
    if parents is not None:
        query = query.where(limit_table.c.parent.in_(sorted(parents)))
    if at is not None:
        ends = limit_table.c.ends_at
        query = query.where(limit_table.c.starts_at <= at, or_(ends.is_(None), ends > at))
    return transaction.rows(query)


def limited_regions(transaction: Transaction, scope: Scope) -> frozenset[str]:
    """The regions that published limits name."""
    region = limit_table.c.region
    named = limit_table.select(scope, region).where(region != "").distinct()
    return frozenset(str(row["region"]) for row in transaction.rows(named))


def add_limits(transaction: Transaction, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write published limits."""
    transaction.write(limit_table.insert(), list(rows))


def end_limit(transaction: Transaction, scope: Scope, key: str, document: str, at: datetime) -> None:
    """A newer limit takes this one's place at ``at``."""
    transaction.write(
        limit_table.update(scope).where(limit_table.c.key == key, limit_table.c.document == document).values(ends_at=at)
    )


def key_of(row: RowMapping) -> QuotaKey:
    """The key a limit's row is about."""
    return QuotaKey(
        dimension=row["dimension"],
        period=row["period"],
        region=row["region"],
        agency=row["agency"] or "",
        project=row["project"],
        service=row["service"],
        fund_source=row["fund_source"],
    )


def _line(row: RowMapping) -> UseLine:
    fields = {name: row[name] for name in _LINE}
    return UseLine(**{**fields, "state": UseState(row["state"])})
