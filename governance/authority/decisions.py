"""Decisions: who did which act on what, bound to a digest. The separation rules read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
)

from foundation.store import Instant, Transaction, append_only, metadata
from governance.authority.acts import Act

decision_table = Table(
    "decision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("act", String(60), nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("party", ForeignKey("party.id"), nullable=False),
    Column("note", String(500), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("act", "subject", "digest", "person"),
)
append_only(decision_table, "decisions are append-only")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. ``digest`` is what it binds to, empty where there is nothing to bind."""

    act: Act
    subject: str
    digest: str
    person: str
    account: str
    party: str
    note: str
    decided_at: datetime
    recorded_at: datetime


def decisions_on(transaction: Transaction, *subjects: str) -> Sequence[Decision]:
    """Every decision on these subjects, oldest first."""
    query = select(decision_table).where(decision_table.c.subject.in_(subjects)).order_by(decision_table.c.number)
    return [_decision(row) for row in transaction.rows(query)]


def record(transaction: Transaction, decision: Decision) -> bool:
    """Write the decision; False if the same person made the same one before."""
    for found in decisions_on(transaction, decision.subject):
        if (found.act, found.digest, found.person) == (decision.act, decision.digest, decision.person):
            return False
    transaction.write(
        insert(decision_table).values(
            act=decision.act.value,
            subject=decision.subject,
            digest=decision.digest,
            person=decision.person,
            account=decision.account,
            party=decision.party,
            note=decision.note,
            decided_at=decision.decided_at,
            recorded_at=decision.recorded_at,
        )
    )
    return True


def _decision(row: RowMapping) -> Decision:
    fields = {name: row[name] for name in row if name not in {"number", "act"}}
    return Decision(act=Act(row["act"]), **fields)
