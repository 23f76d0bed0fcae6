"""The tables of parties, persons, accounts and sessions, and the queries of one of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, RowMapping, String, Table, bindparam, insert, select, true, update

from foundation.store import Document, Instant, Transaction, metadata
from governance.errors import NotFound
from governance.parties.levels import level_table, place_table
from governance.parties.model import Account, Duty, Party, PartyKind, Person

party_table = Table(
    "party",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("level", ForeignKey(level_table.c.id)),
    Column("place", ForeignKey(place_table.c.id)),
    Column("superior", ForeignKey("party.id")),
    Column("organisation", String(40)),
    Column("approves", Boolean, nullable=False, server_default=true()),
    Column("since", Instant),
    Column("until", Instant),
)
"""``organisation`` is NULL of a party that is a body of its own, which most are."""
person_table = Table(
    "person",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("identity", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("verified", Boolean, nullable=False, server_default=true()),
)
account_table = Table(
    "account",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("party", ForeignKey("party.id"), nullable=False),
    Column("duties", Document, nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)


def add_party(transaction: Transaction, party: Party) -> bool:
    """Record a party; False if the same one stands already."""
    return transaction.insert_once(party_table, _party_row(party), what="party")


def add_parties(transaction: Transaction, new: Sequence[Party]) -> None:
    """Record many that are new, superiors first."""
    transaction.write(insert(party_table), [_party_row(party) for party in new])


def change_parties(transaction: Transaction, changed: Sequence[Party]) -> None:
    """Write the parties as they now are, each under the id it has."""
    names = [name for name in Party.__slots__ if name != "id"]
    written = update(party_table).where(party_table.c.id == bindparam("b_id"))
    rows = [{f"b_{name}": value for name, value in _party_row(party).items()} for party in changed]
    transaction.write(written.values({name: bindparam(f"b_{name}") for name in names}), rows)


def add_person(transaction: Transaction, person: Person) -> Person:
    """Record a natural person, or give back the one with the same identity."""
    there = person_with(transaction, person.identity)
    if there is not None:
        return there
    new = {"id": person.id, "identity": person.identity, "name": person.name, "verified": person.verified}
    transaction.insert_once(person_table, new, what="person")
    return person


def person_with(transaction: Transaction, identity: str) -> Person | None:
    """The natural person with that keyed hash."""
    row = transaction.row(select(person_table).where(person_table.c.identity == identity))
    return None if row is None else _person(row)


def person_of(transaction: Transaction, person: str) -> Person:
    """The natural person with that id; raises ``NotFound``."""
    row = transaction.row(select(person_table).where(person_table.c.id == person))
    if row is None:
        raise NotFound(what_zh="这个自然人:", what_en="person", key=person)
    return _person(row)


def verified_among(transaction: Transaction, persons: Collection[str]) -> frozenset[str]:
    """Those of these persons who are on record and whose identity is verified."""
    query = select(person_table.c.id).where(person_table.c.id.in_(sorted(persons)), person_table.c.verified)
    return frozenset(row["id"] for row in transaction.rows(query))


def change_person(transaction: Transaction, person: Person) -> None:
    """Correct what is known of somebody. The audit log holds the id only, so nothing there is wrong afterwards."""
    changed = {"identity": person.identity, "name": person.name, "verified": person.verified}
    transaction.write(update(person_table).where(person_table.c.id == person.id).values(**changed))


def add_account(transaction: Transaction, account: Account, password_hash: str) -> bool:
    """Record an account with the argon2 hash of its password."""
    row = {**_account_row(account), "password_hash": password_hash}
    return transaction.insert_once(account_table, row, what="account")


def change_account(transaction: Transaction, account: Account) -> None:
    """Write the account as it now is, under the name it has."""
    transaction.write(update(account_table).where(account_table.c.name == account.name).values(**_account_row(account)))


def _account_row(account: Account) -> dict[str, Any]:
    row = {name: getattr(account, name) for name in Account.__slots__}
    return {**row, "duties": sorted(duty.value for duty in account.duties)}


def _account(row: RowMapping) -> Account:
    duties = frozenset(Duty(duty) for duty in row["duties"])
    return Account(row["name"], row["person"], row["party"], duties, row["since"], row["until"])


def account_of(transaction: Transaction, name: str) -> Account | None:
    """The account of that name, with the duties it may use: none but reading while the identity is not verified."""
    row = transaction.row(select(account_table).where(account_table.c.name == name))
    if row is None:
        return None
    found = _account(row)
    verified = transaction.value(select(person_table.c.verified).where(person_table.c.id == found.person))
    return found if verified else replace(found, duties=found.duties & {Duty.READ})


def accounts(transaction: Transaction) -> Sequence[Account]:
    """Every account, by name."""
    return [_account(row) for row in transaction.rows(select(account_table).order_by(account_table.c.name))]


def parties(transaction: Transaction, kind: PartyKind | None = None) -> Sequence[Party]:
    """Every party that ever was, or those of one kind, by id; ``Party.exists_at`` tells which are there."""
    query = select(party_table).order_by(party_table.c.id)
    if kind is not None:
        query = query.where(party_table.c.kind == kind.value)
    return [_party(row) for row in transaction.rows(query)]


def party_of(transaction: Transaction, party: str) -> Party:
    """The party with that id; raises ``NotFound``."""
    row = transaction.row(select(party_table).where(party_table.c.id == party))
    if row is None:
        raise NotFound(what_zh="这个单位:", what_en="party", key=party)
    return _party(row)


def _party(row: RowMapping) -> Party:
    told = {"level": row["level"] or "", "organisation": row["organisation"] or row["id"]}
    return Party(**{**row, **told, "kind": PartyKind(row["kind"])})


def _party_row(party: Party) -> dict[str, Any]:
    row = {name: getattr(party, name) for name in Party.__slots__}
    own = party.organisation == party.id
    return {
        **row,
        "kind": party.kind.value,
        "level": party.level or None,
        "organisation": None if own else party.organisation,
    }


def _person(row: RowMapping) -> Person:
    return Person(row["id"], row["identity"], row["name"], row["verified"])
