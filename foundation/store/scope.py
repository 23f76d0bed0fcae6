"""Scope: whose rows a query may see. Made by the one policy function in ``governance.authority``, nowhere else.

An agency-owned table is wrapped in ``AgencyOwned``, which is no selectable: a query without a scope does not
type-check, and one that reaches for the bare table raises ``UnscopedQuery`` when it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Insert, Select, Table, Update, event, insert, select, true, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import visitors

from foundation.store import row_security
from foundation.store.errors import UnscopedQuery
from foundation.store.row_security import OWNER as _OWNER

_SCOPED = "guanyun_scoped"


@dataclass(frozen=True, slots=True)
class Scope:
    """The agencies whose rows may be read or changed; ``None`` means every agency."""

    agencies: frozenset[str] | None

    def covers(self, agency: str) -> bool:
        """Whether rows of ``agency`` are inside."""
        return self.agencies is None or agency in self.agencies


class AgencyOwned:
    """A table whose every row belongs to one agency, reached only through a scope."""

    def __init__(self, table: Table, agency_column: str = "agency") -> None:
        self.table = table
        self.c = table.c
        self._agency = table.c[agency_column]
        table.info[_OWNER] = agency_column
        row_security.keep(table, agency_column)

    def _inside(self, scope: Scope) -> ColumnElement[bool]:
        return true() if scope.agencies is None else self._agency.in_(sorted(scope.agencies))

    def _options(self, scope: Scope) -> dict[str, Any]:
        return {_SCOPED: self.table.name, row_security.WIDE: scope.agencies is None}

    def select(self, scope: Scope, *columns: Any) -> Select[Any]:
        """``SELECT`` of the whole row, or of ``columns``, inside the scope."""
        chosen = select(*columns) if columns else select(self.table)
        return chosen.where(self._inside(scope)).execution_options(**self._options(scope))

    def update(self, scope: Scope) -> Update:
        """``UPDATE`` inside the scope."""
        return update(self.table).where(self._inside(scope)).execution_options(**self._options(scope))

    def insert(self, scope: Scope | None = None) -> Insert:
        """``INSERT``: a row names its own agency. With the machine's own ``scope``, in a transaction bound to a reader,
        a row of another agency's is written (a task in another party's inbox)."""
        placing = insert(self.table)
        return placing if scope is None else placing.execution_options(**{row_security.WIDE: scope.agencies is None})


def guard(engine: Any) -> None:
    """Make ``engine`` refuse statements that read or change an agency-owned table without a scope."""

    @event.listens_for(engine, "before_execute")
    def _refuse_unscoped(connection: Connection, statement: Any, multi: Any, parameters: Any, options: Any) -> None:
        if isinstance(statement, Insert) and statement.select is None:
            return
        # A scope holds for its own table only: another agency-owned table joined to it has none.
        scoped = options.get(_SCOPED) or statement.get_execution_options().get(_SCOPED)
        for element in visitors.iterate(statement):
            table = element.table if isinstance(element, Column) else element
            if isinstance(table, Table) and _OWNER in table.info and table.name != scoped:
                raise UnscopedQuery(table=table.name)
