"""The migrations give exactly the shape the program expects, from nothing and back again, and keep every row.

What a migration of the future does wrong shows here without a new test: ``tests/wiring/filling.py`` makes rows for
whatever tables a revision has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import wiring.database
from foundation.store import DatabaseNewer, DatabaseUnsuited, NotMigrated, ReferencesBroken, Store
from tests.databases import Databases, PostgresDatabases, lent, opened
from tests.wiring import filling
from wiring.database import HEAD, check_current, revision, upgrade
from wiring.tables import gather

MIGRATIONS = Path(wiring.database.__file__).parent / "migrations"
SCRIPTS = ScriptDirectory(str(MIGRATIONS))
PREVIOUS = {script.revision: str(script.down_revision or "base") for script in SCRIPTS.walk_revisions()}
REVISIONS = sorted(script.revision for script in SCRIPTS.walk_revisions())

LET_GO: dict[str, str] = {
    "outbox_delivery": "0002 keeps a position for each subscriber, not the instant of each delivery",
}
"""Table of an old revision → why its rows need not come back when a newer program is taken back to it."""
PROTECTED_SINCE = "0003"
"""The first revision whose program puts agencies' rows under row-level security."""
SAID_ANEW: dict[tuple[str, str], str] = {
    ("session", "ended_at"): "0003: a session serves one duty, so every one of before ends",
}
"""(table, column) → why an upgrade writes it, and taking the program back leaves it so."""

gather()  # before any database is made, so that ``store`` has every table


@pytest.fixture
def empty(databases: Databases) -> Iterator[Store]:
    """A database in which nothing is."""
    with lent(databases, databases.empty()) as store:
        yield store


@pytest.fixture
def migrated(databases: Databases) -> Iterator[Store]:
    """A database that ``upgrade`` made."""
    with lent(databases, databases.made_once("upgraded", upgrade)) as store:
        yield store


@pytest.fixture
def of_before(databases: Databases, old: str) -> Iterator[Store]:
    """A database as the migrations up to ``old`` leave it."""
    with lent(databases, at_revision(databases, old)) as store:
        yield store


def at_revision(databases: Databases, wanted: str) -> str:
    """Each migration is run once, on what those before it left."""
    if wanted == "base":
        return databases.empty()
    return databases.made_once(
        ("migrated", wanted),
        lambda store: alembic(store, command.upgrade, wanted),
        begin=lambda: at_revision(databases, PREVIOUS[wanted]),
    )


def alembic(store: Store, what: Any, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.reshaping() as connection:
        config.attributes["connection"] = connection
        what(config, to)


def differences(store: Store) -> list[Any]:
    with store.engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": _other_default}
        return list(compare_metadata(MigrationContext.configure(connection, opts=opts), gather()))


def _other_default(
    context: Any, found: Any, expected: Any, found_default: str | None, default: Any, expected_default: str | None
) -> bool | None:
    """Alembic's own comparison, but for the empty text, which SQLite gives back in brackets."""
    empty = found_default in {"''", "('')"} and default is not None and default.arg == ""
    return False if empty else None


WORDS = {
    "sqlite": "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master",
    "postgresql": """
        SELECT 'column ' || attrelid::regclass || '.' || attname,
               concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid))
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
          FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'policy ' || tablename || '.' || policyname, qual FROM pg_policies
        UNION ALL SELECT 'force ' || relname, concat(relrowsecurity, relforcerowsecurity) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND (relrowsecurity OR relforcerowsecurity)
        UNION ALL SELECT 'view ' || viewname, definition FROM pg_views WHERE schemaname = 'public'
        UNION ALL SELECT 'function ' || proname, pg_get_functiondef(oid)
          FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """,
}


def shape(store: Store) -> dict[str, str]:
    """Everything that was made in the database, with the words it was made by; SQLite quotes the name of a copy, and
    has its constraints in any order."""
    with store.engine.connect() as connection:
        found = connection.execute(text(WORDS[store.dialect]))
        return {row[0]: _in_order(" ".join(row[1].replace('"', "").split())) for row in found}


def _in_order(words: str) -> str:
    columns, *constraints = words.removesuffix(" )").split(", CONSTRAINT ")
    return ", ".join([columns, *sorted(constraints)])


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.engine.connect() as connection:
        return filling.content(connection)


def test_the_programs_version_is_the_newest_script() -> None:
    assert SCRIPTS.get_heads() == [HEAD]
    assert REVISIONS[0] == "0001"


def test_an_empty_database_becomes_what_the_rooms_expect(empty: Store) -> None:
    assert revision(empty) is None
    assert upgrade(empty)
    assert revision(empty) == HEAD
    assert differences(empty) == []
    assert set(inspect(empty.engine).get_table_names()) == {*gather().tables, "alembic_version"}


def test_checks_keys_and_triggers_are_the_same_as_the_rooms(migrated: Store, store: Store) -> None:
    """``compare_metadata`` does not look at them: compare what the database says it has."""
    found, expected = inspect(migrated.engine), inspect(store.engine)
    for table in gather().tables:
        for what in ("get_check_constraints", "get_foreign_keys", "get_unique_constraints", "get_pk_constraint"):
            assert _sorted(getattr(found, what)(table)) == _sorted(getattr(expected, what)(table)), (table, what)

    def made(store: Store) -> dict[str, str]:
        return {name: words for name, words in shape(store).items() if name.startswith(("trigger", "function"))}

    assert made(migrated) == made(store)
    assert len(made(store)) >= (8 if store.dialect == "sqlite" else 13)


def _sorted(found: Any) -> Any:
    return sorted(map(repr, found)) if isinstance(found, list) else {k: v for k, v in found.items() if v}


def test_upgrading_again_changes_nothing(migrated: Store) -> None:
    before = shape(migrated)
    assert not upgrade(migrated)
    assert shape(migrated) == before


def test_down_and_up_again_gives_the_same_database(migrated: Store) -> None:
    before = shape(migrated)
    alembic(migrated, command.downgrade, "base")
    assert set(inspect(migrated.engine).get_table_names()) <= {"alembic_version"}
    assert not [name for name in shape(migrated) if name.startswith(("trigger", "function"))]
    upgrade(migrated)
    assert shape(migrated) == before


@pytest.mark.parametrize("old", REVISIONS)
def test_rows_of_an_older_program_are_all_there_after_the_upgrade_and_back_again(of_before: Store, old: str) -> None:
    """Two rows in every table: one with all that may be empty empty, one full."""
    if old >= PROTECTED_SINCE:
        filling.protect_rows(of_before)
    old_shape = shape(of_before)
    with of_before.engine.begin() as connection:
        filling.fill(connection)
    before = content(of_before)
    assert all(len(rows) == filling.ROWS for rows in before.values())
    upgrade(of_before)
    after = content(of_before)
    for table, rows in before.items():
        if table in after:
            shared = {name for name in rows[0].keys() & after[table][0].keys() if (table, name) not in SAID_ANEW}
            assert _only(after[table], shared) == _only(rows, shared), table
    alembic(of_before, command.downgrade, old)
    back = content(of_before)
    assert back.keys() == before.keys()
    for table in back.keys() - LET_GO.keys():
        kept = {name for name in before[table][0] if (table, name) not in SAID_ANEW}
        assert _only(back[table], kept) == _only(before[table], kept), table
    assert shape(of_before) == old_shape


def _only(rows: list[dict[str, Any]], columns: set[str]) -> list[dict[str, Any]]:
    return sorted(({name: row[name] for name in sorted(columns)} for row in rows), key=repr)


def test_a_failed_upgrade_leaves_nothing_behind(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.operations import Operations

    made: list[str] = []
    whole = Operations.create_table

    def interrupted(self: Operations, name: str, *rest: Any, **more: Any) -> Any:
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(name)
        return whole(self, name, *rest, **more)

    monkeypatch.setattr(Operations, "create_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upgrade(empty)
    assert inspect(empty.engine).get_table_names() == []
    monkeypatch.undo()
    assert upgrade(empty)
    assert differences(empty) == []


def test_a_table_that_others_refer_to_can_be_made_anew(store: Store) -> None:
    """What SQLite needs for most changes of a table; its rows must stay, and those that refer to them."""
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL changes tables in place")
    with store.engine.begin() as connection:
        filling.fill(connection)
    with store.reshaping() as connection:
        connection.execute(text("CREATE TABLE party_new (id VARCHAR(40) PRIMARY KEY, kind, zh, en)"))
        connection.execute(text("INSERT INTO party_new SELECT id, kind, zh, en FROM party"))
        connection.execute(text("DROP TABLE party"))
        connection.execute(text("ALTER TABLE party_new RENAME TO party"))
    with store.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM account")).scalar() == filling.ROWS
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    with pytest.raises(ReferencesBroken, match="account"), store.reshaping() as connection:
        connection.execute(text("DELETE FROM party"))
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM party")).scalar() == filling.ROWS


@pytest.mark.parametrize(("found", "error"), [("0000", NotMigrated), ("9999", DatabaseNewer)])
def test_a_database_of_another_version_is_not_opened(migrated: Store, found: str, error: type[Exception]) -> None:
    with migrated.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    with pytest.raises(error):
        check_current(migrated)


def test_an_empty_database_is_not_opened(empty: Store) -> None:
    with pytest.raises(NotMigrated):
        check_current(empty)


@pytest.mark.parametrize("made", ["ENCODING 'SQL_ASCII' LOCALE 'C'", "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'zh'"])
def test_a_database_that_sorts_or_writes_texts_otherwise_is_refused(
    postgres_databases: PostgresDatabases, made: str
) -> None:
    """A statement's bytes follow the order of its rows: it must be SQLite's."""
    server = postgres_databases.server
    server.run(f"CREATE DATABASE unsuited TEMPLATE template0 {made}")
    try:
        with opened(server.url("unsuited")) as store:
            with pytest.raises(DatabaseUnsuited):
                upgrade(store)
            assert inspect(store.engine).get_table_names() == []
    finally:
        server.drop("unsuited")
