"""The engine: SQLite (WAL, synchronous=FULL) by default, PostgreSQL by URL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import URL, MetaData, create_engine, event, make_url
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError

from foundation.store import postgresql
from foundation.store.away import Stage, away_in_words
from foundation.store.errors import DatabaseAddressWrong, DatabaseUnavailable, ReferencesBroken
from foundation.store.scope import guard
from foundation.store.transaction import Transaction
from foundation.store.walls import put_up, put_up_with, take_down
from foundation.store.ways import Way, connect, way_of

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of Guanyun stands here."""
put_up_with(metadata)

DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What a URL may begin with, and the driver it means."""

SQLITE_PATIENCE_SECONDS = 20
"""How long a writer waits for the one before it."""


class Store:
    """The record database. Its URL may hold a password: say ``name`` to people, never the engine's URL."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = threading.Lock()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def name(self) -> str:
        """The address without its password."""
        return self.engine.url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def transaction(self, *, alongside: bool = False) -> Iterator[Transaction]:
        """A writing transaction: committed at the end, rolled back on any exception.

        It is alone: no other such transaction runs until it ends, so what it read stays true. With ``alongside``,
        others write at the same time on PostgreSQL (on SQLite there is one writer in any case): it then locks the
        rows it relies on (``with_for_update``, which SQLite leaves out) or stands on unique keys.

        Raises ``DatabaseUnavailable``; ``CommitUnknown`` where the connection broke while committing.
        """
        with self._connected(Way.ALONGSIDE if alongside else Way.ALONE) as connection:
            yield Transaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A reading transaction: one snapshot, never committed, on PostgreSQL refusing every write."""
        with self._connected(Way.READING) as connection:
            yield Transaction(connection)

    @contextmanager
    def reshaping(self) -> Iterator[Connection]:
        """The bare connection of a transaction that is alone and may make tables anew: for migrations.

        SQLite changes a table by copying it, and would count a row that another table refers to as deleted: there,
        references are not watched meanwhile, and all are checked before the commit. Raises ``ReferencesBroken``.
        The walls are down meanwhile.
        """
        with self._connected(Way.ALONE, watched=False) as connection:
            take_down(connection)
            yield connection
            put_up(connection)
            if self.dialect == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise ReferencesBroken(tables=", ".join(sorted({row[0] for row in broken})))

    @contextmanager
    def _connected(self, way: Way, *, watched: bool = True) -> Iterator[Connection]:
        stage = Stage(writing=way.writing)
        with (
            self._turn_of(way),
            away_in_words(self.engine, stage),
            connect(self.engine, way) as connection,
            nullcontext() if watched or self.dialect != "sqlite" else _references_unwatched(connection),
            connection.begin() as boundary,
        ):
            yield connection
            if way.writing:
                stage.committing = True
                boundary.commit()
            else:
                boundary.rollback()

    @contextmanager
    def _turn_of(self, way: Way) -> Iterator[None]:
        """Threads of one process take turns at SQLite's one write lock: among themselves they need not wait as other
        processes do, by sleeping ever longer and trying again."""
        if not way.writing or self.dialect != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=SQLITE_PATIENCE_SECONDS):
            raise DatabaseUnavailable(reason="database is locked (by another thread of this process)")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at a SQLAlchemy URL; nothing is created, migrated or even connected here.

    ``sqlite:///file`` or ``postgresql://user@host/database`` (psycopg 3; its password in the URL or in
    ``~/.pgpass``). Raises ``DatabaseAddressWrong``, which does not repeat the URL.
    """
    address = _address(url)
    more: dict[str, Any] = {}
    if address.get_backend_name() == "postgresql":
        address = postgresql.with_defaults(address)
        more = {"pool_pre_ping": True, "pool_timeout": 20, "use_native_hstore": False}
    engine = create_engine(address, hide_parameters=True, **more)  # a row's values are nobody's business in a log
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        postgresql.prepare(engine)
    guard(engine)
    return Store(engine)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseAddressWrong from None  # the cause may repeat a part of the password
    driver = DRIVERS.get(address.drivername)
    if driver is None:
        raise DatabaseAddressWrong
    return address.set(drivername=driver)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        # The driver must not open transactions by itself: _on_begin says which kind is meant.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout={SQLITE_PATIENCE_SECONDS * 1000}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # The one write lock is taken at the start, so that no transaction that read first can deadlock.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if way_of(connection).writing else "BEGIN")


@contextmanager
def _references_unwatched(connection: Connection) -> Iterator[None]:
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # heeded only outside a transaction, so before any begins
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
