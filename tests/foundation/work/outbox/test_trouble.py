"""A full disk, a database that goes away, a lock held by another: nothing is marked that did not happen."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, insert, select, text

from foundation.store import DatabaseUnavailable, Store, Transaction
from foundation.work import Event, Subscriber, deliver, deliver_and_report, pending
from foundation.work.outbox import Pace, dead_letters
from foundation.work.outbox.marks import lock_cursor
from foundation.work.outbox.tables import outbox_table


def effects(store: Store) -> int:
    with store.reading() as transaction:
        query = select(func.count()).select_from(outbox_table).where(outbox_table.c.topic == "effect")
        return int(transaction.value(query))


def heavy(clock: Any, size: int, *, swallow: bool = False) -> Subscriber:
    def handle(transaction: Transaction, event: Event) -> None:
        row = {"topic": "effect", "subject": event.subject, "payload": {"n": "x" * size}, "recorded_at": clock()}
        try:
            transaction.write(insert(outbox_table).values(**row))
        except Exception:
            if not swallow:
                raise

    return Subscriber("a", "t", handle)


@pytest.mark.parametrize("swallow", [False, True], ids=["said", "hidden by the handler"])
def test_a_full_disk_marks_nothing_that_has_no_effect(store: Store, clock: Any, tell: Any, swallow: bool) -> None:
    if store.dialect != "sqlite":
        pytest.skip("SQLite's limit stands for the disk")
    tell(*range(20))
    subscriber = heavy(clock, 40_000, swallow=swallow)
    with store.reading() as transaction:
        pages = transaction.value(text("PRAGMA page_count"))
    limit = [pages + 60]

    @sqlalchemy_event.listens_for(store.engine, "begin")
    def small_disk(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit[0]}")

    for _ in range(3):
        with pytest.raises(DatabaseUnavailable, match="savepoint" if swallow else "full"):
            deliver(store, [subscriber], clock=clock)
        clock.turn(hours=1)
        with store.reading() as transaction:
            assert effects(store) + pending(transaction, [subscriber]) == 20
    assert effects(store) < 20
    limit[0] = 1_000_000
    for _ in range(3):
        deliver(store, [subscriber], clock=clock)
        clock.turn(hours=1)
    assert effects(store) == 20
    with store.reading() as transaction:
        assert pending(transaction, [subscriber]) == 0
        assert dead_letters(transaction) == []


def test_a_database_that_goes_away_in_the_middle_marks_nothing(store: Store, clock: Any, tell: Any) -> None:
    if store.dialect != "postgresql":
        pytest.skip("SQLite is a file")
    gone = [True]

    def handle(transaction: Transaction, event: Event) -> None:
        row = {"topic": "effect", "subject": event.subject, "payload": {}, "recorded_at": clock()}
        transaction.write(insert(outbox_table).values(**row))
        if event.payload["n"] == 3 and gone[0]:
            transaction.write(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    subscriber = Subscriber("a", "t", handle)
    tell(1, 2, 3, 4)
    with pytest.raises(DatabaseUnavailable):  # all of them in one batch, however slow the machine is
        deliver_and_report(store, [subscriber], clock=clock, pace=Pace(seconds=600))
    assert effects(store) == 0
    gone[0] = False
    assert deliver(store, [subscriber], clock=clock) == 4
    assert effects(store) == 4
    with store.reading() as transaction:
        assert pending(transaction, [subscriber]) == 0


def test_a_subscriber_another_process_serves_is_left_to_it_and_the_others_are_served(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    if store.dialect != "postgresql":
        pytest.skip("on SQLite whoever comes second waits for the one write lock")
    mine, others = listener("mine"), listener("others")
    subscribers = [others.subscriber(alone=False), mine.subscriber(alone=False)]
    deliver(store, subscribers, clock=clock)
    tell(1)
    locked, finished = threading.Event(), threading.Event()

    def serve() -> None:
        with store.transaction(alongside=True) as transaction:
            lock_cursor(transaction, "others")
            locked.set()
            finished.wait(20)

    thread = threading.Thread(target=serve)
    thread.start()
    locked.wait(20)
    assert deliver(store, subscribers, clock=clock) == 1
    finished.set()
    thread.join()
    assert (mine.heard, others.heard) == ([1], [])
    assert deliver(store, subscribers, clock=clock) == 1
