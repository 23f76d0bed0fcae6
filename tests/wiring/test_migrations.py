"""The migrations give exactly the shape the program expects, from nothing and back again."""

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
from foundation.store import DatabaseNewer, NotMigrated, Store, open_store
from wiring.database import HEAD, check_current, revision, upgrade
from wiring.tables import gather

MIGRATIONS = Path(wiring.database.__file__).parent / "migrations"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """A database in which nothing is."""
    opened = open_store(f"sqlite:///{tmp_path}/empty.db")
    yield opened
    opened.close()


def alembic(store: Store, what: Any, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        what(config, to)


def differences(store: Store) -> list[Any]:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, gather()))


def shape(store: Store) -> set[tuple[str, str, str]]:
    """Every table, index and trigger with the words it was made by."""
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT type, name, coalesce(sql, '') FROM sqlite_master"))
        return {(row[0], row[1], " ".join(row[2].split())) for row in rows}


def test_the_programs_version_is_the_newest_script() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert scripts.get_heads() == [HEAD]
    assert [script.revision for script in scripts.walk_revisions()][-1:] == ["0001"]


def test_an_empty_database_becomes_what_the_rooms_expect(empty: Store) -> None:
    assert revision(empty) is None
    assert upgrade(empty)
    assert revision(empty) == HEAD
    assert differences(empty) == []
    assert set(inspect(empty.engine).get_table_names()) == {*gather().tables, "alembic_version"}


def test_checks_and_foreign_keys_are_the_same_as_the_rooms(empty: Store, store: Store) -> None:
    """``compare_metadata`` does not look at check constraints: compare what SQLite says it has."""
    upgrade(empty)
    migrated, expected = inspect(empty.engine), inspect(store.engine)
    for table in gather().tables:
        for what in ("get_check_constraints", "get_foreign_keys", "get_unique_constraints", "get_pk_constraint"):
            assert _sorted(getattr(migrated, what)(table)) == _sorted(getattr(expected, what)(table)), (table, what)


def _sorted(found: Any) -> Any:
    return sorted(map(repr, found)) if isinstance(found, list) else found


def test_upgrading_again_changes_nothing(empty: Store) -> None:
    upgrade(empty)
    before = shape(empty)
    assert not upgrade(empty)
    assert shape(empty) == before


def test_down_and_up_again_gives_the_same_database(empty: Store) -> None:
    upgrade(empty)
    before = shape(empty)
    alembic(empty, command.downgrade, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    assert not {name for kind, name, _ in shape(empty) if kind == "trigger"}
    alembic(empty, command.upgrade, "head")
    assert shape(empty) == before


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


@pytest.mark.parametrize(("found", "error"), [("0000", NotMigrated), ("9999", DatabaseNewer)])
def test_a_database_of_another_version_is_not_opened(empty: Store, found: str, error: type[Exception]) -> None:
    upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    with pytest.raises(error):
        check_current(empty)


def test_an_empty_database_is_not_opened(empty: Store) -> None:
    with pytest.raises(NotMigrated):
        check_current(empty)
