"""Governance and agencies."""

# ruff: noqa: S608 - the statements are of our own words

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from foundation.evidence import canonical_text, sha256_hex
from foundation.store import Document, Instant, append_only_statements

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "address_pool",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("protection", sa.String(length=40), nullable=False),
        sa.Column("cidr", sa.String(length=45), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("rest_days", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_address_pool_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_pool")),
        sa.UniqueConstraint("cidr", name=op.f("uq_address_pool_cidr")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=68), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("signed", Document(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=68), nullable=False),
        sa.Column("digest", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "ceremony",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("party", Document(), nullable=False),
        sa.Column("keys", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremony")),
    )
    op.create_table(
        "ceremony_administrator",
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_ceremony_administrator")),
        sa.UniqueConstraint("duty", name=op.f("uq_ceremony_administrator_duty")),
        sa.UniqueConstraint("identity", name=op.f("uq_ceremony_administrator_identity")),
    )
    op.create_table(
        "ceremony_seal",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("genesis", sa.String(length=64), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremony_seal")),
    )
    op.create_table(
        "level",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(length=40), nullable=False),
        sa.Column("en", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level")),
        sa.UniqueConstraint("rank", name=op.f("uq_level_rank")),
    )
    op.create_table(
        "login_failure",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.Column("turned_away", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_failure")),
    )
    with op.batch_alter_table("login_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_failure_name_hash"), ["name_hash"], unique=False)

    op.create_table(
        "login_issuer_round",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_login_issuer_round")),
    )
    op.create_table(
        "login_known_source",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", "source_hash", name=op.f("pk_login_known_source")),
    )
    op.create_table(
        "quota_counter",
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("parent", sa.String(length=500), nullable=False),
        sa.Column("dimension", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=4), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reserved >= 0 AND held >= 0", name=op.f("ck_quota_counter_not_negative")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_quota_counter")),
    )
    with op.batch_alter_table("quota_counter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quota_counter_parent"), ["parent"], unique=False)
        batch_op.create_index("ix_quota_counter_period", ["dimension", "period"], unique=False)

    op.create_table(
        "request_count",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_request_count")),
    )
    op.create_table(
        "address_gap",
        sa.Column("pool", sa.String(length=60), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_address_gap_forward")),
        sa.ForeignKeyConstraint(["pool"], ["address_pool.id"], name=op.f("fk_address_gap_pool")),
        sa.PrimaryKeyConstraint("pool", "first", name=op.f("pk_address_gap")),
    )
    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(published_by IS NULL) = (published_at IS NULL)", name=op.f("ck_catalogue_version_published")
        ),
        sa.CheckConstraint("drafted_by <> published_by", name=op.f("ck_catalogue_version_two_persons")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_catalogue_version_drafted_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_catalogue_version_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
    )
    op.create_table(
        "login_policy",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy", Document(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_login_policy_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_login_policy")),
    )
    op.create_table(
        "login_subject",
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("bound_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_login_subject_person")),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_login_subject")),
    )
    with op.batch_alter_table("login_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_subject_person"), ["person"], unique=False)

    op.create_table(
        "notice",
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_notice_recorded_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notice")),
    )
    op.create_table(
        "person_conflict",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("decisions", Document(), nullable=False),
        sa.Column("zh", sa.String(length=1000), nullable=False),
        sa.Column("en", sa.String(length=1000), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("case", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_person_conflict_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_conflict")),
    )
    with op.batch_alter_table("person_conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_conflict_subject"), ["subject"], unique=False)

    op.create_table(
        "person_merge",
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("merged_into", sa.String(length=60), nullable=False),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("person <> merged_into", name=op.f("ck_person_merge_two_persons")),
        sa.ForeignKeyConstraint(["merged_into"], ["person.id"], name=op.f("fk_person_merge_merged_into")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_person_merge_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_merge")),
    )
    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merge_merged_into"), ["merged_into"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("superior", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["level"], ["level.id"], name=op.f("fk_place_level")),
        sa.ForeignKeyConstraint(["superior"], ["place.id"], name=op.f("fk_place_superior")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_table(
        "quota_document",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("lines", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> drafted_by", name=op.f("ck_quota_document_two_persons")
        ),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_quota_document_drafted_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_quota_document_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_document")),
    )
    op.create_table(
        "reorganisation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("applied_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> drafted_by", name=op.f("ck_reorganisation_two_persons")
        ),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_reorganisation_drafted_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_reorganisation_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorganisation")),
    )
    with op.batch_alter_table("reorganisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reorganisation_at"), ["at"], unique=False)

    op.create_table(
        "reorganisation_move",
        sa.Column("reorganisation", sa.String(length=40), nullable=False),
        sa.Column("table", sa.String(length=60), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reorganisation"], ["reorganisation.id"], name=op.f("fk_reorganisation_move_reorganisation")
        ),
        sa.PrimaryKeyConstraint("reorganisation", "table", name=op.f("pk_reorganisation_move")),
    )
    op.create_table(
        "service_offer",
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=True),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name=op.f("ck_service_offer_forward")),
        sa.ForeignKeyConstraint(["version"], ["catalogue_version.id"], name=op.f("fk_service_offer_version")),
        sa.PrimaryKeyConstraint("place", "code", "starts_at", name=op.f("pk_service_offer")),
    )
    op.create_table(
        "address_allotment",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("cidr", sa.String(length=45), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), server_default="", nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("free_from", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_address_allotment_forward")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_address_allotment_agency")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_address_allotment")),
    )
    with op.batch_alter_table("address_allotment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_allotment_agency"), ["agency"], unique=False)
        batch_op.create_index(
            "ix_address_allotment_first",
            ["first"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "ix_address_allotment_free_from",
            ["free_from"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_address_allotment_holder",
            ["holder"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "address_network",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("site", sa.String(length=100), nullable=False),
        sa.Column("cidr", sa.String(length=45), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_address_network_agency")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_address_network")),
    )
    with op.batch_alter_table("address_network", schema=None) as batch_op:
        batch_op.create_index("ix_address_network_agency", ["agency", "cidr"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("attached_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_attachment_party")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_attachment_person")),
        sa.PrimaryKeyConstraint("party", "subject", "digest", "name", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_digest"), ["digest"], unique=False)

    op.create_table(
        "audit_countersignature",
        sa.Column("checkpoint", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("signed", Document(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint"], ["audit_checkpoint.number"], name=op.f("fk_audit_countersignature_checkpoint")
        ),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_audit_countersignature_party")),
        sa.PrimaryKeyConstraint("checkpoint", "party", name=op.f("pk_audit_countersignature")),
    )
    op.create_table(
        "data_grant",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("offer", sa.String(length=20), nullable=False),
        sa.Column("thing", sa.String(length=60), nullable=False),
        sa.Column("wish", Document(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("began", Instant(), nullable=True),
        sa.Column("ended", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_data_grant_agency")),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name=op.f("fk_data_grant_holder")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_data_grant")),
    )
    with op.batch_alter_table("data_grant", schema=None) as batch_op:
        batch_op.create_index("ix_data_grant_agency_number", ["agency", "number"], unique=False)
        batch_op.create_index("ix_data_grant_agency_thing", ["agency", "thing"], unique=False)
        batch_op.create_index("ix_data_grant_state_ends", ["state", "ends_at"], unique=False)
        batch_op.create_index("ix_data_grant_thing", ["thing"], unique=False)

    op.create_table(
        "data_holding",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_data_holding_agency")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_data_holding")),
    )
    with op.batch_alter_table("data_holding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_holding_agency"), ["agency"], unique=False)

    op.create_table(
        "dataset",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("description", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reviewer", sa.String(length=40), nullable=False),
        sa.Column("aggregator", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("grades", Document(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("compiled_at", Instant(), nullable=False),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_dataset_agency")),
        sa.ForeignKeyConstraint(["aggregator"], ["party.id"], name=op.f("fk_dataset_aggregator")),
        sa.ForeignKeyConstraint(["reviewer"], ["party.id"], name=op.f("fk_dataset_reviewer")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_dataset")),
    )
    with op.batch_alter_table("dataset", schema=None) as batch_op:
        batch_op.create_index("ix_dataset_agency_state", ["agency", "state"], unique=False)
        batch_op.create_index("ix_dataset_state_id", ["state", "id"], unique=False)

    op.create_table(
        "delegation",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("delegator", sa.String(length=60), nullable=False),
        sa.Column("delegate", sa.String(length=60), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("acts", Document(), nullable=False),
        sa.Column("subjects", Document(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.CheckConstraint("delegator <> delegate", name=op.f("ck_delegation_two_persons")),
        sa.CheckConstraint("until >= since", name=op.f("ck_delegation_forward")),
        sa.ForeignKeyConstraint(["delegate"], ["person.id"], name=op.f("fk_delegation_delegate")),
        sa.ForeignKeyConstraint(["delegator"], ["person.id"], name=op.f("fk_delegation_delegator")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_delegation_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_delegate"), ["delegate"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_delegator"), ["delegator"], unique=False)

    op.create_table(
        "membership",
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_membership_forward")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_membership_party")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_membership_person")),
        sa.PrimaryKeyConstraint("person", "party", "since", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_party"), ["party"], unique=False)

    op.create_table(
        "need",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("round", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("proposal_digest", sa.String(length=64), nullable=False),
        sa.Column("chosen", sa.String(length=40), nullable=False),
        sa.Column("leading", sa.String(length=60), nullable=False),
        sa.Column("leading_agency", sa.String(length=40), nullable=False),
        sa.Column("participants", Document(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stated_at", Instant(), nullable=False),
        sa.Column("moved_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_need_agency")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_need")),
    )
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.create_index("ix_need_agency_number", ["agency", "number"], unique=False)
        batch_op.create_index("ix_need_agency_state_number", ["agency", "state", "number"], unique=False)
        batch_op.create_index("ix_need_leading", ["leading"], unique=False)
        batch_op.create_index("ix_need_round_number", ["round", "number"], unique=False)
        batch_op.create_index("ix_need_state_number", ["state", "number"], unique=False)

    op.create_table(
        "need_round",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("bureau", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["bureau"], ["party.id"], name=op.f("fk_need_round_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_round")),
    )
    op.create_table(
        "need_terms",
        sa.Column("since", Instant(), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_need_terms_party")),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_need_terms")),
    )
    op.create_table(
        "party_leader",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_party_leader_forward")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_party_leader_party")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_party_leader_person")),
        sa.PrimaryKeyConstraint("party", "since", name=op.f("pk_party_leader")),
    )
    with op.batch_alter_table("party_leader", schema=None) as batch_op:
        batch_op.create_index(
            "uq_party_leader_now",
            ["party"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "party_name",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_party_name_party")),
        sa.PrimaryKeyConstraint("party", "until", name=op.f("pk_party_name")),
    )
    op.create_table(
        "published_list",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("appeal_working_days", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> drafted_by", name=op.f("ck_published_list_two_persons")
        ),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_published_list_drafted_by")),
        sa.ForeignKeyConstraint(["owner"], ["party.id"], name=op.f("fk_published_list_owner")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_published_list_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_list")),
    )
    with op.batch_alter_table("published_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_list_kind"), ["kind"], unique=False)

    op.create_table(
        "quota_limit",
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("parent", sa.String(length=500), nullable=False),
        sa.Column("dimension", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=4), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("project", sa.String(length=60), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("fund_source", sa.String(length=100), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("published_at", Instant(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_quota_limit_not_negative")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_quota_limit_agency")),
        sa.ForeignKeyConstraint(["document"], ["quota_document.id"], name=op.f("fk_quota_limit_document")),
        sa.PrimaryKeyConstraint("key", "document", name=op.f("pk_quota_limit")),
    )
    with op.batch_alter_table("quota_limit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quota_limit_agency"), ["agency"], unique=False)
        batch_op.create_index(batch_op.f("ix_quota_limit_parent"), ["parent"], unique=False)

    op.create_table(
        "quota_use",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("project", sa.String(length=60), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("fund_source", sa.String(length=100), nullable=False),
        sa.Column("dimension", sa.String(length=60), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("growth", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("replaces", sa.String(length=200), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("from_month", sa.Integer(), nullable=False),
        sa.Column("until_month", sa.Integer(), nullable=True),
        sa.CheckConstraint("units >= 0 AND growth >= 0", name=op.f("ck_quota_use_not_negative")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_quota_use_agency")),
        sa.PrimaryKeyConstraint("subject", "line", name=op.f("pk_quota_use")),
    )
    with op.batch_alter_table("quota_use", schema=None) as batch_op:
        batch_op.create_index("ix_quota_use_agency", ["agency", "state"], unique=False)

    op.create_table(
        "register_record",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("resource", sa.String(length=200), nullable=False),
        sa.Column("opened", Instant(), nullable=False),
        sa.Column("closed", Instant(), nullable=True),
        sa.Column("cloud_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("project", sa.String(length=60), nullable=False),
        sa.Column("fund_source", sa.String(length=100), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=60), nullable=False),
        sa.Column("attributes", Document(), nullable=False),
        sa.Column("because", sa.String(length=20), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("full_attributes", Document(), nullable=True),
        sa.Column("corrects", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided", sa.String(length=200), nullable=False),
        sa.Column("charged_from", Instant(), nullable=False),
        sa.Column("superseded_from", Instant(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("charged_from >= opened", name=op.f("ck_register_record_charged_while_there")),
        sa.CheckConstraint("closed IS NULL OR closed >= opened", name=op.f("ck_register_record_forward")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_register_record_agency")),
        sa.ForeignKeyConstraint(["corrects"], ["register_record.number"], name=op.f("fk_register_record_corrects")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register_record")),
        sa.UniqueConstraint("corrects", name=op.f("uq_register_record_corrects")),
    )
    with op.batch_alter_table("register_record", schema=None) as batch_op:
        batch_op.create_index("ix_register_record_agency", ["agency", "resource", "opened", "number"], unique=False)
        batch_op.create_index("ix_register_record_environment", ["environment"], unique=False)
        batch_op.create_index("ix_register_record_resource", ["resource", "opened"], unique=False)
        batch_op.create_index(
            "uq_register_record_open",
            ["resource"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL AND superseded_from IS NULL"),
            postgresql_where=sa.text("closed IS NULL AND superseded_from IS NULL"),
        )

    op.create_table(
        "request_policy",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> drafted_by", name=op.f("ck_request_policy_two_persons")
        ),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_request_policy_drafted_by")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_request_policy_party")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_request_policy_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_policy")),
    )
    op.create_table(
        "succession",
        sa.Column("predecessor", sa.String(length=40), nullable=False),
        sa.Column("successor", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("reorganisation", sa.String(length=60), nullable=False),
        sa.CheckConstraint("predecessor <> successor", name=op.f("ck_succession_two_parties")),
        sa.ForeignKeyConstraint(["predecessor"], ["party.id"], name=op.f("fk_succession_predecessor")),
        sa.ForeignKeyConstraint(["successor"], ["party.id"], name=op.f("fk_succession_successor")),
        sa.PrimaryKeyConstraint("predecessor", "successor", name=op.f("pk_succession")),
    )
    with op.batch_alter_table("succession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_succession_reorganisation"), ["reorganisation"], unique=False)
        batch_op.create_index(batch_op.f("ix_succession_successor"), ["successor"], unique=False)

    op.create_table(
        "supplier_engagement",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("hirer", sa.String(length=40), nullable=False),
        sa.Column("contract", sa.String(length=200), nullable=False),
        sa.Column("scope", Document(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.CheckConstraint("supplier <> hirer", name=op.f("ck_supplier_engagement_two_sides")),
        sa.ForeignKeyConstraint(["hirer"], ["party.id"], name=op.f("fk_supplier_engagement_hirer")),
        sa.ForeignKeyConstraint(["supplier"], ["party.id"], name=op.f("fk_supplier_engagement_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_engagement")),
    )
    with op.batch_alter_table("supplier_engagement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supplier_engagement_hirer"), ["hirer"], unique=False)
        batch_op.create_index(batch_op.f("ix_supplier_engagement_supplier"), ["supplier"], unique=False)

    op.create_table(
        "task",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("duty", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("ranked_at", Instant(), nullable=False),
        sa.Column("clock_start", Instant(), nullable=True),
        sa.Column("clock_days", sa.Integer(), nullable=True),
        sa.Column("awaiting_year", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(length=60), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_task_party")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_task_about",
            ["about"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_task_awaiting",
            ["awaiting_year"],
            unique=False,
            sqlite_where=sa.text("awaiting_year IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("awaiting_year IS NOT NULL AND closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_task_inbox",
            ["party", "duty", "ranked_at", "number"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_task_subject",
            ["subject"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_task_taken",
            ["taken_by"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "uq_task_open",
            ["party", "duty", "kind", "subject"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "account_coding",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("signed_by", sa.String(length=60), nullable=True),
        sa.Column("signed_at", Instant(), nullable=True),
        sa.CheckConstraint("signed_by IS NULL OR signed_by <> drafted_by", name=op.f("ck_account_coding_two_persons")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_account_coding_agency")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_account_coding_drafted_by")),
        sa.ForeignKeyConstraint(["project"], ["project.id"], name=op.f("fk_account_coding_project")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_account_coding_signed_by")),
        sa.PrimaryKeyConstraint("project", "number", name=op.f("pk_account_coding")),
    )
    with op.batch_alter_table("account_coding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_coding_agency"), ["agency"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("acts", Document(), nullable=False),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("because", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_api_token_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("account", "name", name=op.f("uq_api_token_account_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index("api_token_by_account", ["account"], unique=False)

    op.create_table(
        "contract_amendment",
        sa.Column("contract", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.Column("lines", Document(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("signed_by", sa.String(length=60), nullable=True),
        sa.Column("signed_at", Instant(), nullable=True),
        sa.CheckConstraint("ceiling > 0", name=op.f("ck_contract_amendment_ceiling_positive")),
        sa.CheckConstraint(
            "signed_by IS NULL OR signed_by <> drafted_by", name=op.f("ck_contract_amendment_two_persons")
        ),
        sa.CheckConstraint("version > 1", name=op.f("ck_contract_amendment_after_the_first")),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_contract_amendment_contract")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_contract_amendment_drafted_by")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_contract_amendment_signed_by")),
        sa.PrimaryKeyConstraint("contract", "version", name=op.f("pk_contract_amendment")),
    )
    op.create_table(
        "contract_line_use",
        sa.Column("line", sa.String(length=60), nullable=False),
        sa.Column("contract", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("obligated", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "obligated >= 0 AND obligated + used <= amount", name=op.f("ck_contract_line_use_within_the_line")
        ),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_contract_line_use_contract")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_contract_line_use")),
    )
    with op.batch_alter_table("contract_line_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_line_use_contract"), ["contract"], unique=False)

    op.create_table(
        "contract_use",
        sa.Column("contract", sa.String(length=40), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.Column("obligated", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "obligated >= 0 AND obligated + used <= ceiling", name=op.f("ck_contract_use_within_the_ceiling")
        ),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_contract_use_contract")),
        sa.PrimaryKeyConstraint("contract", name=op.f("pk_contract_use")),
    )
    op.create_table(
        "data_grant_held",
        sa.Column("grant", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["data_grant.number"], name=op.f("fk_data_grant_held_grant")),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name=op.f("fk_data_grant_held_holder")),
        sa.PrimaryKeyConstraint("grant", name=op.f("pk_data_grant_held")),
    )
    with op.batch_alter_table("data_grant_held", schema=None) as batch_op:
        batch_op.create_index("ix_data_grant_held_holder", ["holder", "grant"], unique=False)

    op.create_table(
        "glass_grant",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.String(length=60), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("review_due_at", Instant(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=60), nullable=True),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.Column("finding", sa.String(length=500), nullable=True),
        sa.CheckConstraint("opened_by IS NULL OR opened_by <> asked_by", name=op.f("ck_glass_grant_two_persons")),
        sa.CheckConstraint(
            "reviewed_by IS NULL OR (reviewed_by <> asked_by AND reviewed_by <> opened_by AND reviewed_by <> person)",
            name=op.f("ck_glass_grant_third_person"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_glass_grant_account")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_glass_grant_asked_by")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_glass_grant_opened_by")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_glass_grant_person")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name=op.f("fk_glass_grant_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass_grant")),
    )
    with op.batch_alter_table("glass_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_glass_grant_account"), ["account"], unique=False)

    op.create_table(
        "list_appeal",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("list", sa.String(length=40), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(length=60), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> filed_by", name=op.f("ck_list_appeal_two_persons")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_list_appeal_answered_by")),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"], name=op.f("fk_list_appeal_filed_by")),
        sa.ForeignKeyConstraint(["list"], ["published_list.id"], name=op.f("fk_list_appeal_list")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_list_appeal_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_appeal")),
    )
    with op.batch_alter_table("list_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_appeal_party"), ["party"], unique=False)
        batch_op.create_index(
            "uq_list_appeal_open",
            ["list", "entry"],
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )

    op.create_table(
        "list_entry",
        sa.Column("list", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zh", sa.String(length=500), nullable=False),
        sa.Column("en", sa.String(length=500), nullable=False),
        sa.Column("matches", Document(), nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_because", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["list"], ["published_list.id"], name=op.f("fk_list_entry_list")),
        sa.PrimaryKeyConstraint("list", "number", name=op.f("pk_list_entry")),
    )
    with op.batch_alter_table("list_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_entry_party"), ["party"], unique=False)

    op.create_table(
        "login_password",
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_login_password_account")),
        sa.PrimaryKeyConstraint("account", "number", name=op.f("pk_login_password")),
    )
    op.create_table(
        "login_recovery_code",
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_login_recovery_code_account")),
        sa.PrimaryKeyConstraint("account", "code_hash", name=op.f("pk_login_recovery_code")),
    )
    op.create_table(
        "login_second_factor",
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.String(length=300), nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_login_second_factor_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_login_second_factor")),
    )
    op.create_table(
        "need_likeness",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bureau", sa.String(length=40), nullable=False),
        sa.Column("need", sa.String(length=60), nullable=False),
        sa.Column("need_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("other", sa.String(length=60), nullable=False),
        sa.Column("other_version", sa.Integer(), nullable=False),
        sa.Column("permille", sa.Integer(), nullable=False),
        sa.Column("reasons", Document(), nullable=False),
        sa.Column("suggestion", sa.String(length=20), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["bureau"], ["party.id"], name=op.f("fk_need_likeness_bureau")),
        sa.ForeignKeyConstraint(["need"], ["need.number"], name=op.f("fk_need_likeness_need")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_need_likeness")),
        sa.UniqueConstraint(
            "need",
            "need_version",
            "kind",
            "other",
            "other_version",
            name=op.f("uq_need_likeness_need_need_version_kind_other_other_version"),
        ),
    )
    with op.batch_alter_table("need_likeness", schema=None) as batch_op:
        batch_op.create_index("ix_need_likeness_other", ["other"], unique=False)

    op.create_table(
        "need_proposal",
        sa.Column("need", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("need_version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("recommended", sa.String(length=40), nullable=False),
        sa.Column("alternatives", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_need_proposal_agency")),
        sa.ForeignKeyConstraint(["need"], ["need.number"], name=op.f("fk_need_proposal_need")),
        sa.PrimaryKeyConstraint("need", "version", name=op.f("pk_need_proposal")),
    )
    op.create_table(
        "need_step",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("need", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_need_step_agency")),
        sa.ForeignKeyConstraint(["need"], ["need.number"], name=op.f("fk_need_step_need")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_need_step_party")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_need_step")),
    )
    with op.batch_alter_table("need_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_step_need"), ["need"], unique=False)

    op.create_table(
        "need_temporary",
        sa.Column("need", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("use", Document(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("papers_by", Instant(), nullable=False),
        sa.Column("papers", sa.String(length=200), nullable=False),
        sa.Column("papers_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("review", sa.String(length=20), nullable=False),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_need_temporary_agency")),
        sa.ForeignKeyConstraint(["need"], ["need.number"], name=op.f("fk_need_temporary_need")),
        sa.PrimaryKeyConstraint("need", name=op.f("pk_need_temporary")),
    )
    with op.batch_alter_table("need_temporary", schema=None) as batch_op:
        batch_op.create_index("ix_need_temporary_agency_until_need", ["agency", "until", "need"], unique=False)
        batch_op.create_index(
            "ix_need_temporary_running",
            ["until", "need"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_need_temporary_until_need", ["until", "need"], unique=False)

    op.create_table(
        "need_version",
        sa.Column("need", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("questions", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_need_version_agency")),
        sa.ForeignKeyConstraint(["need"], ["need.number"], name=op.f("fk_need_version_need")),
        sa.PrimaryKeyConstraint("need", "version", name=op.f("pk_need_version")),
    )
    op.create_table(
        "project_change",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stated_at", Instant(), nullable=False),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_project_change_agency")),
        sa.ForeignKeyConstraint(["project"], ["project.id"], name=op.f("fk_project_change_project")),
        sa.PrimaryKeyConstraint("project", "number", name=op.f("pk_project_change")),
    )
    with op.batch_alter_table("project_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_change_agency"), ["agency"], unique=False)

    op.create_table(
        "project_evaluation",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("evaluated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_project_evaluation_agency")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_project_evaluation_person")),
        sa.ForeignKeyConstraint(["project"], ["project.id"], name=op.f("fk_project_evaluation_project")),
        sa.PrimaryKeyConstraint("project", "number", name=op.f("pk_project_evaluation")),
    )
    with op.batch_alter_table("project_evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_evaluation_agency"), ["agency"], unique=False)

    op.create_table(
        "project_version",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_project_version_agency")),
        sa.ForeignKeyConstraint(["project"], ["project.id"], name=op.f("fk_project_version_project")),
        sa.PrimaryKeyConstraint("project", "version", "agency", name=op.f("pk_project_version")),
    )
    op.create_table(
        "register_correction",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("record", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changes", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("made", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_register_correction_two_persons")
        ),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_register_correction_agency")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_register_correction_decided_by")),
        sa.ForeignKeyConstraint(["made"], ["register_record.number"], name=op.f("fk_register_correction_made")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_register_correction_proposed_by")),
        sa.ForeignKeyConstraint(["record"], ["register_record.number"], name=op.f("fk_register_correction_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_correction")),
    )
    with op.batch_alter_table("register_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_correction_agency"), ["agency"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_correction_record"), ["record"], unique=False)

    op.create_table(
        "request_agreement",
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("giver", sa.String(length=40), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("monthly", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_request_agreement_agency")),
        sa.ForeignKeyConstraint(["giver"], ["party.id"], name=op.f("fk_request_agreement_giver")),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_agreement_request")),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_request_agreement")),
    )
    with op.batch_alter_table("request_agreement", schema=None) as batch_op:
        batch_op.create_index("ix_request_agreement_agency_at", ["agency", "asked_at", "request"], unique=False)

    op.create_table(
        "request_check",
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("results", Document(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_request_check_agency")),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_check_request")),
        sa.PrimaryKeyConstraint("request", "run", name=op.f("pk_request_check")),
    )
    op.create_table(
        "request_opinion",
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("favours", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_request_opinion_agency")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_request_opinion_party")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_request_opinion_person")),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_opinion_request")),
        sa.PrimaryKeyConstraint("request", "person", name=op.f("pk_request_opinion")),
    )
    op.create_table(
        "request_step",
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("overruled", Document(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_request_step_agency")),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_step_request")),
        sa.PrimaryKeyConstraint("request", "step", name=op.f("pk_request_step")),
    )
    op.create_table(
        "work_asked_for",
        sa.Column("work", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_work_asked_for_account")),
        sa.PrimaryKeyConstraint("work", name=op.f("pk_work_asked_for")),
    )
    op.create_table(
        "contract_obligation",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.CheckConstraint("fen > 0 AND drawn >= 0 AND drawn <= fen", name=op.f("ck_contract_obligation_drawn_within")),
        sa.ForeignKeyConstraint(["line"], ["contract_line_use.line"], name=op.f("fk_contract_obligation_line")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contract_obligation")),
    )
    with op.batch_alter_table("contract_obligation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_obligation_line"), ["line"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_obligation_subject"), ["subject"], unique=False)

    op.create_table(
        "contract_settled",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("line", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=False),
        sa.Column("returned_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["line"], ["contract_line_use.line"], name=op.f("fk_contract_settled_line")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contract_settled")),
    )
    with op.batch_alter_table("contract_settled", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_settled_line"), ["line"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_settled_subject"), ["subject"], unique=False)

    op.create_table(
        "decision_basis",
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decision.number"], name=op.f("fk_decision_basis_decision")),
        sa.PrimaryKeyConstraint("decision", "subject", name=op.f("pk_decision_basis")),
    )
    with op.batch_alter_table("decision_basis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_basis_subject"), ["subject"], unique=False)

    op.create_table(
        "need_conclusion",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bureau", sa.String(length=40), nullable=False),
        sa.Column("likeness", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conclusion", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("concluded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["bureau"], ["party.id"], name=op.f("fk_need_conclusion_bureau")),
        sa.ForeignKeyConstraint(["likeness"], ["need_likeness.number"], name=op.f("fk_need_conclusion_likeness")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_need_conclusion")),
    )
    with op.batch_alter_table("need_conclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_conclusion_likeness"), ["likeness"], unique=False)

    op.create_table(
        "system_version",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_system_version_agency")),
        sa.ForeignKeyConstraint(["system"], ["business_system.id"], name=op.f("fk_system_version_system")),
        sa.PrimaryKeyConstraint("system", "version", "agency", name=op.f("pk_system_version")),
    )
    op.create_table(
        "contract_draw",
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("obligation", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_contract_draw_something_drawn")),
        sa.ForeignKeyConstraint(
            ["obligation"], ["contract_obligation.number"], name=op.f("fk_contract_draw_obligation")
        ),
        sa.ForeignKeyConstraint(["settled"], ["contract_settled.number"], name=op.f("fk_contract_draw_settled")),
        sa.PrimaryKeyConstraint("settled", "obligation", name=op.f("pk_contract_draw")),
    )
    _into_the_new(op.get_bind())
    op.drop_table("service_plan")
    op.drop_table("service_meter")
    op.drop_table("service")
    op.drop_table("register_entry")
    op.drop_table("address_block")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.alter_column(
            "previous", existing_type=sa.VARCHAR(length=64), type_=sa.String(length=68), existing_nullable=False
        )
        batch_op.alter_column(
            "hash", existing_type=sa.VARCHAR(length=64), type_=sa.String(length=68), existing_nullable=False
        )
        batch_op.create_index(batch_op.f("ix_audit_entry_account"), ["account"], unique=False)

    with op.batch_alter_table("business_system", schema=None) as batch_op:
        batch_op.add_column(sa.Column("users", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lines", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("warnings", Document(), server_default='["0.8","1"]', nullable=False))

    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("behalf", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("organisation", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("glass", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("owner", sa.String(length=40), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_decision_behalf"), "person", ["behalf"], ["id"])
        batch_op.create_check_constraint(batch_op.f("ck_decision_two_persons"), "behalf IS NULL OR behalf <> person")

    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("level", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("superior", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("organisation", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("approves", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("since", Instant(), nullable=True))
        batch_op.add_column(sa.Column("until", Instant(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_party_level"), "level", ["level"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_party_superior"), "party", ["superior"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_party_place"), "place", ["place"], ["id"])

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified", sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table("price_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(length=40), server_default="", nullable=False))
        batch_op.drop_constraint(batch_op.f("uq_price_version_service_meter_starts_at"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_price_version_place_service_meter_starts_at"), ["place", "service", "meter", "starts_at"]
        )

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=20), server_default="approved", nullable=False))
        batch_op.add_column(sa.Column("participants", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("funds", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("goals", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("need", sa.String(length=2000), server_default="", nullable=False))
        batch_op.add_column(sa.Column("contract", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("reason", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("changed_at", Instant(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_project_version_positive"), "version >= 1")

    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("project", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("decided_digest", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("decided_monthly", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("decided_breakdown", Document(), nullable=True))
        batch_op.add_column(sa.Column("differences", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("policy", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("steps", Document(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("done", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("awaiting", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("needs_opinion", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("need", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("line", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("counterpart", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("until", Instant(), nullable=True))
        batch_op.add_column(sa.Column("reminded_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("deliver_by", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("awaiting_year", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("delivered_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("accepted_at", Instant(), nullable=True))
        batch_op.create_index("ix_request_agency_at", ["agency", "requested_at", "number"], unique=False)
        batch_op.create_index(
            "ix_request_agency_awaiting_at", ["agency", "awaiting", "requested_at", "number"], unique=False
        )
        batch_op.create_index("ix_request_agency_state_at", ["agency", "state", "requested_at", "number"], unique=False)
        batch_op.create_index("ix_request_at", ["requested_at", "number"], unique=False)
        batch_op.create_index("ix_request_awaiting_at", ["awaiting", "requested_at", "number"], unique=False)
        batch_op.create_index("ix_request_awaiting_year", ["awaiting_year"], unique=False)
        batch_op.create_index("ix_request_state_at", ["state", "requested_at", "number"], unique=False)
        batch_op.create_index("ix_request_until", ["until"], unique=False)

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("duty", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("way", sa.String(length=20), server_default="password", nullable=False))
        batch_op.add_column(sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("opened_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("used_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("idle_seconds", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_session_account"), ["account"], unique=False)
    _complete(op.get_bind())
    append_only = {
        "audit_checkpoint": "a checkpoint that was handed out stays",
        "ceremony": "a ceremony is begun once",
        "ceremony_seal": "a ceremony closes for good",
        "login_policy": "a login policy is only ever followed by another",
        "notice": "notices are append-only",
        "person_merge": "that two persons are one is only ever added",
        "reorganisation_move": "what a reorganisation moved is append-only",
        "attachment": "attachments are append-only",
        "audit_countersignature": "a countersignature stays",
        "data_holding": "what an agency said it holds stays as it was said",
        "need_terms": "terms once set are never changed, only followed by the next",
        "party_name": "the names a party had are append-only",
        "succession": "who followed whom is only ever added",
        "login_password": "passwords are only ever followed by another",
        "need_likeness": "what was found alike, and concluded, is never changed",
        "need_proposal": "what was said of a need is never changed",
        "need_step": "what was said of a need is never changed",
        "need_version": "what was said of a need is never changed",
        "project_evaluation": "evaluations are append-only",
        "project_version": "versions of projects are append-only",
        "request_check": "checks of requests are append-only",
        "request_opinion": "opinions on requests are append-only",
        "request_step": "decisions on requests are append-only",
        "decision_basis": "what a decision rests on is append-only",
        "need_conclusion": "what was found alike, and concluded, is never changed",
        "system_version": "versions of business systems are append-only",
        "audit_entry": "the audit log is append-only",
        "decision": "decisions are append-only",
    }
    for table, reason in append_only.items():
        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    _make_room(op.get_bind())
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_account"))
        batch_op.drop_column("idle_seconds")
        batch_op.drop_column("used_at")
        batch_op.drop_column("opened_at")
        batch_op.drop_column("second_factor")
        batch_op.drop_column("way")
        batch_op.drop_column("duty")

    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index("ix_request_until")
        batch_op.drop_index("ix_request_state_at")
        batch_op.drop_index("ix_request_awaiting_year")
        batch_op.drop_index("ix_request_awaiting_at")
        batch_op.drop_index("ix_request_at")
        batch_op.drop_index("ix_request_agency_state_at")
        batch_op.drop_index("ix_request_agency_awaiting_at")
        batch_op.drop_index("ix_request_agency_at")
        batch_op.drop_column("accepted_at")
        batch_op.drop_column("delivered_at")
        batch_op.drop_column("awaiting_year")
        batch_op.drop_column("deliver_by")
        batch_op.drop_column("reminded_days")
        batch_op.drop_column("until")
        batch_op.drop_column("urgent")
        batch_op.drop_column("counterpart")
        batch_op.drop_column("line")
        batch_op.drop_column("need")
        batch_op.drop_column("needs_opinion")
        batch_op.drop_column("awaiting")
        batch_op.drop_column("done")
        batch_op.drop_column("steps")
        batch_op.drop_column("policy")
        batch_op.drop_column("differences")
        batch_op.drop_column("decided_breakdown")
        batch_op.drop_column("decided_monthly")
        batch_op.drop_column("decided_digest")
        batch_op.drop_column("project")

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_project_version_positive"), type_="check")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("version")
        batch_op.drop_column("reason")
        batch_op.drop_column("contract")
        batch_op.drop_column("need")
        batch_op.drop_column("goals")
        batch_op.drop_column("funds")
        batch_op.drop_column("participants")
        batch_op.drop_column("state")

    with op.batch_alter_table("price_version", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_price_version_place_service_meter_starts_at"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_price_version_service_meter_starts_at"), ["service", "meter", "starts_at"]
        )
        batch_op.drop_column("place")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("verified")

    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_party_place"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_party_superior"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_party_level"), type_="foreignkey")
        batch_op.drop_column("until")
        batch_op.drop_column("since")
        batch_op.drop_column("approves")
        batch_op.drop_column("organisation")
        batch_op.drop_column("superior")
        batch_op.drop_column("place")
        batch_op.drop_column("level")

    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_decision_two_persons"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_decision_behalf"), type_="foreignkey")
        batch_op.drop_column("owner")
        batch_op.drop_column("glass")
        batch_op.drop_column("organisation")
        batch_op.drop_column("behalf")

    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_column("warnings")
        batch_op.drop_column("lines")

    with op.batch_alter_table("business_system", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("users")

    _make_the_old(op.get_bind())
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_account"))
        batch_op.alter_column(
            "hash", existing_type=sa.String(length=68), type_=sa.VARCHAR(length=64), existing_nullable=False
        )
        batch_op.alter_column(
            "previous", existing_type=sa.String(length=68), type_=sa.VARCHAR(length=64), existing_nullable=False
        )

    op.drop_table("contract_draw")
    op.drop_table("system_version")
    with op.batch_alter_table("need_conclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_conclusion_likeness"))

    op.drop_table("need_conclusion")
    with op.batch_alter_table("decision_basis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_basis_subject"))

    op.drop_table("decision_basis")
    with op.batch_alter_table("contract_settled", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_settled_subject"))
        batch_op.drop_index(batch_op.f("ix_contract_settled_line"))

    op.drop_table("contract_settled")
    with op.batch_alter_table("contract_obligation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_obligation_subject"))
        batch_op.drop_index(batch_op.f("ix_contract_obligation_line"))

    op.drop_table("contract_obligation")
    op.drop_table("work_asked_for")
    op.drop_table("request_step")
    op.drop_table("request_opinion")
    op.drop_table("request_check")
    with op.batch_alter_table("request_agreement", schema=None) as batch_op:
        batch_op.drop_index("ix_request_agreement_agency_at")

    op.drop_table("request_agreement")
    with op.batch_alter_table("register_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_correction_record"))
        batch_op.drop_index(batch_op.f("ix_register_correction_agency"))

    op.drop_table("register_correction")
    op.drop_table("project_version")
    with op.batch_alter_table("project_evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_evaluation_agency"))

    op.drop_table("project_evaluation")
    with op.batch_alter_table("project_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_change_agency"))

    op.drop_table("project_change")
    op.drop_table("need_version")
    with op.batch_alter_table("need_temporary", schema=None) as batch_op:
        batch_op.drop_index("ix_need_temporary_until_need")
        batch_op.drop_index(
            "ix_need_temporary_running",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_need_temporary_agency_until_need")

    op.drop_table("need_temporary")
    with op.batch_alter_table("need_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_step_need"))

    op.drop_table("need_step")
    op.drop_table("need_proposal")
    with op.batch_alter_table("need_likeness", schema=None) as batch_op:
        batch_op.drop_index("ix_need_likeness_other")

    op.drop_table("need_likeness")
    op.drop_table("login_second_factor")
    op.drop_table("login_recovery_code")
    op.drop_table("login_password")
    with op.batch_alter_table("list_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_entry_party"))

    op.drop_table("list_entry")
    with op.batch_alter_table("list_appeal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_list_appeal_open",
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_list_appeal_party"))

    op.drop_table("list_appeal")
    with op.batch_alter_table("glass_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_glass_grant_account"))

    op.drop_table("glass_grant")
    with op.batch_alter_table("data_grant_held", schema=None) as batch_op:
        batch_op.drop_index("ix_data_grant_held_holder")

    op.drop_table("data_grant_held")
    op.drop_table("contract_use")
    with op.batch_alter_table("contract_line_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_line_use_contract"))

    op.drop_table("contract_line_use")
    op.drop_table("contract_amendment")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index("api_token_by_account")

    op.drop_table("api_token")
    with op.batch_alter_table("account_coding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_coding_agency"))

    op.drop_table("account_coding")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_task_open", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index(
            "ix_task_taken", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index(
            "ix_task_subject", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index(
            "ix_task_inbox", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index(
            "ix_task_awaiting",
            sqlite_where=sa.text("awaiting_year IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=sa.text("awaiting_year IS NOT NULL AND closed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_task_about", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )

    op.drop_table("task")
    with op.batch_alter_table("supplier_engagement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_engagement_supplier"))
        batch_op.drop_index(batch_op.f("ix_supplier_engagement_hirer"))

    op.drop_table("supplier_engagement")
    with op.batch_alter_table("succession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_succession_successor"))
        batch_op.drop_index(batch_op.f("ix_succession_reorganisation"))

    op.drop_table("succession")
    op.drop_table("request_policy")
    with op.batch_alter_table("register_record", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_register_record_open",
            sqlite_where=sa.text("closed IS NULL AND superseded_from IS NULL"),
            postgresql_where=sa.text("closed IS NULL AND superseded_from IS NULL"),
        )
        batch_op.drop_index("ix_register_record_resource")
        batch_op.drop_index("ix_register_record_environment")
        batch_op.drop_index("ix_register_record_agency")

    op.drop_table("register_record")
    with op.batch_alter_table("quota_use", schema=None) as batch_op:
        batch_op.drop_index("ix_quota_use_agency")

    op.drop_table("quota_use")
    with op.batch_alter_table("quota_limit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quota_limit_parent"))
        batch_op.drop_index(batch_op.f("ix_quota_limit_agency"))

    op.drop_table("quota_limit")
    with op.batch_alter_table("published_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_published_list_kind"))

    op.drop_table("published_list")
    op.drop_table("party_name")
    with op.batch_alter_table("party_leader", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_party_leader_now", sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL")
        )

    op.drop_table("party_leader")
    op.drop_table("need_terms")
    op.drop_table("need_round")
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.drop_index("ix_need_state_number")
        batch_op.drop_index("ix_need_round_number")
        batch_op.drop_index("ix_need_leading")
        batch_op.drop_index("ix_need_agency_state_number")
        batch_op.drop_index("ix_need_agency_number")

    op.drop_table("need")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_party"))

    op.drop_table("membership")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_delegator"))
        batch_op.drop_index(batch_op.f("ix_delegation_delegate"))

    op.drop_table("delegation")
    with op.batch_alter_table("dataset", schema=None) as batch_op:
        batch_op.drop_index("ix_dataset_state_id")
        batch_op.drop_index("ix_dataset_agency_state")

    op.drop_table("dataset")
    with op.batch_alter_table("data_holding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_data_holding_agency"))

    op.drop_table("data_holding")
    with op.batch_alter_table("data_grant", schema=None) as batch_op:
        batch_op.drop_index("ix_data_grant_thing")
        batch_op.drop_index("ix_data_grant_state_ends")
        batch_op.drop_index("ix_data_grant_agency_thing")
        batch_op.drop_index("ix_data_grant_agency_number")

    op.drop_table("data_grant")
    op.drop_table("audit_countersignature")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_digest"))

    op.drop_table("attachment")
    with op.batch_alter_table("address_network", schema=None) as batch_op:
        batch_op.drop_index("ix_address_network_agency")

    op.drop_table("address_network")
    with op.batch_alter_table("address_allotment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_address_allotment_holder",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_address_allotment_free_from",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_address_allotment_first",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_address_allotment_agency"))

    op.drop_table("address_allotment")
    op.drop_table("service_offer")
    op.drop_table("reorganisation_move")
    with op.batch_alter_table("reorganisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reorganisation_at"))

    op.drop_table("reorganisation")
    op.drop_table("quota_document")
    op.drop_table("place")
    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_merge_merged_into"))

    op.drop_table("person_merge")
    with op.batch_alter_table("person_conflict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_conflict_subject"))

    op.drop_table("person_conflict")
    op.drop_table("notice")
    with op.batch_alter_table("login_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_subject_person"))

    op.drop_table("login_subject")
    op.drop_table("login_policy")
    op.drop_table("catalogue_version")
    op.drop_table("address_gap")
    op.drop_table("request_count")
    with op.batch_alter_table("quota_counter", schema=None) as batch_op:
        batch_op.drop_index("ix_quota_counter_period")
        batch_op.drop_index(batch_op.f("ix_quota_counter_parent"))

    op.drop_table("quota_counter")
    op.drop_table("login_known_source")
    op.drop_table("login_issuer_round")
    with op.batch_alter_table("login_failure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_failure_name_hash"))

    op.drop_table("login_failure")
    op.drop_table("level")
    op.drop_table("ceremony_seal")
    op.drop_table("ceremony_administrator")
    op.drop_table("ceremony")
    op.drop_table("audit_head")
    op.drop_table("audit_checkpoint")
    op.drop_table("address_pool")
    append_only = {
        "decision": "decisions are append-only",
        "audit_entry": "the audit log is append-only",
    }
    for table, reason in append_only.items():
        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):
            op.execute(statement)


# --- rows: what stood before must be there afterwards, and again on the way back -------------------------------------


def _into_the_new(connection: sa.Connection) -> None:
    """From the tables that go, and from rows that now have more said of them, into the new tables."""
    _offers_from_services(connection)
    for statement in (*_INTO_THE_NEW, *_from_settlements(connection)):
        connection.execute(sa.text(statement))
    now = sa.bindparam("now", datetime.now(UTC), type_=Instant())
    # How old a password is cannot be known: it counts from now.
    connection.execute(
        sa.text(
            "INSERT INTO login_password (account, number, hash, set_at, given) "
            "SELECT name, 1, password_hash, :now, FALSE FROM account WHERE password_hash <> ''"
        ).bindparams(now)
    )
    if connection.dialect.name == "postgresql":
        for table in ("register_record", "address_allotment", "contract_settled"):
            connection.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), max(number)) FROM {table} "
                    "HAVING count(*) > 0"
                )
            )


_INTO_THE_NEW = (
    """
    INSERT INTO register_record (number, resource, opened, closed, cloud_id, kind, name, agency, system, project,
        fund_source, environment, service, plan, attributes, because, suspended, decided, charged_from, recorded_at)
    SELECT row_number() OVER (ORDER BY opened, resource), resource, opened, closed, cloud_id, kind, name, agency,
        system, project, fund_source, environment, service, plan, attributes, 'deployed', FALSE, '', opened, opened
    FROM register_entry
    """,
    # No pools were recorded: the next draw from a range makes its list of what is free.
    """
    INSERT INTO address_allotment (number, holder, agency, cidr, first, last, state)
    SELECT row_number() OVER (ORDER BY first), 'environment:' || environment, agency, block, first, last, 'held'
    FROM address_block
    """,
    """
    INSERT INTO audit_head (id, number, hash, digest)
    SELECT 1, number, hash, 'sha256' FROM audit_entry WHERE number = (SELECT max(number) FROM audit_entry)
    """,
    # Whoever had an account belonged to its party as long as there was one.
    """
    INSERT INTO membership (person, party, since, until)
    SELECT person, party, min(since), CASE WHEN count(*) = count(until) THEN max(until) END
    FROM account GROUP BY person, party
    """,
    # The only decisions that rested on another were those on a plan: on the request behind it.
    """
    INSERT INTO decision_basis (decision, subject)
    SELECT decision.number, 'request:' || deployment_plan.request FROM decision
    JOIN deployment_plan ON decision.subject = 'plan:' || deployment_plan.id
    WHERE deployment_plan.request <> ''
    """,
    # What was asked for and has not ended goes on under the duty that its kind needs.
    """
    INSERT INTO work_asked_for (work, account, duty)
    SELECT 'run:' || work_run.id, account.name, CASE kind WHEN 'usage.close' THEN 'settle' ELSE 'operate' END
    FROM work_run JOIN account ON account.name = work_run.account
    WHERE state NOT IN ('succeeded', 'failed', 'cancelled')
    """,
)


def _from_settlements(connection: sa.Connection) -> tuple[str, ...]:
    """A contract of before has no lines: the one that stands for the whole has what its settlements used."""
    gross = {
        "sqlite": "json_extract(s.document, '$.totals.gross')",
        "postgresql": "(s.document::json -> 'totals' ->> 'gross')::bigint",
    }[connection.dialect.name]
    counts = (
        "s.state NOT IN ('draft', 'returned') "
        "AND s.version = (SELECT max(newest.version) FROM settlement newest WHERE newest.id = s.id)"
    )
    return (
        "INSERT INTO contract_use (contract, ceiling, obligated, used) "
        f"SELECT c.id, c.ceiling, 0, coalesce((SELECT sum({gross}) FROM settlement s "
        f"WHERE s.contract = c.id AND {counts}), 0) FROM contract c",
        "INSERT INTO contract_line_use (line, contract, amount, obligated, used) "
        "SELECT contract || '.0', contract, ceiling, 0, used FROM contract_use",
        "INSERT INTO contract_settled (line, subject, fen, settled_at) "
        f"SELECT s.contract || '.0', 'settlement:' || s.id, {gross}, s.changed_at FROM settlement s "
        f"WHERE {counts} AND {gross} <> 0",
    )


def _offers_from_services(connection: sa.Connection) -> None:
    """What was on offer is, as it always was: the base catalogue's, in no version of it."""
    offer = sa.table(
        "service_offer", sa.column("starts_at", Instant()), *map(sa.column, ("place", "code", "document", "digest"))
    )
    for service in _rows(connection, "SELECT * FROM service ORDER BY code"):
        ours = {"code": service["code"]}
        plans = [
            {name: plan[name] for name in ("code", "zh", "en")}
            | {name: json.loads(plan[name]) for name in ("attributes", "labels")}
            for plan in _rows(connection, "SELECT * FROM service_plan WHERE service = :code ORDER BY code", ours)
        ]
        meters = [
            {name: meter[name] for name in _METER}
            for meter in _rows(connection, "SELECT * FROM service_meter WHERE service = :code ORDER BY code", ours)
        ]
        document = {**{name: service[name] for name in _SERVICE}, "plans": plans, "meters": meters}
        digest = sha256_hex(canonical_text({**document, "calculator": "", "form": []}).encode())
        row = {"place": "", "starts_at": EVER, "document": canonical_text(document), "digest": digest}
        connection.execute(offer.insert(), {**ours, **row})


EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SERVICE = ("code", "layer", "kind", "zh", "en", "sla")
_METER = ("code", "kind", "zh", "en", "unit_zh", "unit_en", "attribute")


def _complete(connection: sa.Connection) -> None:
    """What the new columns say of rows that stood before. A decision needs nothing: every party was its own body."""
    for statement in _REQUESTS:
        connection.execute(sa.text(statement))
    # A session serves one duty, and an old one says none: whoever was logged in logs in again.
    now = sa.bindparam("now", datetime.now(UTC), type_=Instant())
    connection.execute(sa.text("UPDATE session SET ended_at = :now WHERE ended_at IS NULL").bindparams(now))


_BUREAU = "(SELECT min(id) FROM party WHERE kind = 'bureau')"
_STEPS = f"""'[{{"by":"decider","party":"' || {_BUREAU} || '"}}]'"""
_REQUESTS = (
    # One bureau decided everything, in one step.
    f"UPDATE request SET steps = {_STEPS}, awaiting = {_BUREAU} WHERE state = 'requested' AND {_BUREAU} IS NOT NULL",
    "UPDATE request SET decided_digest = spec_digest, decided_monthly = estimate_monthly, "
    f"decided_breakdown = estimate_breakdown, steps = coalesce({_STEPS}, '[]'), done = 1 WHERE state = 'approved'",
    """
    INSERT INTO request_step (request, step, agency, outcome, digest, party, person, rule, overruled, note, decided_at)
    SELECT request.number, 1, request.agency, request.state, taken.digest, taken.party, taken.person, '', '{}',
        taken.note, taken.decided_at
    FROM request JOIN decision taken ON taken.number = (
        SELECT max(number) FROM decision
        WHERE subject = 'request:' || request.number AND act IN ('request.approve', 'request.reject'))
    WHERE request.state IN ('approved', 'rejected')
    """,
    # Whoever is to decide finds it in the inbox; a task without a deadline stands behind all others.
    """
    INSERT INTO task (party, duty, kind, subject, about, zh, en, opened_at, ranked_at, taken_by)
    SELECT awaiting, 'approve', 'request.decide', 'request:' || number, agency, '请审批:' || number,
        'decide: ' || number, requested_at, '9000-01-01T00:00:00.000000Z', ''
    FROM request WHERE state = 'requested' AND awaiting <> ''
    """,
)


def _make_the_old(connection: sa.Connection) -> None:
    """The tables that went, as the first migration made them, with the rows that have a place there."""
    op.create_table(
        "service",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("layer", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("sla", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service")),
    )
    op.create_table(
        "service_plan",
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("attributes", Document(), nullable=False),
        sa.Column("labels", Document(), nullable=False),
        sa.ForeignKeyConstraint(["service"], ["service.code"], name=op.f("fk_service_plan_service")),
        sa.PrimaryKeyConstraint("service", "code", name=op.f("pk_service_plan")),
    )
    op.create_table(
        "service_meter",
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("unit_zh", sa.String(length=40), nullable=False),
        sa.Column("unit_en", sa.String(length=40), nullable=False),
        sa.Column("attribute", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["service"], ["service.code"], name=op.f("fk_service_meter_service")),
        sa.PrimaryKeyConstraint("service", "code", name=op.f("pk_service_meter")),
    )
    op.create_table(
        "register_entry",
        sa.Column("resource", sa.String(length=200), nullable=False),
        sa.Column("opened", Instant(), nullable=False),
        sa.Column("closed", Instant(), nullable=True),
        sa.Column("cloud_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("project", sa.String(length=60), nullable=False),
        sa.Column("fund_source", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=60), nullable=False),
        sa.Column("attributes", Document(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_register_entry_agency")),
        sa.PrimaryKeyConstraint("resource", "opened", name=op.f("pk_register_entry")),
    )
    op.create_index(op.f("ix_register_entry_agency"), "register_entry", ["agency"], unique=False)
    op.create_index(op.f("ix_register_entry_environment"), "register_entry", ["environment"], unique=False)
    op.create_table(
        "address_block",
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("block", sa.String(length=18), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_address_block_agency")),
        sa.PrimaryKeyConstraint("environment", name=op.f("pk_address_block")),
        sa.UniqueConstraint("block", name=op.f("uq_address_block_block")),
    )
    _services_from_offers(connection)
    for statement in _INTO_THE_OLD:
        connection.execute(sa.text(statement))


_INTO_THE_OLD = (
    # Corrected entries have no place there; of several that were opened at one instant, the newest has.
    """
    INSERT INTO register_entry (resource, opened, closed, cloud_id, kind, name, agency, system, project, fund_source,
        environment, service, plan, attributes)
    SELECT resource, opened, closed, cloud_id, kind, name, agency, system, project, fund_source, environment, service,
        plan, attributes
    FROM register_record WHERE number IN (
        SELECT max(number) FROM register_record WHERE superseded_from IS NULL GROUP BY resource, opened)
    """,
    """
    INSERT INTO address_block (environment, agency, block, first, last)
    SELECT substr(holder, length('environment:') + 1), agency, cidr, first, last FROM address_allotment
    WHERE state = 'held' AND ended_at IS NULL AND agency IS NOT NULL AND holder LIKE 'environment:%'
    """,
)


def _services_from_offers(connection: sa.Connection) -> None:
    columns = {
        "service": _SERVICE,
        "service_plan": ("service", "code", "zh", "en", "attributes", "labels"),
        "service_meter": ("service", *_METER),
    }
    tables = {name: sa.table(name, *map(sa.column, names)) for name, names in columns.items()}
    newest = (
        "SELECT document FROM service_offer WHERE starts_at = "
        "(SELECT max(later.starts_at) FROM service_offer later WHERE later.code = service_offer.code) ORDER BY code"
    )
    for row in _rows(connection, newest):
        service = json.loads(row["document"])
        head = {"service": service["code"]}
        connection.execute(tables["service"].insert(), {name: service.get(name, "") for name in _SERVICE})
        for plan in service.get("plans", []):
            documents = {name: canonical_text(plan.get(name, {})) for name in ("attributes", "labels")}
            connection.execute(tables["service_plan"].insert(), {**head, **plan, **documents})
        for meter in service.get("meters", []):
            connection.execute(
                tables["service_meter"].insert(), {**head, **{name: meter.get(name, "") for name in _METER}}
            )


def _make_room(connection: sa.Connection) -> None:
    """What the older program could not read goes first."""
    connection.execute(sa.text("DELETE FROM price_version WHERE place <> ''"))
    if connection.dialect.name == "postgresql":
        policies = "SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()"
        for row in _rows(connection, policies):
            op.execute(f"DROP POLICY {row['policyname']} ON {row['tablename']}")
            op.execute(f"ALTER TABLE {row['tablename']} NO FORCE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {row['tablename']} DISABLE ROW LEVEL SECURITY")


def _rows(
    connection: sa.Connection, statement: str, values: Mapping[str, str] | None = None
) -> Sequence[sa.RowMapping]:
    return connection.execute(sa.text(statement), dict(values or {})).mappings().all()
