"""The tables of checkpoints and countersignatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, select

from foundation.evidence import Signed, plain, signed_from_document
from foundation.store import Document, Instant, Transaction, append_only, metadata

checkpoint_table = Table(
    "audit_checkpoint",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("hash", String(68), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("signed", Document, nullable=False),
)
append_only(checkpoint_table, "a checkpoint that was handed out stays")

countersignature_table = Table(
    "audit_countersignature",
    metadata,
    Column("checkpoint", ForeignKey(checkpoint_table.c.number), primary_key=True),
    Column("party", ForeignKey("party.id"), primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("signed", Document, nullable=False),
)
append_only(countersignature_table, "a countersignature stays")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The operator's signature under entry ``number`` and its ``hash``."""

    number: int
    hash: str
    made_at: datetime
    signed: Signed


@dataclass(frozen=True, slots=True)
class Countersignature:
    """The signature of ``party`` (bureau or auditor) under a checkpoint it has checked itself."""

    checkpoint: int
    party: str
    made_at: datetime
    signed: Signed


def checkpoints(transaction: Transaction, *, after: int = 0) -> Sequence[Checkpoint]:
    """Checkpoints in order, oldest first."""
    query = select(checkpoint_table).where(checkpoint_table.c.number > after).order_by(checkpoint_table.c.number)
    return [
        Checkpoint(row["number"], row["hash"], row["made_at"], signed_from_document(row["signed"], what="checkpoint"))
        for row in transaction.rows(query)
    ]


def newest_checkpoint(transaction: Transaction) -> tuple[int, datetime] | None:
    """Number and time of the newest one."""
    table = checkpoint_table.c
    row = transaction.row(select(table.number, table.made_at).order_by(table.number.desc()).limit(1))
    return None if row is None else (row["number"], row["made_at"])


def record_checkpoint(transaction: Transaction, checkpoint: Checkpoint) -> bool:
    """Write a checkpoint; False if it stands."""
    return transaction.insert_once(
        checkpoint_table, plain(checkpoint) | {"made_at": checkpoint.made_at}, what="checkpoint"
    )


def countersignatures(transaction: Transaction) -> Sequence[Countersignature]:
    """Countersignatures by checkpoint and party."""
    table = countersignature_table
    return [
        Countersignature(
            row["checkpoint"],
            row["party"],
            row["made_at"],
            signed_from_document(row["signed"], what="countersignature"),
        )
        for row in transaction.rows(select(table).order_by(table.c.checkpoint, table.c.party))
    ]


def record_countersignature(transaction: Transaction, countersignature: Countersignature) -> bool:
    """Write a countersignature; False if this party's stands under that checkpoint (its time may be another)."""
    table = countersignature_table.c
    held = select(table.party).where(
        table.checkpoint == countersignature.checkpoint, table.party == countersignature.party
    )
    if transaction.row(held) is not None:
        return False
    row = plain(countersignature) | {"made_at": countersignature.made_at}
    return transaction.insert_once(countersignature_table, row, what="countersignature")
