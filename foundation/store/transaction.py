"""One transaction: the only way to the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Executable, Insert, Row, RowMapping, Table, insert, inspect, select
from sqlalchemy.dialects import postgresql as on_postgresql
from sqlalchemy.dialects import sqlite as on_sqlite
from sqlalchemy.engine import Connection

from foundation.evidence import canonical_text
from foundation.store import postgresql, row_security
from foundation.store.errors import AlreadyThere
from foundation.store.scope import AgencyOwned, Scope
from foundation.store.ways import way_of


@cache
def _insert(table: Table) -> Insert:
    """One statement a table: what is built once is also compiled once."""
    return insert(table)


class Transaction:
    """Wraps one connection inside one transaction. Rows come back as mappings; nothing is cached."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    def stand_alone(self) -> None:
        """Be alone from here to the end: for a step that needs one order over all, as the audit chain does.

        Nothing happens where the transaction is alone already, and on SQLite. What was read before is not protected.
        """
        if self.dialect == "postgresql" and not way_of(self._connection).alone:
            postgresql.stand_alone(self._connection)

    def bind(self, scope: Scope) -> None:
        """From here on this transaction is for a reader with this scope; the database keeps it too, where it can.

        A statement that was given the machine's own scope is let through one by one.
        """
        if scope.agencies is not None:
            row_security.bind(self._connection, scope.agencies)

    @contextmanager
    def as_machine(self) -> Iterator[None]:
        """Inside the block, what the machine does for everybody (a register entry of one agency opened by another's
        decision), in a transaction that is bound to a reader. ``Scope`` holds as ever."""
        with row_security.unbound(self._connection):
            yield

    def has_table(self, name: str) -> bool:
        """Whether the database has this table."""
        return inspect(self._connection).has_table(name)

    def rows(self, statement: Executable) -> Sequence[RowMapping]:
        """Every row."""
        return self._connection.execute(statement).mappings().all()

    def stream(self, statement: Executable, *, at_once: int = 10_000) -> Iterator[Row[Any]]:
        """Every row, never more than ``at_once`` of them in memory; bare tuples, for what reads millions."""
        return iter(self._connection.execution_options(yield_per=at_once).execute(statement))

    def row(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> RowMapping | None:
        """The one row, or nothing."""
        return self._connection.execute(statement, parameters).mappings().one_or_none()

    def value(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        return self._connection.execute(statement).scalar()

    def add(self, table: Table | AgencyOwned, row: Mapping[str, Any]) -> None:
        """Insert one row: the quick way, for what is written many times a second."""
        bare = table.table if isinstance(table, AgencyOwned) else table
        self._connection.execute(_insert(bare), dict(row))

    def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Run an insert, update or delete; returns how many rows it touched (one call for many ``rows``)."""
        if rows is not None and not rows:
            return 0
        parameters = None if rows is None else [dict(row) for row in rows]
        # The engine keeps an insert's count only when asked, and PostgreSQL's driver forgets it otherwise.
        return self._connection.execute(statement, parameters, execution_options={"preserve_rowcount": True}).rowcount

    def returned(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> Sequence[RowMapping]:
        """Run one insert for many ``rows``, and give what its ``RETURNING`` says, in no order."""
        if not rows:
            return []
        return self._connection.execute(statement, [dict(row) for row in rows]).mappings().all()

    def insert_once(self, table: Table | AgencyOwned, row: Mapping[str, Any], *, what: str) -> bool:
        """Insert ``row`` unless its primary key is there: True if new, False if the same content stands already.

        Other content under the same key raises ``AlreadyThere`` naming the columns that differ.
        """
        bare = table.table if isinstance(table, AgencyOwned) else table
        key = [column.name for column in bare.primary_key.columns]
        # Beside another writer the key may appear between a look and an insert: the database decides, in one statement.
        placing = (on_sqlite if self.dialect == "sqlite" else on_postgresql).insert(bare)
        if self.write(placing.values(**row).on_conflict_do_nothing(index_elements=key)):
            return True
        found = (
            self._connection.execute(
                select(bare).where(*(bare.c[name] == row[name] for name in key)),
                execution_options={"guanyun_scoped": bare.name},
            )
            .mappings()
            .one()
        )
        differing = [name for name in row if canonical_text(found[name]) != canonical_text(row[name])]
        if differing:
            raise AlreadyThere(
                what=what,
                key="/".join(str(row[name]) for name in key),
                found={name: str(found[name])[:80] for name in differing},
                expected={name: str(row[name])[:80] for name in differing},
            )
        return False
