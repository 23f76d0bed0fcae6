"""To which parties a natural person belongs, and when: memberships and accounts, of every id of that person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, insert, or_, select, update

from foundation.store import Instant, Transaction, metadata
from governance.parties.engagements import hirers_of
from governance.parties.merging import same_person
from governance.parties.model import Membership, Party, PartyKind
from governance.parties.tables import account_table, party_of, party_table, person_table

membership_table = Table(
    "membership",
    metadata,
    Column("person", ForeignKey(person_table.c.id), primary_key=True),
    Column("party", ForeignKey(party_table.c.id), primary_key=True, index=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant),
    CheckConstraint("until IS NULL OR until >= since", name="forward"),
)


def add_membership(transaction: Transaction, membership: Membership) -> bool:
    """Record that a person belongs to a party; False if the same stands already."""
    row = {name: getattr(membership, name) for name in Membership.__slots__}
    return transaction.insert_once(membership_table, row, what="membership")


def add_memberships(transaction: Transaction, new: Sequence[Membership]) -> None:
    """Record many that are new."""
    rows = [{name: getattr(one, name) for name in Membership.__slots__} for one in new]
    transaction.write(insert(membership_table), rows)


def end_membership(transaction: Transaction, membership: Membership, at: datetime) -> None:
    """End it at ``at``."""
    transaction.write(
        update(membership_table)
        .where(
            membership_table.c.person == membership.person,
            membership_table.c.party == membership.party,
            membership_table.c.since == membership.since,
        )
        .values(until=at)
    )


def memberships(
    transaction: Transaction, *, person: str | None = None, party: str | None = None
) -> Sequence[Membership]:
    """The memberships of a person, of a party, of both or of all, by person, party and beginning."""
    query = select(membership_table).order_by(
        membership_table.c.person, membership_table.c.party, membership_table.c.since
    )
    if person is not None:
        query = query.where(membership_table.c.person == person)
    if party is not None:
        query = query.where(membership_table.c.party == party)
    return [Membership(**row) for row in transaction.rows(query)]


def person_parties(transaction: Transaction, person: str, at: datetime) -> frozenset[str]:
    """Every party the natural person belongs to at ``at``, by membership or account, under whichever of their ids."""
    ids = sorted(same_person(transaction, person))
    return frozenset(
        row["party"] for table in (membership_table, account_table) for row in _in_force(transaction, table, ids, at)
    )


def person_sides(transaction: Transaction, person: str, at: datetime) -> Sequence[Party]:
    """The parties the natural person counts as at ``at``: their own, and of a supplier whoever hired it, by id."""
    own = person_parties(transaction, person, at)
    return [party_of(transaction, party) for party in sorted(own | hirers_of(transaction, own, at))]


def person_party_kinds(transaction: Transaction, person: str, at: datetime) -> frozenset[PartyKind]:
    """The kinds of every party the natural person counts as at ``at``."""
    return frozenset(party.kind for party in person_sides(transaction, person, at))


def person_organisations(transaction: Transaction, person: str, at: datetime) -> frozenset[str]:
    """The bodies the natural person counts as at ``at``: plates of one office are one."""
    return frozenset(party.organisation for party in person_sides(transaction, person, at))


def _in_force(transaction: Transaction, table: Any, persons: Sequence[str], at: datetime) -> Sequence[Any]:
    return transaction.rows(
        select(table.c.party).where(
            table.c.person.in_(persons), table.c.since <= at, or_(table.c.until.is_(None), table.c.until > at)
        )
    )
