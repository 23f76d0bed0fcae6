"""The tables of minutes and of sealed days, and their queries. Minutes are written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Column, Integer, RowMapping, String, Table, Text, and_, func, select

from foundation.evidence import ProofStep, Signed
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.month import Month
from monitoring.sli.model import SealedDay, SliDay, SliDayProof

sli_day_table = AgencyOwned(
    Table(
        "sli_day",
        metadata,
        Column("agency", String(40), primary_key=True),
        Column("service", String(40), primary_key=True),
        Column("day", String(10), primary_key=True),
        Column("states", Text, nullable=False),
        Column("source", String(40), nullable=False),
        Column("evidence", String(64), nullable=False),
        CheckConstraint("length(states) = 1440", name="whole_day"),
    )
)
close_table = Table(
    "sli_day_close",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("root", String(64), nullable=False),
    Column("signed", Document, nullable=False),
    Column("closed_at", Instant, nullable=False),
)
agency_table = AgencyOwned(
    Table(
        "sli_day_agency",
        metadata,
        Column("day", String(10), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("agency", String(40), primary_key=True),
        Column("salt", String(64), nullable=False),
        Column("proof", Document, nullable=False),
    )
)
leaf_table = AgencyOwned(
    Table(
        "sli_leaf",
        metadata,
        Column("day", String(10), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("agency", String(40), primary_key=True),
        Column("service", String(40), primary_key=True),
        Column("leaf", String(64), nullable=False),
    )
)


def month_minutes(
    transaction: Transaction, scope: Scope, month: Month, *, agency: str | None = None
) -> Sequence[SliDay]:
    """The recorded days of a month inside the scope, by agency, service, day. A day without record has no entry."""
    column = sli_day_table.c
    query = sli_day_table.select(scope).where(_in_month(column.day, month))
    if agency is not None:
        query = query.where(column.agency == agency)
    rows = transaction.rows(query.order_by(column.agency, column.service, column.day))
    return [SliDay(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows]


def sealed_days(transaction: Transaction, month: Month, *, names: Collection[str] | None = None) -> Sequence[SealedDay]:
    """The newest version of every sealed day of a month, in order; with ``names`` the versions of those roots."""
    if names is not None:
        every = select(close_table).where(_in_month(close_table.c.day, month)).order_by(close_table.c.day)
        return [sealed for sealed in map(_sealed, transaction.rows(every)) if sealed.name in names]
    newest = (
        select(close_table.c.day, func.max(close_table.c.version).label("version"))
        .where(_in_month(close_table.c.day, month))
        .group_by(close_table.c.day)
        .subquery()
    )
    query = (
        select(close_table)
        .join(newest, and_(close_table.c.day == newest.c.day, close_table.c.version == newest.c.version))
        .order_by(close_table.c.day)
    )
    return [_sealed(row) for row in transaction.rows(query)]


def leaves_of(transaction: Transaction, scope: Scope, sealed: SealedDay) -> dict[str, dict[str, str]]:
    """The leaf hashes of a sealed day inside the scope: agency → service → hash."""
    column = leaf_table.c
    query = leaf_table.select(scope).where(column.day == sealed.day.isoformat(), column.version == sealed.version)
    leaves: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in transaction.rows(query.order_by(column.agency, column.service)):
        leaves[row["agency"]][row["service"]] = row["leaf"]
    return dict(leaves)


def salts_of(transaction: Transaction, scope: Scope, sealed: SealedDay) -> dict[str, str]:
    """The salts of a sealed day inside the scope, by agency."""
    return {row["agency"]: row["salt"] for row in transaction.rows(_agencies(scope, sealed))}


def sli_proofs(
    transaction: Transaction, scope: Scope, month: Month, agency: str, *, names: Collection[str] | None = None
) -> Sequence[SliDayProof]:
    """What shows one agency's minutes of a month whole, day by day; a day on which it has none is left out.

    ``names`` as in ``sealed_days``.
    """
    proofs = []
    for sealed in sealed_days(transaction, month, names=names):
        row = transaction.row(_agencies(scope, sealed).where(agency_table.c.agency == agency))
        if row is not None:
            steps = tuple(ProofStep(**step) for step in row["proof"])
            leaves = leaves_of(transaction, scope, sealed)[agency]
            proofs.append(SliDayProof(sealed, agency, row["salt"], leaves, steps))
    return proofs


def _agencies(scope: Scope, sealed: SealedDay) -> Any:
    column = agency_table.c
    return agency_table.select(scope).where(column.day == sealed.day.isoformat(), column.version == sealed.version)


def _in_month(day: Column[Any], month: Month) -> Any:
    return and_(day >= month.first.isoformat(), day < month.following().first.isoformat())


def _sealed(row: RowMapping) -> SealedDay:
    return SealedDay(date.fromisoformat(row["day"]), row["version"], row["root"], Signed(**row["signed"]))
