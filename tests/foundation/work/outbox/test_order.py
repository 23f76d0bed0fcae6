"""Transactions that commit in another order than they wrote lose no event, and several deliverers do nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert, select

from foundation.store import Store, Transaction
from foundation.work import Event, Subscriber, deliver, publish
from foundation.work.outbox import Pace, deliver_and_report
from foundation.work.outbox.tables import outbox_table


def numbers(store: Store) -> list[tuple[int, int]]:
    """Each event's n with its number, in the order of positions."""
    with store.reading() as transaction:
        rows = transaction.rows(
            select(outbox_table).where(outbox_table.c.topic == "t").order_by(outbox_table.c.position)
        )
    return [(row["payload"]["n"], row["number"]) for row in rows]


def test_an_event_with_a_smaller_number_that_commits_later_is_not_skipped(
    store: Store, clock: Any, listener: Any
) -> None:
    if store.dialect != "postgresql":
        pytest.skip("SQLite has one writer: numbers are given in the order of commits")
    hears = listener()
    subscribers = [hears.subscriber()]
    assert deliver(store, subscribers, clock=clock) == 0
    with store.transaction(alongside=True) as slow:
        publish(slow, Event("t", "s", {"n": 1}), clock=clock)
        with store.transaction(alongside=True) as quick:
            publish(quick, Event("t", "s", {"n": 2}), clock=clock)
        assert deliver(store, subscribers, clock=clock) == 1
        with store.transaction(alongside=True) as quick:
            publish(quick, Event("t", "s", {"n": 3}), clock=clock)
        assert deliver(store, subscribers, clock=clock) == 1
        assert hears.heard == [2, 3]
    assert deliver(store, subscribers, clock=clock) == 1
    assert hears.heard == [2, 3, 1]
    assert numbers(store) == [(2, 2), (3, 3), (1, 1)]


def test_a_publisher_that_rolls_back_leaves_a_gap_that_holds_nothing_up(
    store: Store, clock: Any, listener: Any
) -> None:
    hears = listener()
    with pytest.raises(RuntimeError), store.transaction(alongside=True) as transaction:
        publish(transaction, Event("t", "s", {"n": 1}), clock=clock)
        raise RuntimeError
    with store.transaction(alongside=True) as transaction:
        publish(transaction, Event("t", "s", {"n": 2}), clock=clock)
    assert deliver(store, [hears.subscriber()], clock=clock) == 1
    assert hears.heard == [2]


@dataclass
class Crowd:
    """Threads that publish and deliver at the same time, and what went wrong in them."""

    store: Store
    clock: Any
    subscriber: Subscriber
    errors: list[BaseException] = field(default_factory=list)
    published: threading.Event = field(default_factory=threading.Event)

    def publish(self, which: int) -> None:
        for number in range(25):
            with self.store.transaction(alongside=True) as transaction:
                publish(transaction, Event("t", f"s{which}", {"n": number}), clock=self.clock)

    def deliver(self) -> None:
        last = False
        while not last:
            last = self.published.is_set()
            done = deliver_and_report(self.store, [self.subscriber], clock=self.clock, pace=Pace(events=7))
            assert done.failed == 0, "an effect was repeated"

    def start(self, what: Callable[..., None], *given: int) -> threading.Thread:
        def run() -> None:
            try:
                what(*given)
            except BaseException as error:
                self.errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread


@pytest.mark.parametrize("alone", [True, False])
def test_publishers_and_deliverers_at_the_same_time_lose_nothing_and_do_nothing_twice(
    store: Store, clock: Any, alone: bool
) -> None:
    """Effects are rows whose key is the event: a second effect of the same event would be an error."""

    def handle(transaction: Transaction, event: Event) -> None:
        row = {"topic": "effect", "subject": event.subject, "payload": event.payload, "recorded_at": clock()}
        transaction.write(insert(outbox_table).values(**row, id=f"effect-{event.id}"))

    crowd = Crowd(store, clock, Subscriber("a", "t", handle, alone=alone))
    publishers = [crowd.start(crowd.publish, which) for which in range(3)]
    deliverers = [crowd.start(crowd.deliver) for _ in range(3)]
    for thread in publishers:
        thread.join()
    crowd.published.set()
    for thread in deliverers:
        thread.join()
    deliver(store, [crowd.subscriber], clock=clock)
    assert crowd.errors == []
    with store.reading() as transaction:
        rows = transaction.rows(
            select(outbox_table).where(outbox_table.c.topic == "effect").order_by(outbox_table.c.number)
        )
    heard = {which: [row["payload"]["n"] for row in rows if row["subject"] == f"s{which}"] for which in range(3)}
    assert heard == {which: list(range(25)) for which in range(3)}
