"""Events are delivered after their fact, in order, and a kill between repeats nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from foundation.store import Store, Transaction
from foundation.work import Event, Subscriber, deliver, pending, publish


def _clock() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


def _publish(store: Store, *numbers: int, topic: str = "t") -> None:
    for number in numbers:
        with store.transaction() as transaction:
            publish(transaction, Event(topic, "s", {"n": number}), clock=_clock)


def test_every_subscriber_gets_every_event_of_its_topic_once_and_in_order(store: Store) -> None:
    seen: dict[str, list[int]] = {"a": [], "b": []}

    def listener(name: str) -> Subscriber:
        def handle(transaction: Transaction, event: Event) -> None:
            seen[name].append(event.payload["n"])

        return Subscriber(name, "t", handle)

    subscribers = [listener("a"), listener("b")]
    _publish(store, 1, 2, 3)
    _publish(store, 9, topic="other")
    assert deliver(store, subscribers, clock=_clock) == 6
    assert deliver(store, subscribers, clock=_clock) == 0
    assert seen == {"a": [1, 2, 3], "b": [1, 2, 3]}


def test_an_event_of_a_fact_that_was_rolled_back_never_happened(store: Store) -> None:
    with pytest.raises(RuntimeError), store.transaction() as transaction:
        publish(transaction, Event("t", "s", {"n": 1}), clock=_clock)
        raise RuntimeError
    assert deliver(store, [Subscriber("a", "t", lambda transaction, event: None)], clock=_clock) == 0


def test_a_failed_delivery_stays_outstanding_and_holds_those_behind_it(store: Store) -> None:
    _publish(store, 1, 2)
    seen: list[int] = []
    broken = True

    def handle(transaction: Transaction, event: Event) -> None:
        if broken:
            raise RuntimeError
        seen.append(event.payload["n"])

    subscribers = [Subscriber("a", "t", handle)]
    with pytest.raises(RuntimeError):
        deliver(store, subscribers, clock=_clock)
    with store.reading() as transaction:
        assert pending(transaction, subscribers) == 2
    broken = False
    deliver(store, subscribers, clock=_clock)
    assert seen == [1, 2]
