"""Migration 0004 sets the counters of needs and grants from the rows that stand, and takes those of requests over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, select, text

import wiring.database
from foundation.store import Store
from tests.databases import Databases, lent
from tests.wiring import filling
from wiring.database import upgrade

NEEDS = ("NEED-2026-0009", "NEED-2026-9999", "NEED-2026-10000", "NEED-2025-0003", "NEED-2026-99999999999", "台账-7")
GRANTS = ("GRT-2026-000012", "GRT-2026-000002")


@pytest.fixture
def at_0003(databases: Databases) -> Iterator[Store]:
    """A database of the program before, with the rows it had."""
    with lent(databases, databases.made_once("series at 0003", _of_before)) as store:
        yield store


def _of_before(store: Store) -> None:
    _alembic(store, command.upgrade, "0003")
    filling.protect_rows(store)
    with store.engine.begin() as connection:
        filling.fill(connection)
        for table, numbers in (("need", NEEDS), ("data_grant", GRANTS)):
            _copy(connection, table, numbers)
        connection.execute(text("INSERT INTO request_count (year, last) VALUES (2026, 41)"))


def test_every_series_goes_on_where_it_stood(at_0003: Store) -> None:
    upgrade(at_0003)
    assert _read(at_0003, "SELECT series, year, last FROM number_series WHERE year > 2000 ORDER BY series, year") == [
        ("grant", 2026, 12),
        ("need", 2025, 3),
        ("need", 2026, 10_000),
        ("request", 2026, 41),
    ]


def test_the_older_program_finds_the_requests_counter_as_it_left_it(at_0003: Store) -> None:
    before = _read(at_0003, "SELECT year, last FROM request_count ORDER BY year")
    upgrade(at_0003)
    _alembic(at_0003, command.downgrade, "0003")
    assert _read(at_0003, "SELECT year, last FROM request_count ORDER BY year") == before
    assert {row[0] for row in _read(at_0003, "SELECT number FROM need")} >= set(NEEDS)


def _copy(connection: Connection, name: str, numbers: tuple[str, ...]) -> None:
    table = filling.reflected(connection).tables[name]
    row = dict(connection.execute(select(table)).mappings().first() or {})
    connection.execute(insert(table), [row | {"number": number} for number in numbers])


def _read(store: Store, query: str) -> list[tuple[Any, ...]]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _alembic(store: Store, what: Any, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(wiring.database.__file__).parent / "migrations"))
    with store.reshaping() as connection:
        config.attributes["connection"] = connection
        what(config, to)
