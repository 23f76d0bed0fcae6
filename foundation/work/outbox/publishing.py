"""Publishing: an event is written in its fact's transaction, and gets its place in the order once it is committed."""

from __future__ import annotations

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from foundation.store import AlreadyThere, Store, Transaction
from foundation.values.instant import Clock
from foundation.work.outbox.model import Event
from foundation.work.outbox.tables import order_table, outbox_table

ORDER = "outbox"
"""The one row of ``outbox_order``: the newest position."""

PLACES = 5_000
"""How many events are placed in one transaction."""

_UNLESS_THERE = {
    "sqlite": sqlite.insert(outbox_table).on_conflict_do_nothing(index_elements=["id"]).inline(),
    "postgresql": postgresql.insert(outbox_table).on_conflict_do_nothing(index_elements=["id"]).inline(),
}


def publish(transaction: Transaction, event: Event, *, clock: Clock) -> bool:
    """Write the event beside its fact; False if one of the same id and content is there already.

    Raises ``AlreadyThere`` where the id stands with another content.
    """
    row = {
        "topic": event.topic,
        "subject": event.subject,
        "payload": dict(event.payload),
        "recorded_at": clock(),
        "id": event.id or None,
    }
    if transaction.write(_UNLESS_THERE[transaction.dialect], [row]):
        return True
    found = transaction.row(select(outbox_table).where(outbox_table.c.id == event.id))
    differing = [name for name in ("topic", "subject", "payload") if found is None or found[name] != row[name]]
    if differing:
        raise AlreadyThere(what="event", key=event.id, found=", ".join(differing), expected="the same content")
    return False


def place(transaction: Transaction, limit: int = PLACES) -> int:
    """Give committed events without a position the next ones, oldest number first; returns how many it placed.

    One at a time does this (the row of ``outbox_order`` is locked to the end of the transaction), so positions become
    visible in their own order, and an event that commits late is placed late instead of being skipped. Events that
    follow one another (the second's transaction saw the first's fact) keep their order: whoever sees the second
    sees the first, and its number is smaller.
    """
    last = transaction.value(
        select(order_table.c.position).where(order_table.c.name == ORDER).with_for_update(of=order_table)
    )
    unplaced = (
        select(outbox_table.c.number)
        .where(outbox_table.c.position.is_(None))
        .order_by(outbox_table.c.number)
        .limit(limit)
        .subquery()
    )
    placed = select(
        unplaced.c.number, (func.row_number().over(order_by=unplaced.c.number) + literal(last)).label("position")
    ).subquery()
    count = transaction.write(
        update(outbox_table).where(outbox_table.c.number == placed.c.number).values(position=placed.c.position)
    )
    if count:
        transaction.write(update(order_table).where(order_table.c.name == ORDER).values(position=last + count))
    return count


def place_all(store: Store) -> None:
    """Place every event that is committed now."""
    placed = PLACES
    while placed == PLACES:
        with store.transaction(alongside=True) as transaction:
            placed = place(transaction)
