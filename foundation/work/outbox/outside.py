"""Delivering to tellers outside the database: the effect, then its mark. A kill between the two repeats the effect.

No transaction is open during the effect. A lease makes sure that one process at a time tells a subscriber, and its
fencing number that one which lost it marks nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from foundation.store import Store, Transaction
from foundation.values.instant import Clock
from foundation.work.errors import LeaseHeld, LeaseLost
from foundation.work.holders import died, this_process
from foundation.work.leases import Died, Lease, check_held, held
from foundation.work.outbox.marks import Item, Marks, Tally, due_items, lock_cursor, next_items
from foundation.work.outbox.model import OutsideSubscriber, Pace

PEEK = 100
"""How many events are looked through at a time for one that is not held."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who tells outside subscribers: the lease's holder, its length, and how a dead holder is recognised."""

    holder: str = field(default_factory=this_process)
    length: timedelta = timedelta(seconds=30)
    died: Died = died


def tell_some(
    store: Store, subscriber: OutsideSubscriber, *, clock: Clock, pace: Pace, hand: Hand, stop: Callable[[], bool]
) -> Tally | None:
    """Tell for about ``10 × pace.seconds`` (the lease is not taken anew for each); None if another process tells."""
    try:
        with held(
            store, f"outbox:{subscriber.name}", hand.holder, length=hand.length, clock=clock, died=hand.died
        ) as lease:
            telling = _Telling(store, subscriber, lease, clock)
            telling.run(time.monotonic() + 10 * pace.seconds, stop)
            return telling.tally
    except (LeaseHeld, LeaseLost):
        return None


@dataclass
class _Telling:
    store: Store
    subscriber: OutsideSubscriber
    lease: Lease
    clock: Clock
    tally: Tally = field(default_factory=Tally)
    again: bool = True

    def run(self, until: float, stop: Callable[[], bool]) -> None:
        item = self._marked(None, None)
        while item is not None:
            error = self._tell(item)
            over = stop() or time.monotonic() > until
            item = self._marked(item, error, choose=not over)

    def _tell(self, item: Item) -> Exception | None:
        try:
            self.subscriber.tell(item.event)
        except Exception as error:
            return error
        return None

    def _marked(self, item: Item | None, error: Exception | None, *, choose: bool = True) -> Item | None:
        """Mark what was told and choose what comes next, in one transaction under the lease."""
        with self.store.transaction(alongside=True) as transaction:
            check_held(transaction, self.lease)
            cursor = lock_cursor(transaction, self.subscriber.name)
            if cursor is None:
                return None
            marks = Marks(self.subscriber, self.clock(), cursor)
            if item is not None and error is None:
                marks.delivered(item)
            elif item is not None and error is not None:
                marks.failed(item, error)
            marks.write(transaction)
            chosen = self._choose(transaction, marks) if choose else None
        self.tally.made += marks.tally.made
        self.tally.failures.extend(marks.tally.failures)
        return chosen

    def _choose(self, transaction: Transaction, marks: Marks) -> Item | None:
        """In turns one that is due again and a new one, where there are both."""
        self.again = not self.again
        due = due_items(transaction, self.subscriber, marks.now, 1)
        if due and self.again:
            return due[0]
        return self._next_free(transaction, marks) or (due[0] if due else None)

    def _next_free(self, transaction: Transaction, marks: Marks) -> Item | None:
        """The first new event whose subject is not held; those before it are listed."""
        found: Item | None = None
        more = True
        while found is None and more:
            items, reached, blocked = next_items(transaction, self.subscriber, marks.cursor, PEEK)
            more = len(items) == PEEK
            found = next((item for item in items if item.event.subject not in blocked), None)
            for item in items[: len(items) if found is None else items.index(found)]:
                marks.behind(item)
            if found is None:
                marks.cursor = reached
            marks.write(transaction)
        return found
