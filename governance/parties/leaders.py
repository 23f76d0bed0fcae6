"""The one named responsible leader 责任领导 of each agency, in time: exactly one at any instant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, case, insert, literal, or_, select, update

from foundation.store import Instant, Transaction, metadata
from foundation.values.errors import InvalidValue
from foundation.values.instant import format_instant
from governance.parties.tables import party_table, person_table

leader_table = Table(
    "party_leader",
    metadata,
    Column("party", ForeignKey(party_table.c.id), primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant),
    Column("person", ForeignKey(person_table.c.id), nullable=False),
    CheckConstraint("until IS NULL OR until >= since", name="forward"),
)
Index(
    "uq_party_leader_now",
    leader_table.c.party,
    unique=True,
    sqlite_where=leader_table.c.until.is_(None),
    postgresql_where=leader_table.c.until.is_(None),
)


@dataclass(frozen=True, slots=True)
class Leader:
    """``person`` answers for ``party`` over [``since``, ``until``)."""

    party: str
    since: datetime
    until: datetime | None
    person: str


def appoint_leader(transaction: Transaction, party: str, person: str, since: datetime) -> bool:
    """From ``since`` on this person answers for the party, and nobody else; False where they do already.

    The one before ends at that very instant. Raises ``InvalidValue`` of an instant before their own beginning.
    """
    there = _open(transaction, party)
    if there is not None and there.person == person:
        return False
    if there is not None:
        if since <= there.since:
            expected = f"after {format_instant(there.since)}"
            raise InvalidValue(field="leader.since", found=format_instant(since), expected=expected)
        end_leader(transaction, party, since)
    transaction.add(leader_table, {"party": party, "since": since, "until": None, "person": person})
    return True


def end_leader(transaction: Transaction, party: str, at: datetime) -> None:
    """The party has no leader from ``at`` on: it is no more."""
    there = _open(transaction, party)
    if there is not None:
        ending = (leader_table.c.party == party) & leader_table.c.until.is_(None)
        transaction.write(update(leader_table).where(ending).values(until=max(at, there.since)))


def begin_leaders(transaction: Transaction, since: datetime, who: Mapping[str, str]) -> None:
    """Party → the person who answers for it from its beginning on: of many parties that are new."""
    rows = [{"party": party, "since": since, "until": None, "person": person} for party, person in who.items()]
    transaction.write(insert(leader_table), rows)


def end_leaders(transaction: Transaction, parties: Collection[str], at: datetime) -> None:
    """These parties have no leader from ``at`` on: they are no more."""
    of_these = leader_table.c.party.in_(sorted(parties)) & leader_table.c.until.is_(None)
    ending = case((leader_table.c.since > at, leader_table.c.since), else_=literal(at, Instant))
    transaction.write(update(leader_table).where(of_these).values(until=ending))


def leader_of(transaction: Transaction, party: str, at: datetime) -> str | None:
    """The person who answers for the party at ``at``."""
    in_force = select(leader_table.c.person).where(
        leader_table.c.party == party,
        leader_table.c.since <= at,
        or_(leader_table.c.until.is_(None), leader_table.c.until > at),
    )
    found: str | None = transaction.value(in_force)
    return found


def leaders(transaction: Transaction, party: str | None = None) -> Sequence[Leader]:
    """Everybody who ever answered for a party, or for any, by party and beginning."""
    query = select(leader_table).order_by(leader_table.c.party, leader_table.c.since)
    if party is not None:
        query = query.where(leader_table.c.party == party)
    return [Leader(**row) for row in transaction.rows(query)]


def _open(transaction: Transaction, party: str) -> Leader | None:
    row = transaction.row(select(leader_table).where(leader_table.c.party == party, leader_table.c.until.is_(None)))
    return None if row is None else Leader(**row)
