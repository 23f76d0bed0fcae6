"""Makes and checks the record database's shape, through Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from foundation.store import DatabaseNewer, NotMigrated, Store, check_suited

HEAD = "0002"
"""The newest migration; a test holds that it is."""


def revision(store: Store) -> str | None:
    """The migration the database stands at; None of an empty one."""
    with store.reading() as transaction:
        if not transaction.has_table("alembic_version"):
            return None
        found: str | None = transaction.value(text("SELECT version_num FROM alembic_version"))
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
    """Bring the database to ``HEAD``, whole or not at all; False if it stood there.

    Raises ``DatabaseUnsuited`` of a PostgreSQL database made with another encoding or order of texts.
    """
    from alembic import command
    from alembic.config import Config

    if revision(store) == HEAD:
        return False
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.reshaping() as connection:
        check_suited(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
