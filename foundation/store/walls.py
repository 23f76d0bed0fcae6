"""Walls: triggers and views that follow from the program's rules, over tables that several rooms make.

They hold no rows. They are put up after all tables are made, and taken down while tables are made anew: a view or a
trigger that names a table keeps SQLite from replacing it. So a migration need not know of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, event, inspect, text


@dataclass(frozen=True, slots=True)
class Wall:
    """``up`` and ``down`` give the statements for a dialect (``sqlite`` or ``postgresql``), ``down`` harmless where
    there is nothing; ``columns``: the (table, column) that must be there for the wall to stand."""

    name: str
    columns: frozenset[tuple[str, str]]
    up: Callable[[str], Sequence[str]]
    down: Callable[[str], Sequence[str]]


_WALLS: dict[str, Wall] = {}


def wall(built: Wall) -> None:
    """Have the wall put up with the tables from now on."""
    _WALLS[built.name] = built


def put_up(connection: Connection) -> None:
    """Every wall whose tables are there."""
    inspected = inspect(connection)
    tables = set(inspected.get_table_names())
    for built in _WALLS.values():
        named = {table for table, _ in built.columns}
        if named <= tables and built.columns <= {
            (table, column["name"]) for table in named for column in inspected.get_columns(table)
        }:
            _run(connection, (*built.down(connection.dialect.name), *built.up(connection.dialect.name)))


def take_down(connection: Connection) -> None:
    """Every wall."""
    for built in reversed(_WALLS.values()):
        _run(connection, built.down(connection.dialect.name))


def put_up_with(metadata: MetaData) -> None:
    """Put the walls up whenever all tables of ``metadata`` are made at once."""

    @event.listens_for(metadata, "after_create")
    def _after_create(target: MetaData, connection: Connection, **_: Any) -> None:
        put_up(connection)


def _run(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(text(statement.replace(":", r"\:")))
