"""The tables of grants.

A grant's row is its agency's own. That a party has to decide on it is a row of that party's, so that each of the two
finds its grants through its own scope and sees no other's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, RowMapping, String, Table

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.instant import parse_instant
from tenants.grants.model import Grant, GrantState, Offer, Wish

grant_table = AgencyOwned(
    Table(
        "data_grant",
        metadata,
        Column("number", String(60), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("offer", String(20), nullable=False),
        Column("thing", String(60), nullable=False),
        Column("wish", Document, nullable=False),
        Column("version", Integer, nullable=False),
        Column("plan", String(60), nullable=False),
        Column("holder", ForeignKey("party.id"), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("state", String(20), nullable=False),
        Column("reason", String(500), nullable=False),
        Column("starts_at", Instant, nullable=False),
        Column("ends_at", Instant, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("decided_at", Instant),
        Column("began", Instant),
        Column("ended", Instant),
        Index("ix_data_grant_agency_number", "agency", "number"),
        Index("ix_data_grant_agency_thing", "agency", "thing"),
        Index("ix_data_grant_thing", "thing"),
        Index("ix_data_grant_state_ends", "state", "ends_at"),
    )
)
held_table = AgencyOwned(
    Table(
        "data_grant_held",
        metadata,
        Column("grant", ForeignKey("data_grant.number"), primary_key=True),
        Column("holder", ForeignKey("party.id"), nullable=False),
        Index("ix_data_grant_held_holder", "holder", "grant"),
    ),
    "holder",
)


def insert_grant(transaction: Transaction, everyone: Scope, grant: Grant) -> None:
    """Write a new grant, and that its holder is to decide on it (``everyone``: the machine's own scope)."""
    transaction.add(grant_table, _row(grant))
    transaction.write(held_table.insert(everyone).values(grant=grant.number, holder=grant.holder))


def rewrite(transaction: Transaction, everyone: Scope, grant: Grant) -> None:
    """Write where a grant stands now; what was asked never changes."""
    row = _row(grant)
    changing = {name: row[name] for name in ("state", "reason", "decided_at", "began", "ended")}
    transaction.write(grant_table.update(everyone).where(grant_table.c.number == grant.number).values(**changing))


def read_grant(transaction: Transaction, scope: Scope, everyone: Scope, number: str) -> Grant | None:
    """The grant, where its agency or its holder is inside ``scope``."""
    row = transaction.row(grant_table.select(scope).where(grant_table.c.number == number))
    if row is None and transaction.row(held_table.select(scope).where(held_table.c.grant == number)) is not None:
        row = transaction.row(grant_table.select(everyone).where(grant_table.c.number == number))
    return None if row is None else _grant(row)


def asked_by(
    transaction: Transaction,
    scope: Scope,
    *,
    thing: str = "",
    state: GrantState | None = None,
    after: str = "",
    limit: int = 1000,
) -> Sequence[Grant]:
    """Grants whose agency is inside the scope, by number; a page of them."""
    columns = grant_table.c
    query = grant_table.select(scope).where(columns.number > after).order_by(columns.number).limit(limit)
    if thing:
        query = query.where(columns.thing == thing)
    if state is not None:
        query = query.where(columns.state == state.value)
    return [_grant(row) for row in transaction.rows(query)]


def held_by(
    transaction: Transaction, scope: Scope, everyone: Scope, *, after: str = "", limit: int = 1000
) -> Sequence[Grant]:
    """Grants whose holder is inside the scope, by number; a page of them."""
    columns = held_table.c
    query = held_table.select(scope).where(columns.grant > after).order_by(columns.grant).limit(limit)
    numbers = [row["grant"] for row in transaction.rows(query)]
    return by_numbers(transaction, everyone, numbers)


def by_numbers(transaction: Transaction, scope: Scope, numbers: Collection[str]) -> Sequence[Grant]:
    """These grants inside the scope, by number."""
    columns = grant_table.c
    query = grant_table.select(scope).where(columns.number.in_(sorted(numbers))).order_by(columns.number)
    return [_grant(row) for row in transaction.rows(query)]


def turning(transaction: Transaction, scope: Scope, at: datetime) -> Sequence[Grant]:
    """Approved grants whose term has begun and the register has not, or whose term is over."""
    columns = grant_table.c
    due = (columns.ends_at <= at) | ((columns.starts_at <= at) & columns.began.is_(None))
    query = grant_table.select(scope).where(columns.state == GrantState.APPROVED.value, due).order_by(columns.number)
    return [_grant(row) for row in transaction.rows(query)]


def in_force_on(transaction: Transaction, scope: Scope, thing: str) -> Sequence[Grant]:
    """Approved and waiting grants on a dataset or plan."""
    columns = grant_table.c
    open_states = (GrantState.APPROVED.value, GrantState.ASKED.value)
    query = grant_table.select(scope).where(columns.thing == thing, columns.state.in_(open_states))
    return [_grant(row) for row in transaction.rows(query.order_by(columns.number))]


def _row(grant: Grant) -> dict[str, Any]:
    row = {name: getattr(grant, name) for name in Grant.__slots__}
    wish = grant.wish
    return row | {
        "wish": plain(wish),
        "offer": wish.offer.value,
        "thing": wish.thing,
        "state": grant.state.value,
        "starts_at": wish.start,
        "ends_at": wish.end,
    }


def _grant(row: RowMapping) -> Grant:
    said = row["wish"]
    wish = Wish(
        **{
            **said,
            "offer": Offer(said["offer"]),
            "items": tuple(said["items"]),
            "start": parse_instant(said["start"]),
            "end": parse_instant(said["end"]),
        }
    )
    derived = {"offer", "thing", "starts_at", "ends_at"}
    fields = {name: value for name, value in row.items() if name not in derived}
    return Grant(**fields | {"wish": wish, "state": GrantState(row["state"])})
