"""The table of attachments: each belongs to the party that attached it, and is read through a scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, RowMapping, String, Table

from foundation.store import AgencyOwned, Instant, Scope, Transaction, append_only, metadata
from governance.attachments.model import Attachment
from governance.parties.tables import party_table

attachment_table = AgencyOwned(
    Table(
        "attachment",
        metadata,
        Column("party", ForeignKey(party_table.c.id), primary_key=True),
        Column("subject", String(200), primary_key=True),
        Column("digest", String(64), primary_key=True, index=True),
        Column("name", String(200), primary_key=True),
        Column("media_type", String(100), nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("personal", Boolean, nullable=False),
        Column("person", ForeignKey("person.id"), nullable=False),
        Column("attached_at", Instant, nullable=False),
    ),
    "party",
)
append_only(attachment_table.table, "attachments are append-only")


def add_row(transaction: Transaction, attachment: Attachment) -> None:
    """Write an attachment that is not there yet."""
    transaction.add(attachment_table, {name: getattr(attachment, name) for name in Attachment.__slots__})


def attachments(
    transaction: Transaction, scope: Scope, *, subject: str | None = None, digest: str | None = None
) -> Sequence[Attachment]:
    """The attachments inside the scope, of one subject or one content where given, oldest first."""
    c = attachment_table.c
    query = attachment_table.select(scope).order_by(c.attached_at, c.party, c.subject, c.name, c.digest)
    if subject is not None:
        query = query.where(c.subject == subject)
    if digest is not None:
        query = query.where(c.digest == digest)
    return [_attachment(row) for row in transaction.rows(query)]


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(**{name: row[name] for name in Attachment.__slots__})
