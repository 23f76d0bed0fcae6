"""Delivering to handlers inside the transaction: effect and mark are committed together, many events at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import TextClause, text

from foundation.store import Store, Transaction
from foundation.values.instant import Clock
from foundation.work.outbox.marks import Item, Marks, Tally, claim_cursor, due_items, next_items
from foundation.work.outbox.model import Pace, Subscriber

_SAVE, _KEEP, _UNDO = text("SAVEPOINT event"), text("RELEASE SAVEPOINT event"), text("ROLLBACK TO SAVEPOINT event")


def deliver_batch(store: Store, subscriber: Subscriber, *, clock: Clock, pace: Pace) -> Tally | None:
    """One transaction's worth: first what is due again, then what is new. None if another deliverer is at it.

    A handler that fails undoes its own effect alone (a SAVEPOINT each). A kill undoes the whole batch, marks and all.
    """
    with store.transaction(alongside=not subscriber.alone) as transaction:
        cursor = claim_cursor(transaction, subscriber.name)
        if cursor is None:
            return None
        batch = _Batch(transaction, subscriber, Marks(subscriber, clock(), cursor), time.monotonic() + pace.seconds)
        batch.try_again(max(1, pace.events // 2))
        batch.go_on(pace.events)
        return batch.marks.tally


@dataclass
class _Batch:
    transaction: Transaction
    subscriber: Subscriber
    marks: Marks
    until: float

    def try_again(self, limit: int) -> None:
        """Failed events whose time has come, and what waits behind each that now succeeds."""
        failed: set[str] = set()
        for item in due_items(self.transaction, self.subscriber, self.marks.now, limit):
            if item.event.subject in failed:
                continue
            if not self._try(item):
                failed.add(item.event.subject)
            if self._over():
                break
        self.marks.write(self.transaction)

    def go_on(self, limit: int) -> None:
        """Events after the cursor; those of a held subject are listed behind it."""
        items, reached, held = next_items(self.transaction, self.subscriber, self.marks.cursor, limit)
        blocked = set(held)
        for item in items:
            if item.event.subject in blocked:
                self.marks.behind(item)
                continue
            if not self._try(item):
                blocked.add(item.event.subject)
            if self._over():
                break
        else:
            self.marks.cursor = reached
        self.marks.write(self.transaction)

    def _try(self, item: Item) -> bool:
        try:
            with _undone_alone(self.transaction):
                self.subscriber.handle(self.transaction, item.event)
        except _NotUndone as broken:
            raise broken.cause from None
        except Exception as error:
            self.marks.failed(item, error)
            return False
        self.marks.delivered(item)
        return True

    def _over(self) -> bool:
        return time.monotonic() > self.until


class _NotUndone(Exception):
    """The savepoint is gone too: not the event's failure but the database's. Never leaves this module."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


@contextmanager
def _undone_alone(transaction: Transaction) -> Iterator[None]:
    """Undo what the body wrote if it fails, and nothing else.

    A database in trouble (a full disk, a lost connection) may have ended the whole transaction already; then nothing
    may be marked, whatever the body says.
    """
    _run(transaction, _SAVE)
    try:
        yield
    except Exception as error:
        _run(transaction, _UNDO, _KEEP, because=error)
        raise
    _run(transaction, _KEEP)


def _run(transaction: Transaction, *statements: TextClause, because: Exception | None = None) -> None:
    try:
        for statement in statements:
            transaction.write(statement)
    except Exception as error:
        raise _NotUndone(because or error) from None
