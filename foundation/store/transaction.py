"""One transaction: the only way to the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, RowMapping, Table, insert, select
from sqlalchemy.engine import Connection

from foundation.evidence import canonical_text
from foundation.store.errors import AlreadyThere
from foundation.store.scope import AgencyOwned


class Transaction:
    """Wraps one connection inside one transaction. Rows come back as mappings; nothing is cached."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    def rows(self, statement: Executable) -> Sequence[RowMapping]:
        """Every row."""
        return self._connection.execute(statement).mappings().all()

    def row(self, statement: Executable) -> RowMapping | None:
        """The one row, or nothing."""
        return self._connection.execute(statement).mappings().one_or_none()

    def value(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        return self._connection.execute(statement).scalar()

    def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Run an insert, update or delete; returns how many rows it touched (one call for many ``rows``)."""
        if rows is not None and not rows:
            return 0
        parameters = None if rows is None else [dict(row) for row in rows]
        return self._connection.execute(statement, parameters).rowcount

    def insert_once(self, table: Table | AgencyOwned, row: Mapping[str, Any], *, what: str) -> bool:
        """Insert ``row`` unless its primary key is there: True if new, False if the same content stands already.

        Other content under the same key raises ``AlreadyThere`` naming the columns that differ.
        """
        bare = table.table if isinstance(table, AgencyOwned) else table
        key = [column.name for column in bare.primary_key.columns]
        found = (
            self._connection.execute(
                select(bare).where(*(bare.c[name] == row[name] for name in key)),
                execution_options={"guanyun_scoped": bare.name},
            )
            .mappings()
            .one_or_none()
        )
        if found is None:
            self._connection.execute(insert(bare), dict(row))
            return True
        differing = [name for name in row if canonical_text(found[name]) != canonical_text(row[name])]
        if differing:
            raise AlreadyThere(
                what=what,
                key="/".join(str(row[name]) for name in key),
                found={name: str(found[name])[:80] for name in differing},
                expected={name: str(row[name])[:80] for name in differing},
            )
        return False
