"""The tables of the outbox.

An event's ``number`` says when it was written, its ``position`` when it was first seen committed: on PostgreSQL a
later number may commit before an earlier one, so only positions are delivered along (``placing``).
A subscriber's ``cursor`` is the position up to which everything is delivered or listed in ``outbox_held``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    or_,
    text,
    true,
)

from foundation.evidence import sha256_hex
from foundation.store import Document, Instant, append_only, metadata
from foundation.values.instant import format_instant
from foundation.work.outbox.model import ALL_TOPICS, Event, Listener

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

outbox_table = Table(
    "outbox",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("topic", String(100), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("payload", Document, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("id", String(100), unique=True),
    Column("position", BigInteger, unique=True),
)
Index(
    "ix_outbox_unplaced",
    outbox_table.c.number,
    sqlite_where=text("position IS NULL"),
    postgresql_where=text("position IS NULL"),
)
order_table = Table(
    "outbox_order",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
subscriber_table = Table(
    "outbox_subscriber",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("since", String(20), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
)
held_table = Table(
    "outbox_held",
    metadata,
    Column("subscriber", ForeignKey("outbox_subscriber.name"), primary_key=True),
    Column("number", ForeignKey("outbox.number"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Instant),
    Column("failed_at", Instant),
    Column("died_at", Instant),
    Column("code", String(100), nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Index("ix_outbox_held_subject", "subscriber", "subject", "position"),
    Index("ix_outbox_held_next_try", "subscriber", "next_try"),
)
"""The exceptions. Of one subject the first row is tried again at ``next_try`` or dead; the rest wait behind it."""

ruling_table = Table(
    "outbox_ruling",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("subscriber", String(100), nullable=False),
    Column("event", ForeignKey("outbox.number"), nullable=False, index=True),
    Column("ruling", String(10), nullable=False),
    Column("account", String(60), nullable=False),
    Column("person", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("code", String(100), nullable=False),
    Column("decided_at", Instant, nullable=False),
)
append_only(ruling_table, "what a person said about a dead letter is never changed")
"""Who replayed or dropped which dead letter, and why."""


def heard_by(subscriber: Listener) -> ColumnElement[bool]:
    """The events of a subscriber's topics."""
    topics = (subscriber.topics,) if isinstance(subscriber.topics, str) else subscriber.topics
    return true() if ALL_TOPICS in topics else outbox_table.c.topic.in_(topics)


def is_due(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Held events to be tried now; also one whose time lies further ahead than any pause: the clock was set back."""
    return or_(held_table.c.next_try <= now, held_table.c.next_try > now + longest)


def event_of(row: RowMapping | Any) -> Event:
    """The event in a row of ``outbox``. Without an id of its own it has one made of what never changes about it."""
    made_of = f"{row['number']}\n{row['topic']}\n{row['subject']}\n{format_instant(row['recorded_at'])}"
    return Event(
        topic=row["topic"],
        subject=row["subject"],
        payload=row["payload"],
        id=row["id"] or f"event_{sha256_hex(made_of.encode())[:32]}",
        number=row["number"],
        recorded_at=row["recorded_at"],
    )
