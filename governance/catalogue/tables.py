"""The tables of the catalogue and of prices. An offer and a price are never edited, only ended."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
)

from foundation.store import COEFFICIENT_COLUMN, PRICE_COLUMN, Document, Instant, append_only, metadata
from governance.parties.tables import person_table

catalogue_version_table = Table(
    "catalogue_version",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("place", String(40), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey(person_table.c.id), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey(person_table.c.id)),
    Column("published_at", Instant),
    CheckConstraint("drafted_by <> published_by", name="two_persons"),
    CheckConstraint("(published_by IS NULL) = (published_at IS NULL)", name="published"),
)
service_offer_table = Table(
    "service_offer",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    Column("ends_at", Instant),
    Column("version", ForeignKey("catalogue_version.id")),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name="forward"),
)
notice_table = Table(
    "notice",
    metadata,
    Column("number", String(200), primary_key=True),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("issuer", String(200), nullable=False),
    Column("issued_on", String(10), nullable=False),
    Column("recorded_by", ForeignKey(person_table.c.id), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
append_only(notice_table, "notices are append-only")
price_list_table = Table(
    "price_list",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey(person_table.c.id), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey(person_table.c.id)),
    Column("published_at", Instant),
    CheckConstraint("drafted_by <> published_by", name="two_persons"),
    CheckConstraint("(published_by IS NULL) = (published_at IS NULL)", name="published"),
)
price_version_table = Table(
    "price_version",
    metadata,
    Column("id", String(130), primary_key=True),
    Column("list", ForeignKey("price_list.id"), nullable=False, index=True),
    Column("place", String(40), nullable=False, server_default=""),
    Column("service", String(40), nullable=False),
    Column("meter", String(40), nullable=False),
    Column("unit", String(20), nullable=False),
    Column("price", PRICE_COLUMN, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("includes_vat", Boolean, nullable=False),
    Column("vat_rate", COEFFICIENT_COLUMN, nullable=False),
    Column("cites", String(250), nullable=False),
    UniqueConstraint("place", "service", "meter", "starts_at"),
    CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name="forward"),
)
