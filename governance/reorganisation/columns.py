"""The common way of following: one column of a table names the agency, and open rows get the successor's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, select, true, update

from foundation.store import AgencyOwned, Transaction
from governance.authority import machine_scope
from governance.parties.successions import succession_table
from governance.reorganisation.model import Moves


@dataclass(frozen=True)
class ColumnFollows:
    """Rows of ``owned`` whose ``column`` names a predecessor; those that are ``open_`` at the instant, where said.

    ``by`` says what a row belongs to, nearest first: kind of thing (environment, system, project, account) → column.
    In a split a row goes where its thing goes, otherwise to the main successor.
    """

    owned: AgencyOwned | Table
    column: str = "agency"
    open_: Callable[[datetime], ColumnElement[bool]] | None = None
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The table's name."""
        return self._bare.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """One statement for the whole reorganisation, and one for each thing a split names."""
        moved = sum(self._follow_named(transaction, moves, kind) for kind in self.by)
        mine: Column[Any] = self._bare.c[self.column]
        of_this = (succession_table.c.reorganisation == moves.reorganisation) & succession_table.c.main
        successor = select(succession_table.c.successor).where(of_this, succession_table.c.predecessor == mine)
        ended = select(succession_table.c.predecessor).where(of_this)
        changed = (
            self._update().where(mine.in_(ended), self._open(moves.at)).values({mine: successor.scalar_subquery()})
        )
        return moved + transaction.write(changed)

    def _follow_named(self, transaction: Transaction, moves: Moves, kind: str) -> int:
        mine, thing = self._bare.c[self.column], self._bare.c[self.by[kind]]
        moved = 0
        for (predecessor, id_), successor in sorted(moves.shares.get(kind, {}).items()):
            if successor != predecessor:
                named = self._update().where(mine == predecessor, thing == id_, self._open(moves.at))
                moved += transaction.write(named.values({mine: successor}))
        return moved

    def _open(self, at: datetime) -> ColumnElement[bool]:
        return true() if self.open_ is None else self.open_(at)

    @property
    def _bare(self) -> Table:
        return self.owned.table if isinstance(self.owned, AgencyOwned) else self.owned

    def _update(self) -> Any:
        return self.owned.update(machine_scope()) if isinstance(self.owned, AgencyOwned) else update(self.owned)
