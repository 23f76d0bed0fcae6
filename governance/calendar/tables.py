"""The loaded years, every version of each. A row is never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, RowMapping, String, Table, insert, select

from foundation.evidence import plain
from foundation.store import Document, Instant, Transaction, append_only, metadata
from foundation.values.working_days import WorkingCalendar, published_calendar
from governance.calendar.model import Holiday, LoadedYear, Notice
from governance.parties.tables import account_table, person_table

working_year_table = Table(
    "working_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document_number", String(200), nullable=False),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("person", ForeignKey(person_table.c.id), nullable=False),
    Column("account", ForeignKey(account_table.c.name), nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
append_only(working_year_table, "a loaded year is never changed, only followed by its next version")


def calendar_at(transaction: Transaction) -> WorkingCalendar:
    """The working calendar as it stands: the published years, and over them the newest version of every loaded one."""
    newest = {loaded.notice.year: loaded.notice.working_year for loaded in loaded_years(transaction)}
    return published_calendar().with_years(newest.values())


def loaded_years(transaction: Transaction) -> Sequence[LoadedYear]:
    """Every version of every loaded year, by year and version."""
    query = select(working_year_table).order_by(working_year_table.c.year, working_year_table.c.version)
    return [_loaded(row) for row in transaction.rows(query)]


def newest_of(transaction: Transaction, year: int) -> LoadedYear | None:
    """The version of a year that holds; None of a year nobody loaded."""
    query = select(working_year_table).where(working_year_table.c.year == year)
    rows = transaction.rows(query.order_by(working_year_table.c.version.desc()).limit(1))
    return _loaded(rows[0]) if rows else None


def add_version(transaction: Transaction, loaded: LoadedYear) -> None:
    """Write a version."""
    transaction.write(
        insert(working_year_table).values(
            year=loaded.notice.year,
            version=loaded.version,
            document_number=loaded.notice.document_number,
            document=plain(loaded.notice),
            digest=loaded.digest,
            person=loaded.person,
            account=loaded.account,
            loaded_at=loaded.loaded_at,
            recorded_at=loaded.recorded_at,
        )
    )


def _loaded(row: RowMapping) -> LoadedYear:
    facts = {name: row[name] for name in LoadedYear.__slots__ if name != "notice"}
    return LoadedYear(notice=_notice(row["document"]), **facts)


def _notice(document: Mapping[str, Any]) -> Notice:
    return Notice(
        year=document["year"],
        document_number=document["document_number"],
        issued_on=date.fromisoformat(document["issued_on"]),
        holidays=tuple(
            Holiday(each["name"], date.fromisoformat(each["first_day"]), date.fromisoformat(each["last_day"]))
            for each in document["holidays"]
        ),
        make_up_days=tuple(date.fromisoformat(day) for day in document["make_up_days"]),
    )
