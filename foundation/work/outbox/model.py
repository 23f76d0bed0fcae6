"""The values of the outbox: events, who listens, how often a failed delivery is tried, what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from foundation.store import Transaction

ALL_TOPICS = "*"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: a ``topic`` (``deployment.ended``), the ``subject`` it happened to, plain JSON facts.

    A publisher may give an ``id`` of its own (at most 100 characters): the same event published again under it is
    written once. Delivered events always have an ``id``, the same at every try: the key by which a repeat is known.
    ``number`` and ``recorded_at`` (real clock) come with the delivery.
    """

    topic: str
    subject: str
    payload: Mapping[str, Any]
    id: str = ""
    number: int = 0
    recorded_at: datetime | None = None


class Since(StrEnum):
    """Where a subscriber that was never seen before begins."""

    BEGINNING = "beginning"
    """With the first event ever published."""

    FIRST_SEEN = "first-seen"
    """With what is published after it first appeared."""


@dataclass(frozen=True, slots=True)
class Retries:
    """``tries`` in all; pauses double from ``first`` up to ``longest``. Twelve tries span about half an hour."""

    tries: int = 12
    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(hours=1)

    def pause(self, made: int) -> timedelta:
        """How long to wait after ``made`` tries."""
        return min(self.longest, self.first * (1 << min(made - 1, 20)))


Handler = Callable[[Transaction, Event], None]
Teller = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A handler whose effect lives in the transaction it is given: exactly once, together with its mark.

    ``topics``: one, several, or ``"*"``. ``alone`` as in ``Store.transaction``: a handler that appends an audit entry
    must be alone; one that locks what it touches may say False, and others write beside it on PostgreSQL.
    """

    name: str
    topics: str | tuple[str, ...]
    handle: Handler
    since: Since = Since.BEGINNING
    retries: Retries = field(default_factory=Retries)
    alone: bool = True


@dataclass(frozen=True, slots=True)
class OutsideSubscriber:
    """A teller whose effect lies outside the database (mail, webhook, another system): at least once.

    It runs in no transaction and may be repeated after a kill: ``Event.id`` is its idempotency key. It must have
    time-outs of its own.
    """

    name: str
    topics: str | tuple[str, ...]
    tell: Teller
    since: Since = Since.BEGINNING
    retries: Retries = field(default_factory=Retries)


Listener = Subscriber | OutsideSubscriber


@dataclass(frozen=True, slots=True)
class Failure:
    """One try that failed, as the log gets it. ``error`` may hold what nobody should read; ``dead`` ends the tries."""

    subscriber: str
    event: Event
    tries: int
    dead: bool
    error: Exception


@dataclass(frozen=True, slots=True)
class Pace:
    """At most ``events`` and about ``seconds`` a transaction; then ``rest`` seconds, so that other writers get in.

    The rest is taken on SQLite only: PostgreSQL's locks have a queue.
    """

    events: int = 250
    seconds: float = 0.1
    rest: float = 0.01


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one call did: deliveries ``made``, tries that ``failed``, and whether anything is ``stuck`` now."""

    made: int
    failed: int
    stuck: bool


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind a subscriber is. ``waiting`` leaves out the ``dead``; ``oldest`` is the longest wait of any."""

    subscriber: str
    waiting: int
    oldest: timedelta | None
    dead: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """What failed and is not delivered: tried again (``retrying``), held ``behind`` such a one, or ``dead``.

    ``code``, ``zh``, ``en`` are of the latest failure; ``next_try`` is the next one of all.
    """

    retrying: int
    behind: int
    dead: int
    code: str
    zh: str
    en: str
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that used up its tries for a subscriber; ``behind`` events of its subject wait for a person's word."""

    subscriber: str
    event: Event
    tries: int
    code: str
    zh: str
    en: str
    died_at: datetime
    behind: int


class Ruling(StrEnum):
    """What a person may say about a dead letter."""

    REPLAY = "replay"
    DROP = "drop"
