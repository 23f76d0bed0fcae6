"""The audit log's table. A trigger refuses an update or a delete; the chain finds what got past it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String, Table, func, insert, select, type_coerce, update

from foundation.evidence import plain
from foundation.store import Document, Instant, Transaction, append_only, metadata
from governance.audit.chain import GENESIS, Digest, Entry, Link, entry_hash
from governance.audit.events import AuditEvent

_HASH = String(68)

audit_table = Table(
    "audit_entry",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("recorded_at", Instant, nullable=False),
    Column("business_at", Instant, nullable=False),
    Column("event", String(60), nullable=False, index=True),
    Column("person", String(60), nullable=False),
    Column("account", String(60), nullable=False, index=True),
    Column("subject", String(200), nullable=False, index=True),
    Column("facts", Document, nullable=False),
    Column("previous", _HASH, nullable=False),
    Column("hash", _HASH, nullable=False, unique=True),
)
append_only(audit_table, "the audit log is append-only")

audit_head_table = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", _HASH, nullable=False),
    Column("digest", String(10), nullable=False),
)
"""One row: the newest entry, and what the next one is hashed with. Entries cut off the end are missed by it."""

_HEAD = select(audit_head_table)


def head(transaction: Transaction) -> tuple[int, str]:
    """The newest entry's number and hash; (0, GENESIS) of an empty log."""
    row = transaction.row(_HEAD)
    return (0, GENESIS) if row is None else (row["number"], row["hash"])


def choose_digest(transaction: Transaction, digest: Digest) -> bool:
    """Hash every entry from the next one on with ``digest``; False if that is so already."""
    transaction.stand_alone()
    row = transaction.row(_HEAD)
    if row is None:
        values = {"id": 1, "number": 0, "hash": GENESIS, "digest": digest.value}
        transaction.write(insert(audit_head_table).values(**values))
        return True
    if row["digest"] == digest:
        return False
    transaction.write(update(audit_head_table).values(digest=digest.value))
    return True


def append(
    transaction: Transaction,
    event: AuditEvent,
    *,
    subject: str,
    facts: Mapping[str, Any],
    recorded_at: datetime,
    business_at: datetime,
    person: str = "",
    account: str = "",
) -> Entry:
    """Add one entry in the transaction of the fact it tells of. ``facts`` hold no name and no secret.

    The chain has one order: a transaction that runs alongside others is alone from here on.
    """
    transaction.stand_alone()
    standing = transaction.row(_HEAD)
    if standing is None:
        choose_digest(transaction, Digest.SHA256)
    number, previous, digest = (
        (0, GENESIS, Digest.SHA256)
        if standing is None
        else (standing["number"], standing["hash"], Digest(standing["digest"]))
    )
    entry = Entry(
        number=number + 1,
        recorded_at=recorded_at,
        business_at=business_at,
        event=event.value,
        person=person,
        account=account,
        subject=subject,
        facts=plain(facts),
        previous=previous,
    )
    whole = replace(entry, hash=entry_hash(entry, digest))
    transaction.add(audit_table, {name: getattr(whole, name) for name in Entry.__slots__})
    transaction.write(update(audit_head_table).values(number=whole.number, hash=whole.hash))
    return whole


def entries(transaction: Transaction, *, after: int = 0, subject: str | None = None) -> Iterator[Entry]:
    """Entries in order, oldest first."""
    query = select(audit_table).where(audit_table.c.number > after).order_by(audit_table.c.number)
    if subject is not None:
        query = query.where(audit_table.c.subject == subject)
    for row in transaction.rows(query):
        yield Entry(**row)


def links(transaction: Transaction) -> Iterator[Link]:
    """The whole log as links, in order. The columns' own texts are put together, so a million take seconds.

    Facts that were edited into another text of the same value are found too: it is the text that was hashed.
    """
    table, text = audit_table.c, String()
    instants = [
        type_coerce(column, text)
        if transaction.dialect == "sqlite"
        else func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        for column in (table.business_at, table.recorded_at)
    ]
    rest = (table.number, table.account, table.event, table.person, table.previous, table.subject, table.hash)
    query = select(*rest, type_coerce(table.facts, text), *instants).order_by(table.number)
    for row in transaction.stream(query):
        number, account, event, person, previous, subject, hash_, facts, business_at, recorded_at = tuple(row)
        yield Link(
            number,
            previous,
            hash_,
            f'{{"account":{encode_basestring(account)},"business_at":"{_instant(business_at)}"'
            f',"event":{encode_basestring(event)},"facts":{facts},"hash":"","number":{number}'
            f',"person":{encode_basestring(person)},"previous":"{previous}"'
            f',"recorded_at":"{_instant(recorded_at)}","subject":{encode_basestring(subject)}}}',
        )


def hash_at(transaction: Transaction, number: int) -> str | None:
    """The hash of entry ``number`` as it stands."""
    found: str | None = transaction.value(select(audit_table.c.hash).where(audit_table.c.number == number))
    return found


def _instant(text: str) -> str:
    """The canonical form of an instant from its six digits of fraction."""
    return text.replace(".000000Z", "Z")
