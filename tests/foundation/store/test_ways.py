"""Alone, alongside, reading: what each may see and do while others write."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, update
from sqlalchemy.exc import InternalError

from foundation.store import AlreadyThere, Store
from tests.foundation.store.conftest import StoreOf

_TABLES = MetaData()
_COUNTER = Table("counter", _TABLES, Column("name", String(20), primary_key=True), Column("number", Integer))
_NUMBERS = Table("numbers", _TABLES, Column("number", Integer, primary_key=True, autoincrement=False))
THREADS = 4


@pytest.fixture
def store(store_of: StoreOf) -> Store:
    """A counter at nought."""
    made = store_of(_TABLES)
    with made.transaction() as transaction:
        transaction.write(insert(_COUNTER).values(name="it", number=0))
    return made


def read_then_write(store: Store, *, alongside: bool, times: int, lock: bool = False) -> None:
    """What most rooms do: look, decide in the program, write."""
    for _ in range(times):
        with store.transaction(alongside=alongside) as transaction:
            query = select(_COUNTER.c.number).where(_COUNTER.c.name == "it")
            number = transaction.value(query.with_for_update() if lock else query)
            transaction.write(update(_COUNTER).values(number=number + 1))


def number(store: Store) -> int:
    with store.reading() as transaction:
        return int(transaction.value(select(_COUNTER.c.number)))


def test_alone_nothing_read_is_overtaken(store: Store) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: read_then_write(store, alongside=False, times=25), range(THREADS)))
    assert number(store) == THREADS * 25


def test_alongside_a_locked_row_is_not_overtaken(store: Store) -> None:
    """``with_for_update``: a row lock on PostgreSQL, nothing on SQLite, which has one writer."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: read_then_write(store, alongside=True, lock=True, times=25), range(THREADS)))
    assert number(store) == THREADS * 25


def test_numbers_of_one_order_have_no_gap_and_no_double(store: Store) -> None:
    """The audit chain's way: the newest number, and one more."""

    def next_number(_: int) -> None:
        with store.transaction(alongside=True) as transaction:
            transaction.stand_alone()
            newest = transaction.value(select(func.coalesce(func.max(_NUMBERS.c.number), 0)))
            transaction.write(insert(_NUMBERS).values(number=newest + 1))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(next_number, range(60)))
    with store.reading() as transaction:
        assert [row["number"] for row in transaction.rows(select(_NUMBERS).order_by("number"))] == list(range(1, 61))


def test_alongside_another_does_not_wait_for_who_is_alone(store: Store) -> None:
    if store.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    with store.transaction() as first:
        first.write(insert(_NUMBERS).values(number=1))
        with store.transaction(alongside=True) as second:
            second.write(insert(_NUMBERS).values(number=2))
        with store.reading() as reader:
            assert [row["number"] for row in reader.rows(select(_NUMBERS))] == [2]


def test_who_is_alone_waits_for_the_other(store: Store) -> None:
    begun, order = threading.Event(), []

    def second() -> None:
        begun.wait(10)
        with store.transaction():
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second)
        with store.transaction():
            begun.set()
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            order.append("first")
        waiting.result(10)
    assert order == ["first", "second"]


def test_a_rolled_back_transaction_lets_the_next_one_in(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.write(update(_COUNTER).values(number=9))
        1 / 0  # noqa: B018
    read_then_write(store, alongside=False, times=1)
    assert number(store) == 1


def test_a_reading_transaction_is_one_snapshot(store: Store) -> None:
    with store.reading() as reader:
        before = reader.value(select(_COUNTER.c.number))
        read_then_write(store, alongside=False, times=1)
        assert reader.value(select(_COUNTER.c.number)) == before == 0
    assert number(store) == 1


def test_a_reading_transaction_leaves_nothing(store: Store) -> None:
    refusing = nullcontext() if store.dialect == "sqlite" else pytest.raises(InternalError, match="read-only")
    with refusing, store.reading() as reader:  # a defect of ours: no ``DatabaseUnavailable``
        reader.write(update(_COUNTER).values(number=9))
    assert number(store) == 0


def test_a_connection_that_only_read_can_write_the_next_time(store: Store) -> None:
    """The pool hands the same connection out again."""
    for _ in range(3):
        assert number(store) >= 0
        read_then_write(store, alongside=True, times=1)
    assert number(store) == 3


def test_a_thing_is_placed_once_by_whoever_comes_first(store: Store) -> None:
    """Beside each other: one is new, the rest find the same; another content is refused."""

    def place(_: int) -> bool:
        with store.transaction(alongside=True) as transaction:
            return transaction.insert_once(_COUNTER, {"name": "other", "number": 7}, what="counter")

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(place, range(20))) == [False] * 19 + [True]
    with pytest.raises(AlreadyThere), store.transaction() as transaction:
        transaction.insert_once(_COUNTER, {"name": "other", "number": 8}, what="counter")


def test_a_write_says_how_many_rows_it_touched(store: Store) -> None:
    with store.transaction() as transaction:
        assert transaction.write(insert(_NUMBERS).values(number=1)) == 1
        assert transaction.write(insert(_NUMBERS), [{"number": each} for each in range(2, 10)]) == 8
        assert transaction.write(update(_COUNTER).where(_COUNTER.c.name == "none").values(number=1)) == 0
        far = update(_NUMBERS).where(_NUMBERS.c.number > 3).values(number=_NUMBERS.c.number + 50)
        assert transaction.write(far) == 6
