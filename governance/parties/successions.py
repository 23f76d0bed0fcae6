"""Succession 机构改革: which party stands where another stood, from which instant on. Only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, RowMapping, String, Table, insert, select

from foundation.store import Instant, Transaction, append_only, metadata
from governance.parties.tables import party_table

succession_table = Table(
    "succession",
    metadata,
    Column("predecessor", ForeignKey(party_table.c.id), primary_key=True),
    Column("successor", ForeignKey(party_table.c.id), primary_key=True, index=True),
    Column("at", Instant, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("reorganisation", String(60), nullable=False, index=True),
    CheckConstraint("predecessor <> successor", name="two_parties"),
)
append_only(succession_table, "who followed whom is only ever added")


@dataclass(frozen=True, slots=True)
class Succession:
    """From ``at`` on ``successor`` stands where ``predecessor`` stood.

    A party that was split has several successors; the ``main`` one keeps its records and whatever is not named.
    """

    predecessor: str
    successor: str
    at: datetime
    main: bool
    reorganisation: str


def add_successions(transaction: Transaction, followed: Sequence[Succession]) -> None:
    """Record many that are new."""
    rows = [{name: getattr(one, name) for name in Succession.__slots__} for one in followed]
    transaction.write(insert(succession_table), rows)


def successions(transaction: Transaction, reorganisation: str | None = None) -> Sequence[Succession]:
    """Every succession, or those of one reorganisation, by predecessor and successor."""
    query = select(succession_table).order_by(succession_table.c.predecessor, succession_table.c.successor)
    if reorganisation is not None:
        query = query.where(succession_table.c.reorganisation == reorganisation)
    return [_succession(row) for row in transaction.rows(query)]


def successor_of(transaction: Transaction, party: str, at: datetime) -> str:
    """Who stands at ``at`` where ``party`` stood: itself where nobody followed it; of a split, the main successor."""
    seen = {party}
    while True:
        following = transaction.value(
            select(succession_table.c.successor).where(
                succession_table.c.predecessor == party, succession_table.c.main, succession_table.c.at <= at
            )
        )
        if following is None or following in seen:
            return party
        seen.add(following)
        party = following


def followed(transaction: Transaction, predecessor: str, successor: str, at: datetime) -> bool:
    """Whether ``successor`` stands at ``at`` where ``predecessor`` stood, or has a part of it, near or far."""
    seen, fresh = frozenset[str](), frozenset({predecessor})
    while fresh:
        after = select(succession_table.c.successor).where(
            succession_table.c.predecessor.in_(sorted(fresh)), succession_table.c.at <= at
        )
        seen |= fresh
        fresh = frozenset(row["successor"] for row in transaction.rows(after)) - seen
    return successor in seen - {predecessor}


def predecessors_of(transaction: Transaction, party: str, at: datetime) -> frozenset[str]:
    """Whose records ``party`` keeps at ``at``: everybody it followed as the main successor, near and far."""
    found, fresh = frozenset[str](), frozenset({party})
    while fresh:
        before = select(succession_table.c.predecessor).where(
            succession_table.c.successor.in_(sorted(fresh)), succession_table.c.main, succession_table.c.at <= at
        )
        fresh = frozenset(row["predecessor"] for row in transaction.rows(before)) - found - {party}
        found |= fresh
    return found


def _succession(row: RowMapping) -> Succession:
    return Succession(**row)
