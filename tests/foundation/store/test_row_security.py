"""Row-level security on PostgreSQL: what the database shows to whom, whatever statement is sent."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Column, MetaData, String, Table, text
from sqlalchemy.exc import ProgrammingError

from foundation.store import AgencyOwned, RoleTooMighty, Scope, Store, check_held, grant, open_store, owns_tables
from foundation.store.row_security import protect, unprotected
from tests.databases import PostgresDatabases
from tests.postgres import ADMINISTRATOR

pytestmark = pytest.mark.real

HRSS, MACHINE = Scope(frozenset({"hrss"})), Scope(None)
tables = MetaData()
paper = AgencyOwned(
    Table("paper", tables, Column("id", String(20), primary_key=True), Column("agency", String(40), nullable=False))
)
RAW = text("SELECT id FROM paper ORDER BY id")


@pytest.fixture
def store(postgres_databases: PostgresDatabases) -> Iterator[Store]:
    opened = open_store(postgres_databases.empty())
    tables.create_all(opened.engine)
    with opened.transaction() as transaction:
        for agency in ("hrss", "housing"):
            transaction.add(paper, {"id": f"of-{agency}", "agency": agency})
    yield opened
    opened.close()


def seen(store: Store, scope: Scope) -> list[str]:
    with store.reading() as transaction:
        transaction.bind(scope)
        return [row["id"] for row in transaction.rows(RAW)]


def test_a_statement_that_went_round_the_scope_sees_the_readers_rows_only(store: Store) -> None:
    assert seen(store, HRSS) == ["of-hrss"]
    assert seen(store, Scope(frozenset())) == []
    assert seen(store, MACHINE) == ["of-housing", "of-hrss"]


def test_a_binding_ends_with_its_transaction(store: Store) -> None:
    for _ in range(3):
        assert seen(store, HRSS) == ["of-hrss"]
        with store.transaction() as transaction:
            assert len(transaction.rows(RAW)) == 2


def test_the_machines_own_statement_is_let_through_and_none_after_it(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.bind(HRSS)
        assert len(transaction.rows(paper.select(MACHINE))) == 2
        assert [row["id"] for row in transaction.rows(RAW)] == ["of-hrss"]
        assert len(transaction.rows(paper.select(HRSS))) == 1
        assert transaction.write(paper.update(MACHINE).values(id=paper.c.id + "!")) == 2
        assert [row["id"] for row in transaction.rows(RAW)] == ["of-hrss!"]


def test_what_the_machine_does_in_a_readers_transaction_is_not_bound_and_what_comes_after_is(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.bind(HRSS)
        with transaction.as_machine():
            assert len(transaction.rows(RAW)) == 2
            transaction.add(paper, {"id": "another", "agency": "housing"})
            transaction.rows(paper.select(MACHINE))
            assert len(transaction.rows(RAW)) == 3
        assert [row["id"] for row in transaction.rows(RAW)] == ["of-hrss"]
        transaction.write(paper.insert(MACHINE).values(id="a third", agency="housing"))
        assert [row["id"] for row in transaction.rows(RAW)] == ["of-hrss"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO paper VALUES ('forged', 'housing')",
        "UPDATE paper SET agency = 'housing'",
    ],
)
def test_a_row_of_another_agency_is_not_written(store: Store, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), store.transaction() as transaction:
        transaction.bind(HRSS)
        transaction.write(text(statement))


@pytest.mark.parametrize("statement", ["DELETE FROM paper", "UPDATE paper SET id = 'x' WHERE agency = 'housing'"])
def test_a_row_of_another_agency_is_not_there_to_be_changed(store: Store, statement: str) -> None:
    with store.transaction() as transaction:
        transaction.bind(HRSS)
        assert transaction.write(text(statement)) == (1 if statement.startswith("DELETE") else 0)
    assert "of-housing" in seen(store, MACHINE)


@pytest.mark.parametrize("way", ["a view of the owner", "a function that runs as its owner", "the owner", "a join"])
def test_there_is_no_way_round(store: Store, way: str) -> None:
    """The role of this connection owns the table: the policy is forced on it."""
    sources = {
        "a view of the owner": "shown",
        "a function that runs as its owner": "given()",
        "the owner": "paper",
        "a join": "paper JOIN paper other USING (id, agency)",
    }
    with store.engine.begin() as connection:
        assert owns_tables(connection)
        connection.exec_driver_sql("CREATE VIEW shown AS SELECT * FROM paper")
        connection.exec_driver_sql(
            "CREATE FUNCTION given() RETURNS SETOF paper LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM paper'"
        )
    with store.reading() as transaction:
        transaction.bind(HRSS)
        found = transaction.rows(text(f"SELECT id FROM {sources[way]}"))
    assert [row["id"] for row in found] == ["of-hrss"]


def test_a_client_that_says_nothing_sees_nothing(store: Store, postgres_databases: PostgresDatabases) -> None:
    where = store.engine.url
    with psycopg.connect(host=where.query["host"], dbname=where.database, user=where.username) as connection:
        assert connection.execute("SELECT * FROM paper").fetchall() == []


def test_the_applications_role_owns_nothing_and_cannot_take_the_policy_away(
    store: Store, postgres_databases: PostgresDatabases
) -> None:
    database = str(store.engine.url.database)
    role = f"application_of_{database}"
    postgres_databases.server.run(f"CREATE ROLE {role} LOGIN")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num text)")
        grant(connection, role)
    plain = open_store(postgres_databases.server.url(database, user=role))
    try:
        with plain.engine.connect() as connection:
            assert not owns_tables(connection)
            check_held(connection)
        assert seen(plain, HRSS) == ["of-hrss"]
        for statement in (
            "ALTER TABLE paper DISABLE ROW LEVEL SECURITY",
            "DROP POLICY guanyun_scope ON paper",
            "TRUNCATE paper",
            "DELETE FROM alembic_version",
        ):
            with pytest.raises(ProgrammingError, match=r"owner|permission denied"), plain.transaction() as transaction:
                transaction.write(text(statement))
    finally:
        plain.close()


def test_a_mighty_role_is_refused(store: Store, postgres_databases: PostgresDatabases) -> None:
    mighty = open_store(postgres_databases.server.url(str(store.engine.url.database), user=ADMINISTRATOR))
    with mighty.engine.connect() as connection, pytest.raises(RoleTooMighty, match="SUPERUSER"):
        check_held(connection)
    mighty.close()


def test_a_table_that_lost_its_policy_is_named_and_mended(store: Store) -> None:
    with store.engine.begin() as connection:
        assert unprotected(connection, tables.sorted_tables) == []
        connection.exec_driver_sql("ALTER TABLE paper NO FORCE ROW LEVEL SECURITY")
        assert unprotected(connection, tables.sorted_tables) == [paper.table]
        assert protect(connection, tables.sorted_tables)
        assert not protect(connection, tables.sorted_tables)
