"""The outbox: an event is written in the fact's transaction and delivered after its commit.

Delivery is at least once and in order per subject. A subscriber's effect and the mark that it was delivered share
one transaction, so that a kill between them repeats nothing. Who listens is said in ``wiring``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, and_, exists, insert, literal, select

from foundation.store import Document, Instant, Store, Transaction, metadata
from foundation.values.instant import Clock

outbox_table = Table(
    "outbox",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("topic", String(100), nullable=False, index=True),
    Column("subject", String(200), nullable=False),
    Column("payload", Document, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
delivery_table = Table(
    "outbox_delivery",
    metadata,
    Column("number", ForeignKey("outbox.number"), primary_key=True),
    Column("subscriber", String(100), primary_key=True),
    Column("delivered_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: a ``topic`` (``deployment.ended``), the ``subject`` it happened to, plain JSON facts."""

    topic: str
    subject: str
    payload: Mapping[str, Any]


Handler = Callable[[Transaction, Event], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A named handler of one topic; its effect must be idempotent or live in the transaction it is given."""

    name: str
    topic: str
    handle: Handler


def publish(transaction: Transaction, event: Event, *, clock: Clock) -> None:
    """Write the event beside its fact."""
    transaction.write(
        insert(outbox_table).values(
            topic=event.topic, subject=event.subject, payload=dict(event.payload), recorded_at=clock()
        )
    )


def deliver(store: Store, subscribers: Sequence[Subscriber], *, clock: Clock) -> int:
    """Deliver what is outstanding, oldest first; returns how many deliveries were made.

    A handler's error ends the call with that event still outstanding: the next start tries again.
    """
    made = 0
    for subscriber in subscribers:
        while _deliver_next(store, subscriber, clock=clock):
            made += 1
    return made


def pending(transaction: Transaction, subscribers: Sequence[Subscriber]) -> int:
    """How many deliveries are outstanding."""
    return sum(len(transaction.rows(_outstanding(subscriber))) for subscriber in subscribers)


def _outstanding(subscriber: Subscriber) -> Any:
    delivered = exists(literal(1)).where(
        and_(delivery_table.c.number == outbox_table.c.number, delivery_table.c.subscriber == subscriber.name)
    )
    return select(outbox_table).where(outbox_table.c.topic == subscriber.topic, ~delivered).order_by("number")


def _deliver_next(store: Store, subscriber: Subscriber, *, clock: Clock) -> bool:
    with store.reading() as transaction:
        if transaction.rows(_outstanding(subscriber).limit(1)) == []:
            return False
    with store.transaction() as transaction:
        rows = transaction.rows(_outstanding(subscriber).limit(1))
        if not rows:
            return False
        row = rows[0]
        subscriber.handle(transaction, Event(row["topic"], row["subject"], row["payload"]))
        transaction.write(
            insert(delivery_table).values(number=row["number"], subscriber=subscriber.name, delivered_at=clock())
        )
        return True
