"""Makes and checks the record database's shape, through Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from foundation.store import DatabaseNewer, NotMigrated, Store

HEAD = "0001"
"""The newest migration; a test holds that it is."""


def revision(store: Store) -> str | None:
    """The migration the database stands at; None of an empty one."""
    with store.engine.connect().execution_options(guanyun_writing=False) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def check_current(store: Store) -> None:
    """Raise ``NotMigrated`` or ``DatabaseNewer`` unless the database fits this program."""
    found = revision(store)
    if found == HEAD:
        return
    if found is None or found < HEAD:
        raise NotMigrated(found=found or "∅", expected=HEAD)
    raise DatabaseNewer(found=found)


def upgrade(store: Store) -> bool:
    """Bring the database to ``HEAD``; False if it stood there."""
    from alembic import command
    from alembic.config import Config

    if revision(store) == HEAD:
        return False
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
