"""The tables of parties, persons, accounts and sessions, and their queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table, or_, select

from foundation.store import Document, Instant, Transaction, metadata
from governance.errors import NotFound
from governance.parties.model import Account, Duty, Party, PartyKind, Person

party_table = Table(
    "party",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
)
person_table = Table(
    "person",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("identity", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
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
session_table = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)


def add_party(transaction: Transaction, party: Party) -> bool:
    """Record a party; False if the same one stands already."""
    row = {"id": party.id, "kind": party.kind.value, "zh": party.zh, "en": party.en}
    return transaction.insert_once(party_table, row, what="party")


def add_person(transaction: Transaction, person: Person) -> Person:
    """Record a natural person, or give back the one with the same identity."""
    row = transaction.row(select(person_table).where(person_table.c.identity == person.identity))
    if row is not None:
        return Person(row["id"], row["identity"], row["name"])
    transaction.insert_once(
        person_table, {"id": person.id, "identity": person.identity, "name": person.name}, what="person"
    )
    return person


def add_account(transaction: Transaction, account: Account, password_hash: str) -> bool:
    """Record an account with the argon2 hash of its password."""
    return transaction.insert_once(
        account_table,
        {
            "name": account.name,
            "person": account.person,
            "party": account.party,
            "duties": sorted(duty.value for duty in account.duties),
            "password_hash": password_hash,
            "since": account.since,
            "until": account.until,
        },
        what="account",
    )


def _account(row: RowMapping) -> Account:
    duties = frozenset(Duty(duty) for duty in row["duties"])
    return Account(row["name"], row["person"], row["party"], duties, row["since"], row["until"])


def account_of(transaction: Transaction, name: str) -> Account | None:
    """The account of that name."""
    row = transaction.row(select(account_table).where(account_table.c.name == name))
    return None if row is None else _account(row)


def accounts(transaction: Transaction) -> Sequence[Account]:
    """Every account, by name."""
    return [_account(row) for row in transaction.rows(select(account_table).order_by(account_table.c.name))]


def parties(transaction: Transaction, kind: PartyKind | None = None) -> Sequence[Party]:
    """Every party, or those of one kind, by id."""
    query = select(party_table).order_by(party_table.c.id)
    if kind is not None:
        query = query.where(party_table.c.kind == kind.value)
    return [Party(row["id"], PartyKind(row["kind"]), row["zh"], row["en"]) for row in transaction.rows(query)]


def party_of(transaction: Transaction, party: str) -> Party:
    """The party with that id; raises ``NotFound``."""
    row = transaction.row(select(party_table).where(party_table.c.id == party))
    if row is None:
        raise NotFound(what_zh="这个单位:", what_en="party", key=party)
    return Party(row["id"], PartyKind(row["kind"]), row["zh"], row["en"])


def person_parties(transaction: Transaction, person: str, at: datetime) -> frozenset[str]:
    """Every party the natural person belongs to at ``at``, through whichever account."""
    rows = transaction.rows(
        select(account_table.c.party).where(
            account_table.c.person == person,
            account_table.c.since <= at,
            or_(account_table.c.until.is_(None), account_table.c.until > at),
        )
    )
    return frozenset(row["party"] for row in rows)


def person_party_kinds(transaction: Transaction, person: str, at: datetime) -> frozenset[PartyKind]:
    """The kinds of every party the natural person belongs to at ``at``."""
    return frozenset(party_of(transaction, party).kind for party in person_parties(transaction, person, at))
