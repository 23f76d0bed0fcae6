"""How many facts a second are committed, alone and alongside; docs/decisions/0008 quotes what this prints."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from foundation.store import DatabaseUnavailable, Store, Transaction
from foundation.store.ways import Way
from tests.databases import opened
from tests.postgres import cluster

SECONDS = 1
ROUNDS = 7
_TABLES = MetaData()
_CHAIN = Table(
    "chain", _TABLES, Column("number", Integer, primary_key=True, autoincrement=False), Column("hash", String)
)
_FACT = Table("fact", _TABLES, Column("id", Integer, primary_key=True), Column("words", String))
Fact = Callable[[Store], None]


def chained(transaction: Transaction) -> None:
    """What nearly every use case does: a fact, and an entry of a chain that has one order."""
    newest = transaction.value(select(func.coalesce(func.max(_CHAIN.c.number), 0)))
    transaction.write(insert(_FACT).values(words="x" * 200))
    transaction.write(insert(_CHAIN).values(number=newest + 1, hash="0" * 64))


def alone(store: Store) -> None:
    with store.transaction() as transaction:
        chained(transaction)


def alongside_then_alone(store: Store) -> None:
    """The lock is taken late, for the chain only."""
    with store.transaction(alongside=True) as transaction:
        transaction.write(insert(_FACT).values(words="x" * 200))
        transaction.stand_alone()
        newest = transaction.value(select(func.coalesce(func.max(_CHAIN.c.number), 0)))
        transaction.write(insert(_CHAIN).values(number=newest + 1, hash="0" * 64))


def alongside_unchained(store: Store) -> None:
    """Claims, deliveries, heartbeats: no chain."""
    with store.transaction(alongside=True) as transaction:
        transaction.value(select(func.coalesce(func.max(_CHAIN.c.number), 0)))
        transaction.write(insert(_FACT).values(words="x" * 200))
        transaction.write(insert(_FACT).values(words="0" * 64))


def serializable(store: Store) -> None:
    """The other way to keep a chain: the database refuses what could not have been one after another; again then."""
    while True:
        try:
            with (
                store.engine.connect().execution_options(
                    isolation_level="SERIALIZABLE", guanyun_way=Way.ALONGSIDE
                ) as connection,
                connection.begin(),
            ):
                chained(Transaction(connection))
                return
        except (DatabaseUnavailable, IntegrityError):
            continue
        except Exception as refused:
            if getattr(getattr(refused, "orig", None), "sqlstate", "") not in {"40001", "40P01"}:
                raise


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Store]]:
    """One of each, both keeping what they committed through a power cut."""
    with ExitStack() as stack:
        server = stack.enter_context(cluster(durable=True))
        urls = {
            "SQLite": f"sqlite:///{tmp_path_factory.mktemp('commits') / 'records.db'}",
            "PostgreSQL": server.create("commits"),
        }
        made = {name: stack.enter_context(opened(url)) for name, url in urls.items()}
        for store in made.values():
            _TABLES.create_all(store.engine)
        yield made


def rate(store: Store, fact: Fact, threads: int) -> float:
    """Commits a second of this many threads together."""
    until = time.monotonic() + SECONDS
    counts = [0] * threads

    def work(number: int) -> None:
        while time.monotonic() < until:
            fact(store)
            counts[number] += 1

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(counts) / SECONDS


VARIANTS: tuple[tuple[str, Fact], ...] = (
    ("SQLite", alone),
    ("PostgreSQL", alone),
    ("PostgreSQL", alongside_then_alone),
    ("PostgreSQL", alongside_unchained),
    ("PostgreSQL", serializable),
)


@pytest.mark.drill
def test_commits_a_second(stores: dict[str, Store]) -> None:
    """Round after round of every variant, so that what else the machine does falls on all of them alike."""
    cells: list[tuple[str, Fact, int]] = [(*variant, threads) for variant in VARIANTS for threads in (1, 4)]
    found: dict[tuple[str, Fact, int], list[float]] = {cell: [] for cell in cells}
    for _ in range(ROUNDS):
        for database, fact, threads in cells:
            found[database, fact, threads].append(rate(stores[database], fact, threads))
    for (database, fact, threads), rates in found.items():
        sys.stdout.write(
            f"\n{database} {fact.__name__}, {threads} thread{'s' * (threads > 1)}: median {median(rates):.0f}/s, "
            f"{min(rates):.0f} to {max(rates):.0f}"
        )
        assert min(rates) > 0
    for store in stores.values():
        with store.reading() as transaction:
            newest = transaction.value(select(func.coalesce(func.max(_CHAIN.c.number), 0)))
            assert newest == transaction.value(select(func.count()).select_from(_CHAIN))
