"""Enrolling: a subscriber gets its cursor when it first appears. One that disappears keeps it, and nobody counts it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from foundation.store import Store
from foundation.values.instant import Clock
from foundation.work.outbox.model import Listener, Since
from foundation.work.outbox.publishing import ORDER, PLACES, place
from foundation.work.outbox.tables import order_table, subscriber_table


def enrol(store: Store, subscribers: Sequence[Listener], *, clock: Clock) -> None:
    """Give every subscriber that has none a cursor: at the first event, or behind the newest (``Since``)."""
    with store.transaction() as transaction:
        if transaction.row(select(order_table).where(order_table.c.name == ORDER)) is None:
            transaction.write(insert(order_table).values(name=ORDER, position=0))
        known = {row["name"] for row in transaction.rows(select(subscriber_table.c.name))}
        new = [subscriber for subscriber in subscribers if subscriber.name not in known]
        if any(subscriber.since is Since.FIRST_SEEN for subscriber in new):
            while place(transaction) == PLACES:
                pass
        newest = transaction.value(select(order_table.c.position).where(order_table.c.name == ORDER))
        for subscriber in new:
            transaction.write(
                insert(subscriber_table).values(
                    name=subscriber.name,
                    cursor=0 if subscriber.since is Since.BEGINNING else newest,
                    since=subscriber.since.value,
                    first_seen_at=clock(),
                )
            )
