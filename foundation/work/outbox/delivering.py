"""Delivering what is outstanding to every subscriber, in turns of one batch each.

Any number of processes may do this at the same time, and each may be killed anywhere: one at a time serves a
subscriber, and the next one goes on where the last commit stands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from foundation.store import Store
from foundation.values.instant import Clock
from foundation.work.outbox.enrolling import enrol
from foundation.work.outbox.inside import deliver_batch
from foundation.work.outbox.looking import Look, look
from foundation.work.outbox.model import Delivery, Failure, Listener, OutsideSubscriber, Pace
from foundation.work.outbox.outside import Hand, tell_some
from foundation.work.outbox.publishing import place_all

Told = Callable[[Failure], None]


def never() -> bool:
    """The ``stop`` of a caller who waits for the end."""
    return False


def nobody(failure: Failure) -> None:
    """The ``told`` of a caller who keeps no log."""


def deliver(store: Store, subscribers: Sequence[Listener], *, clock: Clock) -> int:
    """Deliver what is outstanding and due; returns how many deliveries were made. No handler's error comes out."""
    return deliver_and_report(store, subscribers, clock=clock).made


def deliver_and_report(
    store: Store,
    subscribers: Sequence[Listener],
    *,
    clock: Clock,
    pace: Pace = Pace(),  # noqa: B008 - frozen
    hand: Hand | None = None,
    told: Told = nobody,
    stop: Callable[[], bool] = never,
) -> Delivery:
    """Deliver until nothing is due, or ``stop`` says so (asked between batches).

    A failed event is told to ``told`` and tried again later; it holds up nothing but its own subject for its own
    subscriber. With nothing outstanding this is one query. Raises ``DatabaseUnavailable``; ``ValueError`` where two
    subscribers have one name.
    """
    if len({subscriber.name for subscriber in subscribers}) < len(subscribers):
        raise ValueError("two subscribers of one name would share a cursor")
    round_ = _Round(store, clock, pace, hand or Hand(), told, stop)
    found = Look(enrolled=True, unplaced=False, due=frozenset(), stuck=False)
    while not stop():
        with store.reading() as transaction:
            found = look(transaction, subscribers, clock())
        if not found.enrolled:
            enrol(store, subscribers, clock=clock)
        if found.unplaced:
            place_all(store)
        if found.enrolled and not found.unplaced and not found.due - round_.elsewhere:
            break
        # Served also while new events keep coming: there may be no moment without one that has no place.
        for subscriber in subscribers:
            if subscriber.name in found.due - round_.elsewhere and not stop():
                round_.serve(subscriber)
    return Delivery(round_.made, round_.failed, found.stuck)


@dataclass
class _Round:
    store: Store
    clock: Clock
    pace: Pace
    hand: Hand
    told: Told
    stop: Callable[[], bool]
    made: int = 0
    failed: int = 0
    elsewhere: set[str] = field(default_factory=set)
    """Whom another process serves now."""

    def serve(self, subscriber: Listener) -> None:
        """One batch."""
        if isinstance(subscriber, OutsideSubscriber):
            done = tell_some(self.store, subscriber, clock=self.clock, pace=self.pace, hand=self.hand, stop=self.stop)
        else:
            done = deliver_batch(self.store, subscriber, clock=self.clock, pace=self.pace)
        if done is None:
            self.elsewhere.add(subscriber.name)
            return
        self.made += done.made
        self.failed += len(done.failures)
        for failure in done.failures:
            self.told(failure)
        if self.store.dialect == "sqlite" and done.made:
            time.sleep(self.pace.rest)
