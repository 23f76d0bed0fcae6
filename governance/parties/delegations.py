"""Delegation 授权代理: who lets whom use which duty, on what, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, RowMapping, String, Table, or_, select, update

from foundation.store import Document, Instant, Transaction, metadata
from governance.parties.memberships import person_parties
from governance.parties.merging import same_person
from governance.parties.model import Delegation, Duty
from governance.parties.tables import account_table, party_table, person_table

delegation_table = Table(
    "delegation",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("delegator", ForeignKey(person_table.c.id), nullable=False, index=True),
    Column("delegate", ForeignKey(person_table.c.id), nullable=False, index=True),
    Column("party", ForeignKey(party_table.c.id), nullable=False),
    Column("duty", String(40), nullable=False),
    Column("acts", Document, nullable=False),
    Column("subjects", Document, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("because", String(500), nullable=False),
    CheckConstraint("delegator <> delegate", name="two_persons"),
    CheckConstraint("until >= since", name="forward"),
)


def add_delegation(transaction: Transaction, delegation: Delegation, *, because: str) -> bool:
    """Record a delegation; False if the same stands already."""
    row = {name: getattr(delegation, name) for name in Delegation.__slots__}
    lists = {"acts": sorted(delegation.acts), "subjects": sorted(delegation.subjects)}
    written = {**row, **lists, "duty": delegation.duty.value, "because": because}
    return transaction.insert_once(delegation_table, written, what="delegation")


def end_delegation(transaction: Transaction, delegation: str, at: datetime) -> None:
    """End it at ``at``, where it has not ended before; one that has not begun never does."""
    running = delegation_table.c.id == delegation
    transaction.write(update(delegation_table).where(running, delegation_table.c.until > at).values(until=at))


def delegation_of(transaction: Transaction, delegation: str) -> Delegation | None:
    """The delegation with that id."""
    row = transaction.row(select(delegation_table).where(delegation_table.c.id == delegation))
    return None if row is None else _delegation(row)


def delegations(transaction: Transaction) -> Sequence[Delegation]:
    """Every delegation there ever was, by beginning."""
    query = select(delegation_table).order_by(delegation_table.c.since, delegation_table.c.id)
    return [_delegation(row) for row in transaction.rows(query)]


def delegations_to(transaction: Transaction, person: str, at: datetime) -> Sequence[Delegation]:
    """What others let the natural person do at ``at``, by beginning.

    Only what holds at that instant: the delegator still has the duty there through an account of their own, and the
    delegate still belongs to the party. A duty somebody only has by delegation is nobody's to pass on.
    """
    ids = sorted(same_person(transaction, person))
    running = select(delegation_table).where(
        delegation_table.c.delegate.in_(ids), delegation_table.c.since <= at, delegation_table.c.until > at
    )
    found = [
        _delegation(row) for row in transaction.rows(running.order_by(delegation_table.c.since, delegation_table.c.id))
    ]
    if not found:
        return []
    own = person_parties(transaction, person, at)
    return [
        one
        for one in found
        if one.party in own
        and one.delegator not in ids
        and one.duty in own_duties(transaction, one.delegator, one.party, at)
    ]


def own_duties(transaction: Transaction, person: str, party: str, at: datetime) -> frozenset[Duty]:
    """The duties the natural person has for ``party`` at ``at`` through accounts; none while their identity is
    not verified."""
    ids = sorted(same_person(transaction, person))
    rows = transaction.rows(
        select(account_table.c.duties)
        .join(person_table, person_table.c.id == account_table.c.person)
        .where(
            account_table.c.person.in_(ids),
            account_table.c.party == party,
            account_table.c.since <= at,
            or_(account_table.c.until.is_(None), account_table.c.until > at),
            person_table.c.verified,
        )
    )
    return frozenset(Duty(duty) for row in rows for duty in row["duties"])


def _delegation(row: RowMapping) -> Delegation:
    fields = {name: row[name] for name in Delegation.__slots__}
    lists = {"acts": frozenset(row["acts"]), "subjects": frozenset(row["subjects"])}
    return Delegation(**{**fields, **lists, "duty": Duty(row["duty"])})
