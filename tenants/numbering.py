"""Numbers that people read, in series: one of requests, one of needs, one of grants, each begun anew every year.

Owns what was last given out. Does not own the things themselves: whether somebody chose a number by hand before is
asked of their room.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.dialects import postgresql, sqlite

from foundation.store import Transaction, metadata
from foundation.values.instant import SHANGHAI

series_table = Table(
    "number_series",
    metadata,
    Column("series", String(20), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)


class Series(StrEnum):
    """What is numbered by itself."""

    REQUEST = "request"
    NEED = "need"
    GRANT = "grant"

    def number(self, year: int, count: int) -> str:
        """The text of a number: ``REQ-2026-0001``. It grows longer than its digits rather than begin anew."""
        prefix, digits = _FORMS[self]
        return f"{prefix}-{year:04d}-{count:0{digits}d}"


_FORMS = {Series.REQUEST: ("REQ", 4), Series.NEED: ("NEED", 4), Series.GRANT: ("GRT", 6)}


def next_number(transaction: Transaction, series: Series, at: datetime, taken: Callable[[str], bool]) -> str:
    """The next free number of the Shanghai year of ``at``; two at once get two.

    ``taken`` says whether somebody chose that number by hand: it is passed over.
    """
    year = at.astimezone(SHANGHAI).year
    while taken(number := series.number(year, _count(transaction, series, year))):
        continue
    return number


def _count(transaction: Transaction, series: Series, year: int) -> int:
    """One more than the last, in one statement: who comes at the same time waits for the row."""
    adding = (sqlite if transaction.dialect == "sqlite" else postgresql).insert(series_table)
    adding = adding.values(series=series.value, year=year, last=1).on_conflict_do_update(
        index_elements=["series", "year"], set_={"last": series_table.c.last + 1}
    )
    return int(transaction.value(adding.returning(series_table.c.last)))
