"""Leases: one holder at a time, a heartbeat that proves it lives, a fencing number that stops a late writer.

A caller who can tell that a holder is dead (``Died``) need not wait for its lease to run out. A lease that ends
further ahead than it is long was written under a clock that has been set back since; its holder, if it lived, would
have renewed it under the new clock, so it counts as run out after all.

Leases always run on the real clock, also in a demo whose business month lies elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, RowMapping, String, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from foundation.store import DatabaseUnavailable, Instant, Store, Transaction, metadata
from foundation.values.errors import GuanyunError
from foundation.values.instant import Clock, format_instant
from foundation.work.errors import LeaseHeld, LeaseLost
from foundation.work.holders import in_words

Died = Callable[[str], bool]
"""Whether the holder of this name is *proved* dead; a doubt is no. It is asked inside a writing transaction."""

lease_table = Table(
    "lease",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease. ``number`` grows with every new holding of the name: the fencing number."""

    name: str
    holder: str
    number: int


def nobody_died(holder: str) -> bool:
    """The ``Died`` of a caller who cannot see other holders."""
    return False


def acquire(
    store: Store, name: str, holder: str, *, length: timedelta, clock: Clock, died: Died = nobody_died
) -> Lease:
    """Take the lease if it is free, has run out, or its holder ``died``; raises ``LeaseHeld`` otherwise."""
    with store.transaction(alongside=True) as transaction:
        now = clock()
        dialect = postgresql if transaction.dialect == "postgresql" else sqlite
        first = dialect.insert(lease_table).values(name=name, holder=holder, number=1, expires_at=now + length)
        if transaction.write(first.on_conflict_do_nothing()):
            return Lease(name, holder, 1)
        row = transaction.rows(select(lease_table).where(lease_table.c.name == name).with_for_update())[0]
        if _stands(row, now, length) and not died(row["holder"]):
            raise LeaseHeld(name=name, holder=in_words(row["holder"]), until=format_instant(row["expires_at"]))
        number = row["number"] + 1
        transaction.write(
            update(lease_table)
            .where(lease_table.c.name == name)
            .values(holder=holder, number=number, expires_at=now + length)
        )
        return Lease(name, holder, number)


def _stands(row: RowMapping, now: datetime, length: timedelta) -> bool:
    """Whether the lease has neither run out nor an end that no clock of today has set."""
    ends: datetime = row["expires_at"]
    return now < ends <= now + 2 * length


def check_held(transaction: Transaction, lease: Lease) -> None:
    """Raise ``LeaseLost`` unless ``lease`` is still the newest: call it in the transaction that writes.

    The row is locked until that transaction ends, so that nobody takes the lease in between.
    """
    newest = select(lease_table.c.number).where(lease_table.c.name == lease.name)
    number = transaction.value(newest.with_for_update(read=True))
    if number != lease.number:
        raise LeaseLost(name=lease.name, number=lease.number)


def heartbeat(store: Store, lease: Lease, *, length: timedelta, clock: Clock) -> None:
    """Push the end of the lease ahead; raises ``LeaseLost`` if another took it."""
    with store.transaction(alongside=True) as transaction:
        renewed = transaction.write(
            update(lease_table)
            .where(lease_table.c.name == lease.name, lease_table.c.number == lease.number)
            .values(expires_at=clock() + length)
        )
        if not renewed:
            raise LeaseLost(name=lease.name, number=lease.number)


def release(store: Store, lease: Lease, *, clock: Clock) -> None:
    """Let the lease run out now, if it is still ours."""
    with store.transaction(alongside=True) as transaction:
        transaction.write(
            update(lease_table)
            .where(lease_table.c.name == lease.name, lease_table.c.number == lease.number)
            .values(expires_at=clock())
        )


@contextmanager
def held(
    store: Store, name: str, holder: str, *, length: timedelta, clock: Clock, died: Died = nobody_died
) -> Iterator[Lease]:
    """Hold the lease with a heartbeat at a third of its length; it is let go at the end, also on an error.

    If the heartbeat finds the lease lost, the thread stops; the holder learns it at its next ``check_held``.
    """
    lease = acquire(store, name, holder, length=length, clock=clock, died=died)
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(length.total_seconds() / 3):
            try:
                heartbeat(store, lease, length=length, clock=clock)
            except LeaseLost:
                return
            except GuanyunError:
                continue  # a busy database: the lease still has two thirds of its length

    thread = threading.Thread(target=beat, name=f"lease {name}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        stopped.set()
        thread.join()
        with suppress(DatabaseUnavailable):  # it runs out by itself, and an error of the block is the one to tell
            release(store, lease, clock=clock)
