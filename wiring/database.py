"""Makes and checks the record database's shape, through Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, make_url, text

from foundation.store import DatabaseNewer, NotMigrated, Store, check_held, check_suited, grant, protect
from wiring.tables import gather

HEAD = "0007"
"""The newest migration; a test holds that it is."""


def revision(store: Store) -> str | None:
    """The migration the database stands at; None of an empty one."""
    with store.reading() as transaction:
        if not transaction.has_table("alembic_version"):
            return None
        found: str | None = transaction.value(text("SELECT version_num FROM alembic_version"))
        return found


def check_current(store: Store) -> None:
    """Raise ``NotMigrated`` or ``DatabaseNewer`` unless the database fits this program, ``RoleTooMighty`` where
    row-level security would not hold the program itself."""
    found = revision(store)
    if found == HEAD:
        with store.engine.connect() as connection:
            check_held(connection)
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
        with store.reshaping() as connection:
            return _protect(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.reshaping() as connection:
        check_suited(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _protect(connection)
    return True


def _protect(connection: Connection) -> bool:
    """On PostgreSQL: put every agency's table under row-level security; False if all were."""
    return connection.dialect.name == "postgresql" and protect(connection, gather().sorted_tables)


def let_in(owner: Store, url: str) -> None:
    """Let the role the application connects as (that of ``url``) work with the tables of their ``owner``."""
    role = make_url(url).username
    if owner.dialect == "postgresql" and role and role != owner.engine.url.username:
        with owner.reshaping() as connection:
            grant(connection, role)
