"""A clock that is turned by hand, and subscribers that write down what they hear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from foundation.store import Store, Transaction
from foundation.work import Event, publish
from foundation.work.outbox import Retries, Subscriber
from foundation.work.outbox.tables import held_table


@dataclass
class HandClock:
    """Stands until it is turned."""

    now: datetime = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: Any) -> None:
        self.now += timedelta(**by)


@dataclass
class Listener:
    """Hears numbers; fails for those in ``refuses``."""

    name: str = "a"
    refuses: set[int] = field(default_factory=set)
    heard: list[int] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    error: Exception = field(default_factory=RuntimeError)

    def hear(self, event: Event) -> None:
        number = event.payload["n"]
        self.tried.append(number)
        if number in self.refuses:
            raise self.error
        self.heard.append(number)
        self.events.append(event)

    def subscriber(self, topics: str | tuple[str, ...] = "t", **more: Any) -> Subscriber:
        def handle(transaction: Transaction, event: Event) -> None:
            self.hear(event)

        return Subscriber(self.name, topics, handle, **{"retries": Retries(tries=3), **more})


Publish = Callable[..., None]


@pytest.fixture
def clock() -> HandClock:
    """The real clock, stopped."""
    return HandClock()


@pytest.fixture
def tell(store: Store, clock: HandClock) -> Publish:
    """Publish numbers, each in a transaction of its own."""

    def publish_numbers(*numbers: int, subject: str = "s", topic: str = "t") -> None:
        for number in numbers:
            with store.transaction() as transaction:
                publish(transaction, Event(topic, subject, {"n": number}), clock=clock)

    return publish_numbers


@pytest.fixture
def listener() -> type[Listener]:
    """Makes listeners."""
    return Listener


@pytest.fixture
def held(store: Store) -> Callable[[], Sequence[tuple[str, int, str]]]:
    """What ``outbox_held`` says: (subscriber, position, state), in order, after checking that it makes sense."""

    def rows() -> Sequence[tuple[str, int, str]]:
        with store.reading() as transaction:
            found = transaction.rows(select(held_table).order_by(held_table.c.subscriber, held_table.c.position))
        seen: set[tuple[str, str]] = set()
        told = []
        for row in found:
            state = "dead" if row["died_at"] else "retry" if row["next_try"] else "behind"
            key = (row["subscriber"], row["subject"])
            assert (state == "behind") == (key in seen), "the first of a subject is tried or dead, the rest wait"
            seen.add(key)
            told.append((row["subscriber"], row["position"], state))
        return told

    return rows
