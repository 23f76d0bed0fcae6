"""Break-glass grants on record: who may do which act on what for a while, opened by two, to be reviewed by a third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, RowMapping, String, Table, select, update

from foundation.store import Instant, Transaction, metadata
from governance.authority.acts import Act

grant_table = Table(
    "glass_grant",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False, index=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("act", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("asked_by", ForeignKey("person.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("opened_by", ForeignKey("person.id")),
    Column("opened_at", Instant),
    Column("review_due_at", Instant),
    Column("reviewed_by", ForeignKey("person.id")),
    Column("reviewed_at", Instant),
    Column("finding", String(500)),
    CheckConstraint("opened_by IS NULL OR opened_by <> asked_by", name="two_persons"),
    CheckConstraint(
        "reviewed_by IS NULL OR (reviewed_by <> asked_by AND reviewed_by <> opened_by AND reviewed_by <> person)",
        name="third_person",
    ),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """``account`` may do ``act`` on ``subject`` over [``opened_at``, ``ends_at``), although its duties do not say so.
    Its review ends it at once.

    ``asked_by``, ``opened_by``, ``reviewed_by`` are persons; what has not happened yet is None.
    """

    id: str
    account: str
    person: str
    act: Act
    subject: str
    reason: str
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    opened_by: str | None = None
    opened_at: datetime | None = None
    review_due_at: datetime | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    finding: str | None = None

    def holds(self, act: Act, subject: str, at: datetime) -> bool:
        """Whether it lets its account do this now. What was reviewed lets nobody do more that nobody would review."""
        return (
            (self.act, self.subject) == (act, subject)
            and self.reviewed_at is None
            and self.opened_at is not None
            and self.opened_at <= at < self.ends_at
        )

    def overdue(self, at: datetime) -> bool:
        """Whether the review should have been done by ``at``."""
        return self.reviewed_at is None and self.review_due_at is not None and self.review_due_at <= at


def add_grant(transaction: Transaction, grant: Grant) -> None:
    """Record what was asked for."""
    transaction.add(grant_table, {**{name: getattr(grant, name) for name in Grant.__slots__}, "act": grant.act.value})


def change_grant(transaction: Transaction, grant: Grant) -> None:
    """Write what happened to it since."""
    changed = ("opened_by", "opened_at", "review_due_at", "reviewed_by", "reviewed_at", "finding")
    transaction.write(
        update(grant_table).where(grant_table.c.id == grant.id).values({name: getattr(grant, name) for name in changed})
    )


def grant_of(transaction: Transaction, id_: str) -> Grant | None:
    """The grant with that id."""
    row = transaction.row(select(grant_table).where(grant_table.c.id == id_))
    return None if row is None else _grant(row)


def grants(transaction: Transaction) -> Sequence[Grant]:
    """Every grant there ever was, newest first."""
    query = select(grant_table).order_by(grant_table.c.asked_at.desc(), grant_table.c.id)
    return [_grant(row) for row in transaction.rows(query)]


def standing_grant(transaction: Transaction, account: str, act: Act, subject: str, at: datetime) -> str:
    """The id of the grant that lets ``account`` do ``act`` on ``subject`` at ``at``; empty where there is none."""
    open_ones = select(grant_table).where(
        grant_table.c.account == account, grant_table.c.act == act.value, grant_table.c.opened_at.is_not(None)
    )
    found = [grant for grant in map(_grant, transaction.rows(open_ones)) if grant.holds(act, subject, at)]
    return found[0].id if found else ""


def unreviewed(transaction: Transaction) -> Sequence[Grant]:
    """Every opened grant whose review is still to be done, oldest first."""
    query = select(grant_table).where(grant_table.c.opened_at.is_not(None), grant_table.c.reviewed_at.is_(None))
    return [_grant(row) for row in transaction.rows(query.order_by(grant_table.c.opened_at, grant_table.c.id))]


def _grant(row: RowMapping) -> Grant:
    return Grant(**{**row, "act": Act(row["act"])})


__all__ = [
    "Grant",
    "add_grant",
    "change_grant",
    "grant_of",
    "grant_table",
    "grants",
    "standing_grant",
    "unreviewed",
]
