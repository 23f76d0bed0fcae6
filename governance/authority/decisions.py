"""Decisions: who did which act on what, bound to a digest. The separation rules read them, and so does the database.

The number says in which order decisions were taken; people read it as ``D-000123``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql as on_postgresql
from sqlalchemy.dialects import sqlite as on_sqlite

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
    Column("behalf", ForeignKey("person.id")),
    Column("organisation", String(40)),
    Column("glass", String(60)),
    Column("owner", String(40)),
    UniqueConstraint("act", "subject", "digest", "person"),
    CheckConstraint("behalf IS NULL OR behalf <> person", name="two_persons"),
)
"""``behalf``: who delegated, NULL where nobody did. ``organisation``: the body the party was that day, NULL in rows of
the first programs, where every party was a body of its own. ``glass``: the break-glass grant it was taken under.
``owner``: the agency whose thing it was."""
append_only(decision_table, "decisions are append-only")

basis_table = Table(
    "decision_basis",
    metadata,
    Column("decision", ForeignKey(decision_table.c.number), primary_key=True),
    Column("subject", String(200), primary_key=True, index=True),
)
"""What a decision rests on: the request behind a plan."""
append_only(basis_table, "what a decision rests on is append-only")


_RECORD = {
    dialect: placing.insert(decision_table)
    .on_conflict_do_nothing(index_elements=["act", "subject", "digest", "person"])
    .returning(decision_table.c.number)
    for dialect, placing in (("sqlite", on_sqlite), ("postgresql", on_postgresql))
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. ``digest`` is what it binds to, empty where there is nothing to bind.

    ``person`` acted through ``account`` for ``party`` (``organisation``: the body it was that day), for the person
    ``behalf`` where that is not empty; ``glass`` is the break-glass grant it was taken under, ``owner`` the agency
    whose thing it was, where it was one's.
    """

    act: Act
    subject: str
    digest: str
    person: str
    account: str
    party: str
    note: str
    decided_at: datetime
    recorded_at: datetime
    behalf: str = ""
    organisation: str = ""
    glass: str = ""
    owner: str = ""
    number: int = 0

    @property
    def readable(self) -> str:
        """The number as people read it."""
        return f"D-{self.number:06d}"

    @property
    def persons(self) -> tuple[str, ...]:
        """Whoever it counts as done by: the person, and who delegated."""
        return (self.person, self.behalf) if self.behalf else (self.person,)


def decisions_on(transaction: Transaction, *subjects: str) -> Sequence[Decision]:
    """Every decision on these subjects, oldest first."""
    query = select(decision_table).where(decision_table.c.subject.in_(subjects)).order_by(decision_table.c.number)
    return [_decision(row) for row in transaction.rows(query)]


def decisions_about(transaction: Transaction, subject: str, rests_on: tuple[str, ...] = ()) -> Sequence[Decision]:
    """Every decision on the subject, on what it rests on, and on what rests on it: what acts must be apart from."""
    resting = select(basis_table.c.decision).where(basis_table.c.subject == subject)
    about = or_(decision_table.c.subject.in_((subject, *rests_on)), decision_table.c.number.in_(resting))
    return [
        _decision(row)
        for row in transaction.rows(select(decision_table).where(about).order_by(decision_table.c.number))
    ]


def decision_numbered(transaction: Transaction, number: int) -> Decision | None:
    """The decision with that number."""
    row = transaction.row(select(decision_table).where(decision_table.c.number == number))
    return None if row is None else _decision(row)


def basis_of(transaction: Transaction, number: int) -> tuple[str, ...]:
    """What the decision rests on, by name."""
    query = select(basis_table.c.subject).where(basis_table.c.decision == number).order_by(basis_table.c.subject)
    return tuple(row["subject"] for row in transaction.rows(query))


def record(transaction: Transaction, decision: Decision, rests_on: tuple[str, ...] = ()) -> bool:
    """Write the decision and what it rests on; False if the same person made the same one before."""
    row = {name: getattr(decision, name) for name in Decision.__slots__ if name != "number"}
    empty = {name: row[name] or None for name in ("behalf", "organisation", "glass", "owner")}
    written = transaction.row(_RECORD[transaction.dialect], {**row, **empty, "act": decision.act.value})
    if written is None:
        return False
    for subject in sorted(set(rests_on) - {decision.subject}):
        transaction.add(basis_table, {"decision": written["number"], "subject": subject})
    return True


def _decision(row: RowMapping) -> Decision:
    fields = {name: row[name] for name in row if name != "act"}
    empty = {name: row[name] or "" for name in ("behalf", "glass", "owner")}
    return Decision(**{**fields, **empty, "act": Act(row["act"]), "organisation": row["organisation"] or row["party"]})
