"""Two persons found to be one: a fact that is only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, or_, select

from foundation.store import Instant, Transaction, append_only, metadata
from governance.parties.tables import person_table

merge_table = Table(
    "person_merge",
    metadata,
    Column("person", ForeignKey(person_table.c.id), primary_key=True),
    Column("merged_into", ForeignKey(person_table.c.id), nullable=False, index=True),
    Column("because", String(500), nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("person <> merged_into", name="two_persons"),
)
"""A person is found once to be another; the ids stay as they stand on every decision."""
append_only(merge_table, "that two persons are one is only ever added")


def same_person(transaction: Transaction, person: str) -> frozenset[str]:
    """Every id found to be that natural person, with ``person`` itself."""
    known, fresh = frozenset({person}), frozenset({person})
    while fresh:
        found = transaction.rows(
            select(merge_table.c.person, merge_table.c.merged_into).where(
                or_(merge_table.c.person.in_(sorted(fresh)), merge_table.c.merged_into.in_(sorted(fresh)))
            )
        )
        fresh = frozenset(one for row in found for one in row.values()) - known
        known |= fresh
    return known


def one_id_of(transaction: Transaction, person: str) -> str:
    """The id the others were merged into: one for each natural person."""
    into = transaction.value(select(merge_table.c.merged_into).where(merge_table.c.person == person))
    return person if into is None else one_id_of(transaction, into)


def merge_persons(
    transaction: Transaction, person: str, into: str, *, because: str, found_at: datetime, recorded_at: datetime
) -> bool:
    """Record that ``person`` is ``into``; False where they are known to be one already."""
    if into in same_person(transaction, person):
        return False
    row = {
        "person": one_id_of(transaction, person),
        "merged_into": one_id_of(transaction, into),
        "because": because,
        "found_at": found_at,
        "recorded_at": recorded_at,
    }
    transaction.add(merge_table, row)
    return True
