"""What the database itself refuses, made by the migrations as it is by the models."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import CheckConstraint, inspect

from foundation.store import Store, open_store
from wiring.database import upgrade
from wiring.tables import gather

APPEND_ONLY = ("audit_entry", "decision", "ledger_posting", "ledger_transaction")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database made by the migrations alone."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('migrated')}/records.db")
    assert upgrade(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database made from the models."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('modelled')}/records.db")
    gather().create_all(store.engine)
    yield store
    store.close()


def triggers(store: Store) -> set[tuple[str, str]]:
    """(table, trigger) of the database."""
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        return {(row[0], row[1]) for row in rows}


def test_the_migrations_make_the_triggers_of_the_models(migrated: Store, modelled: Store) -> None:
    wanted = {(table, f"{table}_no_{verb}") for table in APPEND_ONLY for verb in ("update", "delete")}
    assert triggers(migrated) == triggers(modelled) == wanted


@pytest.mark.parametrize("name", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_after_the_migrations_a_row_is_neither_changed_nor_deleted(migrated: Store, name: str, verb: str) -> None:
    columns = [f'"{column.name}"' for column in gather().tables[name].c]
    statement = f"DELETE FROM {name}" if verb == "DELETE" else f"UPDATE {name} SET {columns[-1]} = 2"
    with closing(plain_connection(migrated)) as connection:
        marks = ", ".join("?" for _ in columns)
        connection.execute(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", [1] * len(columns))
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            connection.execute(statement)
        assert len(connection.execute(f"SELECT * FROM {name}").fetchall()) == 1


def plain_connection(store: Store) -> sqlite3.Connection:
    """Past the program: without its guard, and without foreign keys, as a hand with a database tool has it."""
    return sqlite3.connect(str(store.engine.url.database))


def test_where_one_row_names_two_persons_the_database_keeps_them_apart(migrated: Store) -> None:
    """By the person's foreign key: a table that comes to name two persons must say that they differ."""
    looked_at = set()
    for table in gather().sorted_tables:
        persons = [
            column.name for column in table.c if any(key.column.table.name == "person" for key in column.foreign_keys)
        ]
        if len(persons) < 2:
            continue
        looked_at.add(table.name)
        checks = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert any("two_persons" in name for name in checks), table.name
        made = {str(check["name"]) for check in inspect(migrated.engine).get_check_constraints(table.name)}
        assert f"ck_{table.name}_two_persons" in made
    assert looked_at >= {"grade", "price_list"}


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("price_list", {"document": "{}", "digest": "d", "id": "P"}),
        ("grade", {"contract": "C", "month": "2026-03", "points": 90, "document": "{}", "digest": "d"}),
    ],
)
def test_one_person_as_both_is_refused_by_the_migrated_database(
    migrated: Store, table: str, columns: dict[str, object]
) -> None:
    at = "2026-03-01T00:00:00.000000Z"
    row = {**columns, "drafted_by": "p1", "drafted_at": at, "published_by": "p1", "published_at": at}
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    with closing(plain_connection(migrated)) as connection, pytest.raises(sqlite3.DatabaseError, match="two_persons"):
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
