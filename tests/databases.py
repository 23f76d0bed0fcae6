"""Record databases for tests: empty, with every table, or a copy of another; SQLite or PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, event, make_url, text

from foundation.store import Store, metadata, open_store
from tests.postgres import Cluster


class Databases(Protocol):
    """Makes databases of one kind. All speak in URLs."""

    kind: str

    def empty(self) -> str:
        """A database in which nothing is."""
        ...

    def copy(self, url: str) -> str:
        """One with the same content; nobody may be connected to the first."""
        ...

    def drop(self, url: str) -> None:
        """Throw one away."""
        ...

    def with_tables(self) -> str:
        """A database with every table that the modules imported so far make."""
        ...

    def made_once(
        self, name: Hashable, make: Callable[[Store], object], *, begin: Callable[[], str] | None = None
    ) -> str:
        """A copy of what ``make`` made, when this name was first asked for, of an empty database or of ``begin``'s."""
        ...


class _Templates:
    """What many tests begin with is made once, then copied."""

    def __init__(self) -> None:
        self._made: dict[Hashable, str] = {}

    def with_tables(self: _Maker) -> str:
        return self.made_once(frozenset(metadata.tables), lambda store: metadata.create_all(store.engine))

    def made_once(
        self: _Maker, name: Hashable, make: Callable[[Store], object], *, begin: Callable[[], str] | None = None
    ) -> str:
        if name not in self._made:
            url = (begin or self.empty)()
            with opened(url) as store:
                make(store)
            self._made[name] = url
        return self.copy(self._made[name])


class _Maker(Databases, Protocol):
    _made: dict[Hashable, str]


class SqliteDatabases(_Templates):
    """Files of one folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._numbers = itertools.count(1)

    def empty(self) -> str:
        """A file that is not there yet."""
        return f"sqlite:///{self._folder}/{next(self._numbers)}.db"

    def copy(self, url: str) -> str:
        """A copied file."""
        copied = self.empty()
        shutil.copyfile(_file(url), _file(copied))
        return copied

    def drop(self, url: str) -> None:
        """The file and what SQLite keeps beside it."""
        for ending in ("", "-wal", "-shm"):
            Path(f"{_file(url)}{ending}").unlink(missing_ok=True)


class PostgresDatabases(_Templates):
    """Databases of one server."""

    kind = "postgresql"

    def __init__(self, server: Cluster) -> None:
        super().__init__()
        self.server = server
        self._numbers = itertools.count(1)

    def empty(self) -> str:
        """A new database."""
        return self._create("template0")

    def copy(self, url: str) -> str:
        """A new one with the other as its template."""
        return self._create(str(make_url(url).database))

    def drop(self, url: str) -> None:
        """Gone, whoever is connected."""
        self.server.drop(str(make_url(url).database))

    def _create(self, template: str) -> str:
        return self.server.create(f"test_{next(self._numbers)}", template=template)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A store, closed at the end."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def lent(databases: Databases, url: str) -> Iterator[Store]:
    """A store on one of ``databases``, which is dropped at the end."""
    with opened(url) as store:
        yield store
    databases.drop(url)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def drop_trigger(connection: Connection, table: str, verb: str) -> None:
    """What an owner of the database can do: take away one trigger of an append-only table."""
    place = f" ON {table}" if connection.dialect.name == "postgresql" else ""
    connection.execute(text(f"DROP TRIGGER {table}_no_{verb}{place}"))


def _file(url: str) -> Path:
    return Path(str(make_url(url).database))
