"""A database that is away is told from a defect, says what is wrong, and never says a password."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, event, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import foundation.store.engine
from foundation.store import CommitUnknown, DatabaseAddressWrong, DatabaseUnavailable, Store, ValueRefused, open_store
from tests.databases import opened
from tests.foundation.store.conftest import StoreOf
from tests.postgres import Cluster, cluster

_THING = Table("thing", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(40), unique=True))


@pytest.fixture
def store(store_of: StoreOf) -> Store:
    """With one thing in it."""
    made = store_of(_THING.metadata)
    add(made, 1)
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server of its own, to be stopped."""
    with cluster(durable=False) as started:
        started.create("things")
        with opened(started.url("things")) as made:
            _THING.metadata.create_all(made.engine)
        yield started


def add(store: Store, number: int) -> None:
    with store.transaction() as transaction:
        transaction.write(insert(_THING).values(id=number, name=f"a secret {number}"))


def count(store: Store) -> int:
    with store.reading() as transaction:
        return len(transaction.rows(select(_THING)))


def test_a_double_is_no_absence_and_shows_no_content(store: Store) -> None:
    with pytest.raises(IntegrityError) as refused, store.transaction() as transaction:
        transaction.write(insert(_THING).values(id=2, name="a secret 1"))
    told = f"{refused.value} {refused.value.orig}"
    assert "thing" in told
    assert "a secret" not in told


def test_a_lock_nobody_gives_back_is_an_absence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundation.store.engine, "SQLITE_PATIENCE_SECONDS", 0.2)  # of this process's threads
    impatient(store)
    with store.transaction() as transaction:
        transaction.write(insert(_THING).values(id=3, name="first"))
        with pytest.raises(DatabaseUnavailable, match="lock"):
            add(store, 4)
    assert count(store) == 2


def test_a_lock_that_another_process_holds_is_an_absence(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/held.db") as store:
        _THING.metadata.create_all(store.engine)
        impatient(store)
        other = sqlite3.connect(tmp_path / "held.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="lock"):
            add(store, 4)
        other.close()
        add(store, 4)


def impatient(store: Store) -> None:
    @event.listens_for(store.engine, "checkout")
    def _wait_little(connection: sqlite3.Connection, *_: object) -> None:
        if store.dialect == "sqlite":
            connection.execute("PRAGMA busy_timeout=200")
        else:
            connection.execute("SET lock_timeout = 200")
            connection.commit()


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://guanyun:a-secret@/things?host={tmp_path}"
    with opened(url) as store:
        with pytest.raises(DatabaseUnavailable) as told, store.reading():
            pass
        assert "a-secret" not in told.value.text("zh") + told.value.text("en") + store.name
        assert store.name == "postgresql+psycopg://guanyun:***@/things"


@pytest.mark.parametrize("url", ["nonsense", "mysql+pymysql://u:a-secret@h/d", "postgresql://u:a-secret@h:a-secret/d"])
def test_an_address_that_means_nothing_is_told_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseAddressWrong) as told:
        open_store(url)
    assert "a-secret" not in told.value.text("zh") + told.value.text("en") + repr(told.value.__cause__)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["shut down", "crashed"])
def test_a_server_that_goes_away_in_the_middle_writes_nothing_and_is_found_again(
    server: Cluster, how: signal.Signals
) -> None:
    with opened(server.url("things")) as store:
        before = count(store)
        with pytest.raises(DatabaseUnavailable) as told, store.transaction() as transaction:
            transaction.write(insert(_THING).values(name="never"))
            server.stop(how)
            transaction.value(select(_THING.c.id))
        assert not isinstance(told.value, CommitUnknown)
        with pytest.raises(DatabaseUnavailable), store.reading():
            pass
        server.start()
        assert count(store) == before


def test_a_connection_lost_while_committing_leaves_it_open_and_says_so(server: Cluster) -> None:
    with opened(server.url("things")) as store:
        before = count(store)
        with pytest.raises(CommitUnknown), store.transaction() as transaction:
            transaction.write(insert(_THING).values(name="perhaps"))
            server.stop(signal.SIGQUIT)
        server.start()
        assert count(store) in {before, before + 1}


def test_one_session_ended_by_an_administrator_is_an_absence(server: Cluster) -> None:
    with opened(server.url("things")) as store:
        with pytest.raises(DatabaseUnavailable), store.transaction() as transaction:
            pid = transaction.value(text("SELECT pg_backend_pid()"))
            server.run(f"SELECT pg_terminate_backend({pid})")
            transaction.value(select(_THING.c.id))
        assert count(store) >= 0


def test_a_swallowed_absence_does_not_pass_for_a_commit(server: Cluster) -> None:
    with opened(server.url("things")) as store, pytest.raises(DatabaseUnavailable), store.transaction() as transaction:
        pid = transaction.value(text("SELECT pg_backend_pid()"))
        server.run(f"SELECT pg_terminate_backend({pid})")
        for _ in range(2):
            with suppress(Exception):  # what a careless handler does
                transaction.value(select(_THING.c.id))


def test_a_server_without_a_free_place_is_an_absence(server: Cluster) -> None:
    server.run("CREATE ROLE guest LOGIN CONNECTION LIMIT 0")
    try:
        with (
            opened(server.url("things", user="guest")) as store,
            pytest.raises(DatabaseUnavailable, match="too many connections"),
            store.reading(),
        ):
            pass
    finally:
        server.run("DROP ROLE guest")


def test_a_server_that_takes_no_writes_is_an_absence(server: Cluster) -> None:
    """A standby after a switch-over, or one protected because its disk is full."""
    server.run("ALTER DATABASE things SET default_transaction_read_only = on")
    try:
        with opened(server.url("things")) as store, pytest.raises(DatabaseUnavailable, match="read-only"):
            add(store, 77)
    finally:
        server.run("ALTER DATABASE things RESET default_transaction_read_only")


def test_a_full_disk_is_an_absence(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/full.db") as store:
        _THING.metadata.create_all(store.engine)
        with pytest.raises(DatabaseUnavailable, match="full"), store.transaction() as transaction:
            transaction.value(text("PRAGMA max_page_count=4"))
            transaction.write(insert(_THING), [{"name": f"{number:040}"} for number in range(2000)])
        assert count(store) == 0


@pytest.mark.parametrize("name", ["a secret " * 9, "a secret\x00"])
def test_a_text_that_does_not_fit_is_told_without_the_text(server: Cluster, name: str) -> None:
    with opened(server.url("things")) as store:
        with pytest.raises(ValueRefused) as told, store.transaction() as transaction:
            transaction.write(insert(_THING).values(name=name))
        assert "a secret" not in told.value.text("en")
        assert count(store) >= 0


def test_a_session_is_ours_by_name_and_in_utc(server: Cluster) -> None:
    with opened(server.url("things").replace("+psycopg", "")) as store, store.reading() as transaction:
        assert transaction.value(text("SHOW application_name")) == "guanyun"
        assert transaction.value(text("SHOW TimeZone")) == "UTC"
        assert transaction.value(text("SHOW lock_timeout")) == "20s"
        assert transaction.value(text("SHOW transaction_isolation")) == "repeatable read"


def test_what_the_address_says_of_the_connection_counts(server: Cluster) -> None:
    url = server.url("things") + "&application_name=mine&options=-c%20lock_timeout%3D7s"
    with opened(url) as store, store.reading() as transaction:
        assert transaction.value(text("SHOW application_name")) == "mine"
        assert transaction.value(text("SHOW lock_timeout")) == "7s"
        assert transaction.value(text("SHOW TimeZone")) == "UTC"


def test_a_statement_that_is_wrong_is_a_defect_and_not_a_database_away(store: Store) -> None:
    with pytest.raises(DBAPIError), store.reading() as transaction:
        transaction.rows(text("SELECT nothing FROM nowhere"))
