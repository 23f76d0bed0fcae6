"""The ceremony's tables. What was begun and what was sealed is only ever added; people waiting to confirm go away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, RowMapping, String, Table, delete, select, update

from foundation.store import Document, Instant, Transaction, append_only, metadata

ceremony_table = Table(
    "ceremony",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("party", Document, nullable=False),
    Column("keys", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("begun_at", Instant, nullable=False),
)
append_only(ceremony_table, "a ceremony is begun once")
waiting_table = Table(
    "ceremony_administrator",
    metadata,
    Column("account", String(60), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("identity", String(64), nullable=False, unique=True),
    Column("duty", String(40), nullable=False, unique=True),
    Column("secret", String(200), nullable=False),
    Column("confirmed_at", Instant),
)
seal_table = Table(
    "ceremony_seal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("genesis", String(64), nullable=False),
    Column("closed_at", Instant, nullable=False),
)
append_only(seal_table, "a ceremony closes for good")

_ONLY = 1
"""The one row there ever is."""


def write_ceremony(
    transaction: Transaction,
    *,
    party: Mapping[str, Any],
    keys: Sequence[str],
    digest: str,
    at: datetime,
    administrators: Sequence[Mapping[str, Any]],
) -> None:
    """Record what was begun and who is waited for."""
    row = {"id": _ONLY, "party": party, "keys": list(keys), "digest": digest, "begun_at": at}
    transaction.add(ceremony_table, row)
    for one in administrators:
        transaction.add(waiting_table, {**one, "confirmed_at": None})


def ceremony_row(transaction: Transaction) -> RowMapping | None:
    """What was begun."""
    return transaction.row(select(ceremony_table))


def seal_row(transaction: Transaction) -> RowMapping | None:
    """How it closed."""
    return transaction.row(select(seal_table))


def waiting(transaction: Transaction) -> Sequence[RowMapping]:
    """The three, by account, until it closes."""
    return transaction.rows(select(waiting_table).order_by(waiting_table.c.account))


def write_confirmation(transaction: Transaction, account: str, at: datetime) -> None:
    """Record that this one has confirmed; a second time changes nothing."""
    mine = waiting_table.c.account == account
    transaction.write(update(waiting_table).where(mine, waiting_table.c.confirmed_at.is_(None)).values(confirmed_at=at))


def write_seal(transaction: Transaction, *, digest: str, genesis: str, at: datetime) -> None:
    """Close it; names and secrets are now where everybody's are."""
    transaction.write(delete(waiting_table))
    transaction.add(seal_table, {"id": _ONLY, "digest": digest, "genesis": genesis, "closed_at": at})
