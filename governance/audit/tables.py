"""The audit log's table. A trigger refuses an update or a delete; the chain finds what got past it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String, Table, select

from foundation.evidence import plain
from foundation.store import Document, Instant, Transaction, append_only, metadata
from governance.audit.chain import GENESIS, Entry, entry_hash
from governance.audit.events import AuditEvent

audit_table = Table(
    "audit_entry",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("recorded_at", Instant, nullable=False),
    Column("business_at", Instant, nullable=False),
    Column("event", String(60), nullable=False, index=True),
    Column("person", String(60), nullable=False),
    Column("account", String(60), nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("facts", Document, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)
append_only(audit_table, "the audit log is append-only")


_HEAD = select(audit_table.c.number, audit_table.c.hash).order_by(audit_table.c.number.desc()).limit(1)


def head(transaction: Transaction) -> tuple[int, str]:
    """The newest entry's number and hash; (0, GENESIS) of an empty log."""
    row = transaction.row(_HEAD)
    return (0, GENESIS) if row is None else (row["number"], row["hash"])


def append(
    transaction: Transaction,
    event: AuditEvent,
    *,
    subject: str,
    facts: Mapping[str, Any],
    recorded_at: datetime,
    business_at: datetime,
    person: str = "",
    account: str = "",
) -> Entry:
    """Add one entry in the transaction of the fact it tells of. ``facts`` hold no name and no secret.

    The chain has one order: a transaction that runs alongside others is alone from here on.
    """
    transaction.stand_alone()
    number, previous = head(transaction)
    entry = Entry(
        number=number + 1,
        recorded_at=recorded_at,
        business_at=business_at,
        event=event.value,
        person=person,
        account=account,
        subject=subject,
        facts=plain(facts),
        previous=previous,
    )
    whole = replace(entry, hash=entry_hash(entry))
    transaction.add(audit_table, {name: getattr(whole, name) for name in Entry.__slots__})
    return whole


def entries(transaction: Transaction, *, after: int = 0, subject: str | None = None) -> Iterator[Entry]:
    """Entries in order, oldest first."""
    query = select(audit_table).where(audit_table.c.number > after).order_by(audit_table.c.number)
    if subject is not None:
        query = query.where(audit_table.c.subject == subject)
    for row in transaction.rows(query):
        yield Entry(**row)
