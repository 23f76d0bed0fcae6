"""The marks of one subscriber: what it got, what it could not, what waits behind; gathered, then written at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, insert, select, update

from foundation.store import Transaction
from foundation.work.outbox.errors import FinalFailure
from foundation.work.outbox.model import Event, Failure, Listener
from foundation.work.outbox.tables import (
    event_of,
    heard_by,
    held_table,
    is_due,
    order_table,
    outbox_table,
    subscriber_table,
)
from foundation.work.outbox.words import words_of

EVENT_COLUMNS = tuple(outbox_table.c)


@dataclass(frozen=True, slots=True)
class Item:
    """An event as one subscriber meets it. ``held``: it stands in ``outbox_held``, after ``tries`` tries."""

    event: Event
    position: int
    held: bool
    tries: int = 0
    failed_at: datetime | None = None


def claim_cursor(transaction: Transaction, name: str) -> int | None:
    """Lock the subscriber's row to the end of the transaction; None if another deliverer holds it."""
    return _cursor(transaction, name, skip=True)


def lock_cursor(transaction: Transaction, name: str) -> int | None:
    """The same, waiting for whoever delivers; None if there is no such subscriber."""
    return _cursor(transaction, name, skip=False)


def _cursor(transaction: Transaction, name: str, *, skip: bool) -> int | None:
    mine = select(subscriber_table.c.cursor).where(subscriber_table.c.name == name)
    found: int | None = transaction.value(mine.with_for_update(skip_locked=skip))
    return found


def due_items(transaction: Transaction, subscriber: Listener, now: datetime, limit: int) -> Sequence[Item]:
    """Failed events whose time has come, each followed by those waiting behind it, by position.

    Of a subject these are always the first ones, without a gap; at most ``limit`` heads and ``limit`` followers.
    """
    mine = held_table.c.subscriber == subscriber.name
    heads = transaction.rows(
        _held_events().where(mine, is_due(now, subscriber.retries.longest)).order_by(held_table.c.next_try).limit(limit)
    )
    subjects = [row["subject"] for row in heads]
    if not subjects:
        return ()
    followers = transaction.rows(
        _held_events()
        .where(mine, held_table.c.subject.in_(subjects), held_table.c.next_try.is_(None))
        .order_by(held_table.c.position)
        .limit(limit)
    )
    return sorted((_held_item(row) for row in (*heads, *followers)), key=lambda item: item.position)


def next_items(
    transaction: Transaction, subscriber: Listener, cursor: int, limit: int
) -> tuple[Sequence[Item], int, frozenset[str]]:
    """Events after the cursor; the position up to which that is all there is; the subjects among them that are held."""
    newest = transaction.value(select(order_table.c.position))
    rows = transaction.rows(
        select(*EVENT_COLUMNS)
        .where(outbox_table.c.position > cursor, outbox_table.c.position <= newest, heard_by(subscriber))
        .order_by(outbox_table.c.position)
        .limit(limit)
    )
    items = [Item(event_of(row), row["position"], held=False) for row in rows]
    reached = rows[-1]["position"] if len(rows) == limit else newest
    return items, reached, _held_subjects(transaction, subscriber.name, {row["subject"] for row in rows})


def _held_subjects(transaction: Transaction, name: str, subjects: Collection[str]) -> frozenset[str]:
    if not subjects:
        return frozenset()
    rows = transaction.rows(
        select(held_table.c.subject)
        .where(held_table.c.subscriber == name, held_table.c.subject.in_(sorted(subjects)))
        .distinct()
    )
    return frozenset(row["subject"] for row in rows)


def _held_events() -> Any:
    return select(*EVENT_COLUMNS, held_table.c.tries, held_table.c.failed_at).join_from(
        held_table, outbox_table, held_table.c.number == outbox_table.c.number
    )


def _held_item(row: RowMapping) -> Item:
    return Item(event_of(row), row["position"], held=True, tries=row["tries"], failed_at=row["failed_at"])


@dataclass
class Tally:
    """What was done: deliveries ``made``, and the tries that failed."""

    made: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass
class Marks:
    """What is to be written for ``subscriber``, whose cursor stands at ``cursor``; ``now`` is the real clock."""

    subscriber: Listener
    now: datetime
    cursor: int
    tally: Tally = field(default_factory=Tally)
    _cursor_before: int = field(init=False)
    _listed: list[dict[str, Any]] = field(default_factory=list)
    _changed: list[dict[str, Any]] = field(default_factory=list)
    _gone: list[dict[str, Any]] = field(default_factory=list)
    _freed: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._cursor_before = self.cursor

    def delivered(self, item: Item) -> None:
        """It had its effect."""
        self.tally.made += 1
        if item.held:
            self._gone.append({"of": self.subscriber.name, "event": item.event.number})
            self._freed[item.event.subject] = None
        else:
            self.cursor = item.position

    def failed(self, item: Item, error: Exception) -> None:
        """It did not: tried again later, or a dead letter."""
        tries, words = item.tries + 1, words_of(error)
        dead = isinstance(error, FinalFailure) or tries >= self.subscriber.retries.tries
        state = {
            "tries": tries,
            "next_try": None if dead else self.now + self.subscriber.retries.pause(tries),
            "failed_at": item.failed_at or self.now,
            "died_at": self.now if dead else None,
            "code": words.code,
            "zh": words.zh,
            "en": words.en,
        }
        if item.held:
            self._changed.append({"of": self.subscriber.name, "event": item.event.number} | state)
            self._freed.pop(item.event.subject, None)  # the first of its subject is this one now
        else:
            self._listed.append(self._row(item) | state)
            self.cursor = item.position
        self.tally.failures.append(Failure(self.subscriber.name, item.event, tries, dead, error))

    def behind(self, item: Item) -> None:
        """An earlier one of its subject is not delivered yet."""
        nothing = {"tries": 0, "next_try": None, "failed_at": None, "died_at": None, "code": "", "zh": "", "en": ""}
        self._listed.append(self._row(item) | nothing)
        self.cursor = item.position

    def write(self, transaction: Transaction) -> None:
        """Write what was gathered; may be called again after more was."""
        mine = held_table.c.subscriber == bindparam("of")
        this = held_table.c.number == bindparam("event")
        transaction.write(delete(held_table).where(mine, this), self._gone)
        for row in self._changed:
            state = {name: value for name, value in row.items() if name not in {"of", "event"}}
            transaction.write(
                update(held_table)
                .where(held_table.c.subscriber == row["of"], held_table.c.number == row["event"])
                .values(**state)
            )
        transaction.write(insert(held_table), self._listed)
        free_subjects(transaction, self.subscriber.name, list(self._freed), self.now)
        if self.cursor != self._cursor_before:
            move_cursor(transaction, self.subscriber.name, self.cursor)
            self._cursor_before = self.cursor
        for written in (self._gone, self._changed, self._listed):
            written.clear()
        self._freed.clear()

    def _row(self, item: Item) -> dict[str, Any]:
        return {
            "subscriber": self.subscriber.name,
            "number": item.event.number,
            "position": item.position,
            "subject": item.event.subject,
        }


def free_subjects(transaction: Transaction, name: str, subjects: Sequence[str], now: datetime) -> None:
    """What waits first in each subject may be tried at once: nothing is before it any more."""
    ahead = held_table.alias("ahead")
    first = (
        select(ahead.c.number)
        .where(ahead.c.subscriber == bindparam("of"), ahead.c.subject == bindparam("about"))
        .order_by(ahead.c.position)
        .limit(1)
        .scalar_subquery()
    )
    freeing = (
        update(held_table)
        .where(held_table.c.subscriber == bindparam("of"), held_table.c.number == first)
        .values(next_try=now)
    )
    transaction.write(freeing, [{"of": name, "about": subject} for subject in subjects])


def move_cursor(transaction: Transaction, name: str, position: int) -> None:
    """Everything up to ``position`` is delivered or listed."""
    transaction.write(update(subscriber_table).where(subscriber_table.c.name == name).values(cursor=position))
