"""The register's tables. Every entry is a row that is closed or superseded once and never changed otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
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
    Select,
    String,
    Table,
    literal,
    or_,
    tuple_,
)

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.instant import Interval
from governance.metering import RegisterEntry
from tenants.register.model import Because, Cursor, Line, Opening, Query
from tenants.register.walls import keep_unchanged

Number = BigInteger().with_variant(Integer(), "sqlite")

register_table = AgencyOwned(
    Table(
        "register_record",
        metadata,
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("resource", String(200), nullable=False),
        Column("opened", Instant, nullable=False),
        Column("closed", Instant),
        Column("cloud_id", String(200), nullable=False),
        Column("kind", String(40), nullable=False),
        Column("name", String(100), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("system", String(60), nullable=False),
        Column("project", String(60), nullable=False),
        Column("fund_source", String(100), nullable=False),
        Column("environment", String(64), nullable=False),
        Column("service", String(60), nullable=False),
        Column("plan", String(60), nullable=False),
        Column("attributes", Document, nullable=False),
        Column("because", String(20), nullable=False),
        Column("suspended", Boolean, nullable=False),
        Column("full_attributes", Document),  # of a suspended one: what it has again when it is resumed
        Column("corrects", ForeignKey("register_record.number"), unique=True),
        Column("decided", String(200), nullable=False),
        Column("charged_from", Instant, nullable=False),
        Column("superseded_from", Instant),
        Column("recorded_at", Instant, nullable=False),
        CheckConstraint("closed IS NULL OR closed >= opened", name="forward"),
        CheckConstraint("charged_from >= opened", name="charged_while_there"),
        # The query of one agency must cost the same however much others have.
        Index("ix_register_record_agency", "agency", "resource", "opened", "number"),
        Index("ix_register_record_environment", "environment"),
        Index("ix_register_record_resource", "resource", "opened"),
    )
)
_ONE_OPEN = register_table.c.closed.is_(None) & register_table.c.superseded_from.is_(None)
Index(
    "uq_register_record_open",
    register_table.c.resource,
    unique=True,
    sqlite_where=_ONE_OPEN,
    postgresql_where=_ONE_OPEN,
)
keep_unchanged(register_table.table)

correction_table = AgencyOwned(
    Table(
        "register_correction",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("record", ForeignKey("register_record.number"), nullable=False, index=True),
        Column("changes", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("reason", String(500), nullable=False),
        Column("proposed_by", ForeignKey("person.id"), nullable=False),
        Column("proposed_at", Instant, nullable=False),
        Column("decided_by", ForeignKey("person.id")),
        Column("decided_at", Instant),
        Column("made", ForeignKey("register_record.number")),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_persons"),
    )
)

_ENTRY = tuple(RegisterEntry.__slots__)


def open_line(transaction: Transaction, entry: RegisterEntry, opening: Opening) -> int:
    """Write a new entry; returns its number."""
    statement = register_table.insert().returning(register_table.c.number)
    [row] = transaction.returned(statement, [_row(entry, opening)])
    number: int = row["number"]
    return number


def open_lines(transaction: Transaction, opened: Sequence[tuple[RegisterEntry, Opening]]) -> None:
    """Write many new entries at once."""
    transaction.write(register_table.insert(), [_row(entry, opening) for entry, opening in opened])


def close_line(transaction: Transaction, scope: Scope, number: int, closed: datetime) -> None:
    """The entry ends; whoever has closed it before is refused by the database."""
    transaction.write(register_table.update(scope).where(register_table.c.number == number).values(closed=closed))


def close_numbered(transaction: Transaction, scope: Scope, numbers: Sequence[int], closed: datetime) -> None:
    """These entries end at one instant."""
    for start in range(0, len(numbers), 500):
        some = register_table.c.number.in_(numbers[start : start + 500])
        transaction.write(register_table.update(scope).where(some).values(closed=closed))


def supersede(transaction: Transaction, scope: Scope, number: int, charged_from: datetime) -> None:
    """Another entry says what was really there; it is charged from ``charged_from`` on."""
    change = register_table.update(scope).where(register_table.c.number == number)
    transaction.write(change.values(superseded_from=charged_from))


def open_in(transaction: Transaction, scope: Scope, environment: str) -> Sequence[Line]:
    """The open entries of one environment, by resource."""
    query = register_table.select(scope).where(register_table.c.environment == environment, _ONE_OPEN)
    return [_line(row) for row in transaction.rows(query.order_by(register_table.c.resource))]


def open_of(transaction: Transaction, scope: Scope, agencies: Collection[str]) -> Sequence[Line]:
    """The open entries of these agencies, by resource."""
    query = register_table.select(scope).where(register_table.c.agency.in_(sorted(agencies)), _ONE_OPEN)
    return [_line(row) for row in transaction.rows(query.order_by(register_table.c.resource))]


def charged(transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
    """What is charged at some instant of the interval, by agency, resource and opening.

    Where an entry was corrected after its month was closed, what was charged then stays, up to the instant from which
    the correction is charged.
    """
    c = register_table.c
    query = register_table.select(scope).where(
        c.charged_from < interval.end,
        or_(c.closed.is_(None), (c.closed > interval.start) & (c.closed > c.charged_from)),
        or_(
            c.superseded_from.is_(None),
            (c.superseded_from > interval.start) & (c.superseded_from > c.charged_from),
        ),
    )
    rows = transaction.rows(query.order_by(c.agency, c.resource, c.charged_from, c.number))
    return [_line(row).charged for row in rows]


def lines(transaction: Transaction, scope: Scope, query: Query) -> Sequence[Line]:
    """The entries that fit, by agency, resource, opening and number; one statement."""
    return [_line(row) for row in transaction.rows(lines_statement(scope, query))]


def lines_statement(scope: Scope, query: Query) -> Select[Any]:
    """The one statement behind ``lines``."""
    c = register_table.c
    statement = register_table.select(scope).order_by(c.agency, c.resource, c.opened, c.number)
    if not query.corrected:
        statement = statement.where(c.superseded_from.is_(None))
    if query.at is not None:
        statement = statement.where(c.opened <= query.at, or_(c.closed.is_(None), c.closed > query.at))
    for field in ("agency", "system", "environment", "service", "resource"):
        wanted = getattr(query, field)
        if wanted:
            statement = statement.where(c[field] == wanted)
    if query.charged:
        statement = statement.where(c.service != "")
    if query.after is not None:
        key = (c.agency, c.resource, c.opened, c.number)
        position = [literal(getattr(query.after, column.name), column.type) for column in key]
        statement = statement.where(tuple_(*key) > tuple_(*position))
    return statement if query.limit is None else statement.limit(query.limit)


def line_numbered(transaction: Transaction, scope: Scope, number: int) -> Line | None:
    """The entry of that number inside the scope."""
    row = transaction.row(register_table.select(scope).where(register_table.c.number == number))
    return None if row is None else _line(row)


def corrections_charged_later(
    transaction: Transaction, scope: Scope, interval: Interval
) -> Sequence[tuple[Line, Line]]:
    """(what was charged, what was really there) for entries of a closed interval corrected afterwards."""
    c = register_table.c
    query = register_table.select(scope).where(c.corrects.is_not(None), c.charged_from > interval.start)
    after = [_line(row) for row in transaction.rows(query.order_by(c.number))]
    before = {
        line.number: line
        for row in transaction.rows(
            register_table.select(scope).where(c.number.in_(sorted({line.corrects or 0 for line in after})))
        )
        for line in [_line(row)]
    }
    pairs = [(before[line.corrects], line) for line in after if line.corrects in before]
    return [pair for pair in pairs if any(_meets(line, interval) for line in pair)]


def add_correction(transaction: Transaction, row: Mapping[str, Any]) -> bool:
    """Record a proposal; False if the same one stands already."""
    return transaction.insert_once(correction_table, row, what="correction")


def correction_of(transaction: Transaction, scope: Scope, id_: str) -> RowMapping | None:
    """The proposal with that id inside the scope."""
    return transaction.row(correction_table.select(scope).where(correction_table.c.id == id_))


def corrections(transaction: Transaction, scope: Scope) -> Sequence[RowMapping]:
    """Every proposal inside the scope, by id."""
    return transaction.rows(correction_table.select(scope).order_by(correction_table.c.id))


def decide_correction(transaction: Transaction, scope: Scope, id_: str, values: Mapping[str, Any]) -> None:
    """Who decided on it, when, and which entry was made."""
    transaction.write(correction_table.update(scope).where(correction_table.c.id == id_).values(**values))


def cursor_of(line: Line) -> Cursor:
    """Where the page after ``line`` begins."""
    return Cursor(line.entry.agency, line.entry.resource, line.entry.opened, line.number)


def _meets(line: Line, interval: Interval) -> bool:
    closed = line.entry.closed
    return line.entry.opened < interval.end and (closed is None or closed > interval.start)


def _row(entry: RegisterEntry, opening: Opening) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in _ENTRY}
    row |= {name: getattr(opening, name) for name in Opening.__slots__}
    row["charged_from"] = opening.charged_from or entry.opened
    return row


def _line(row: RowMapping) -> Line:
    full = row["full_attributes"]
    return Line(
        number=row["number"],
        entry=RegisterEntry(**{**{name: row[name] for name in _ENTRY}, "attributes": _exact(row["attributes"])}),
        opening=Opening(
            because=Because(row["because"]),
            recorded_at=row["recorded_at"],
            suspended=row["suspended"],
            full_attributes=None if full is None else _exact(full),
            corrects=row["corrects"],
            decided=row["decided"],
            charged_from=row["charged_from"],
        ),
        superseded_from=row["superseded_from"],
    )


def _exact(document: Mapping[str, str]) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in document.items()}
