"""The engine: SQLite (WAL, synchronous=FULL) by default, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from foundation.store.errors import DatabaseUnavailable
from foundation.store.scope import guard
from foundation.store.transaction import Transaction

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


class Store:
    """The record database. A write transaction holds SQLite's one write lock from its start, so none deadlocks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A writing transaction: committed at the end, rolled back on any exception."""
        with self._connected(writing=True) as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A reading transaction: one snapshot, never committed."""
        with self._connected(writing=False) as transaction:
            yield transaction

    @contextmanager
    def _connected(self, *, writing: bool) -> Iterator[Transaction]:
        try:
            with (
                self.engine.connect().execution_options(guanyun_writing=writing) as connection,
                connection.begin() as boundary,
            ):
                yield Transaction(connection)
                if not writing:
                    boundary.rollback()
        except OperationalError as cause:
            raise DatabaseUnavailable(reason=str(cause.orig)) from cause

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database at a SQLAlchemy URL; nothing is created or migrated here."""
    engine = create_engine(url, hide_parameters=True)  # a row's values are nobody's business in a log
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    guard(engine)
    return Store(engine)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        # The driver must not open transactions by itself: _on_begin says which kind is meant.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("guanyun_writing", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
