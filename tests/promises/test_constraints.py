"""What the database itself refuses, made by the migrations as it is by the models."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError

from foundation.store import REASON, Store
from tests.databases import Databases, lent
from tests.wiring import filling
from wiring.database import upgrade
from wiring.tables import gather

APPEND_ONLY = ("audit_entry", "decision", "ledger_posting", "ledger_transaction")


@pytest.fixture
def migrated(databases: Databases) -> Iterator[Store]:
    """A copy of its own of one made by the migrations alone, with rows in every table."""
    with lent(databases, databases.made_once("filled", _fill)) as store:
        yield store


def _fill(store: Store) -> None:
    assert upgrade(store)
    with store.engine.begin() as connection:
        filling.fill(connection)


def test_the_tables_that_are_only_added_to_are_these() -> None:
    said = {table.name for table in gather().sorted_tables if REASON in table.info}
    assert said >= set(APPEND_ONLY)


@pytest.mark.parametrize("name", sorted(table.name for table in gather().sorted_tables if REASON in table.info))
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_after_the_migrations_a_row_is_neither_changed_nor_deleted(migrated: Store, name: str, verb: str) -> None:
    """By the bare connection: past the program, as a hand with a database tool has it."""
    column = gather().tables[name].columns.keys()[-1]
    statement = {
        "UPDATE": f'UPDATE {name} SET "{column}" = "{column}"',
        "DELETE": f"DELETE FROM {name}",
        "TRUNCATE": f"TRUNCATE {name} CASCADE",
    }[verb]
    if verb == "TRUNCATE" and migrated.dialect == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    reason = re.escape(gather().tables[name].info[REASON])
    with pytest.raises(IntegrityError, match=reason), migrated.engine.begin() as connection:
        connection.execute(text(statement))
    with migrated.engine.connect() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() == filling.ROWS


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


@pytest.mark.parametrize("table", ["price_list", "grade"])
def test_one_person_as_both_is_refused_by_the_migrated_database(migrated: Store, table: str) -> None:
    change = f"UPDATE {table} SET published_by = drafted_by WHERE published_by IS NOT NULL"
    with pytest.raises(IntegrityError, match="two_persons"), migrated.engine.begin() as connection:
        connection.execute(text(change))
