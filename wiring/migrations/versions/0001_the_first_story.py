"""The first story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from foundation.store import Document, Exact, Instant, append_only_statements

revision = "0001"
down_revision = None

APPEND_ONLY = {
    "audit_entry": "the audit log is append-only",
    "ledger_transaction": "the ledger is append-only",
    "ledger_posting": "the ledger is append-only",
    "decision": "decisions are append-only",
}


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("business_at", Instant(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("facts", Document(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
    )
    op.create_index(op.f("ix_audit_entry_event"), "audit_entry", ["event"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("business_now", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("contract", sa.String(length=60), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("settlement", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
    )
    op.create_index(op.f("ix_ledger_transaction_contract"), "ledger_transaction", ["contract"], unique=False)
    op.create_index(op.f("ix_ledger_transaction_settlement"), "ledger_transaction", ["settlement"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("payload", Document(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_topic"), "outbox", ["topic"], unique=False)
    op.create_table(
        "party",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("identity", name=op.f("uq_person_identity")),
    )
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
        "sli_day",
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("states", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(states) = 1440", name=op.f("ck_sli_day_whole_day")),
        sa.PrimaryKeyConstraint("agency", "service", "day", name=op.f("pk_sli_day")),
    )
    op.create_table(
        "sli_day_agency",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("proof", Document(), nullable=False),
        sa.PrimaryKeyConstraint("day", "version", "agency", name=op.f("pk_sli_day_agency")),
    )
    op.create_table(
        "sli_day_close",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("signed", Document(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("day", "version", name=op.f("pk_sli_day_close")),
    )
    op.create_table(
        "sli_leaf",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", "version", "agency", "service", name=op.f("pk_sli_leaf")),
    )
    op.create_table(
        "takeover_room",
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("inventory", Document(), nullable=False),
        sa.Column("findings", Document(), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("room", "revision", name=op.f("pk_takeover_room")),
    )
    op.create_table(
        "usage_batch",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("period", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sum", Exact(38, 6), nullable=False),
        sa.Column("first", Instant(), nullable=False),
        sa.Column("last", Instant(), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("superseded_by", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", "period", "sha256", name=op.f("pk_usage_batch")),
    )
    op.create_index(op.f("ix_usage_batch_first"), "usage_batch", ["first"], unique=False)
    op.create_index(op.f("ix_usage_batch_last"), "usage_batch", ["last"], unique=False)
    op.create_table(
        "usage_day",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("inputs", sa.String(length=64), nullable=False),
        sa.Column("signed", Document(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("day", "version", name=op.f("pk_usage_day")),
    )
    op.create_table(
        "usage_statement",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=60), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("contract", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("disputed", Document(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("silence_working_days", sa.Integer(), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("audit_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_usage_statement")),
    )
    op.create_index(op.f("ix_usage_statement_agency"), "usage_statement", ["agency"], unique=False)
    op.create_index(op.f("ix_usage_statement_month"), "usage_statement", ["month"], unique=False)
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("duties", Document(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_account_party")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_account_person")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
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
    op.create_table(
        "contract",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("buyer", sa.String(length=40), nullable=False),
        sa.Column("operator", sa.String(length=40), nullable=False),
        sa.Column("payer", sa.String(length=40), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.Column("scheme", Document(), nullable=False),
        sa.CheckConstraint("buyer <> operator", name=op.f("ck_contract_two_sides")),
        sa.CheckConstraint("ceiling > 0", name=op.f("ck_contract_ceiling_positive")),
        sa.ForeignKeyConstraint(["buyer"], ["party.id"], name=op.f("fk_contract_buyer")),
        sa.ForeignKeyConstraint(["operator"], ["party.id"], name=op.f("fk_contract_operator")),
        sa.ForeignKeyConstraint(["payer"], ["party.id"], name=op.f("fk_contract_payer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_table(
        "deployment_plan",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("terminates", sa.Boolean(), nullable=False),
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("spec", Document(), nullable=False),
        sa.Column("spec_digest", sa.String(length=64), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("risk", sa.String(length=20), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("planned_by", sa.String(length=60), nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_deployment_plan_agency")),
        sa.ForeignKeyConstraint(["planned_by"], ["person.id"], name=op.f("fk_deployment_plan_planned_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deployment_plan")),
        sa.UniqueConstraint("id", name=op.f("uq_deployment_plan_id")),
    )
    op.create_index(op.f("ix_deployment_plan_digest"), "deployment_plan", ["digest"], unique=False)
    op.create_index(op.f("ix_deployment_plan_environment"), "deployment_plan", ["environment"], unique=False)
    op.create_table(
        "environment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("request", sa.String(length=60), nullable=False),
        sa.Column("spec", Document(), nullable=True),
        sa.Column("spec_digest", sa.String(length=64), nullable=False),
        sa.Column("deployed_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_environment_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environment")),
    )
    op.create_index(op.f("ix_environment_agency"), "environment", ["agency"], unique=False)
    op.create_table(
        "environment_cloud",
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("partition", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("endpoint", sa.String(length=200), nullable=False),
        sa.Column("marker", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_environment_cloud_agency")),
        sa.PrimaryKeyConstraint("environment", name=op.f("pk_environment_cloud")),
    )
    op.create_index(op.f("ix_environment_cloud_account"), "environment_cloud", ["account"], unique=False)
    op.create_table(
        "ledger_posting",
        sa.Column("transaction", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("project", sa.String(length=60), nullable=False),
        sa.Column("fund_source", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["transaction"], ["ledger_transaction.id"], name=op.f("fk_ledger_posting_transaction")),
        sa.PrimaryKeyConstraint("transaction", "number", name=op.f("pk_ledger_posting")),
    )
    op.create_index(op.f("ix_ledger_posting_agency"), "ledger_posting", ["agency"], unique=False)
    op.create_table(
        "outbox_delivery",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["outbox.number"], name=op.f("fk_outbox_delivery_number")),
        sa.PrimaryKeyConstraint("number", "subscriber", name=op.f("pk_outbox_delivery")),
    )
    op.create_table(
        "price_list",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint("(published_by IS NULL) = (published_at IS NULL)", name=op.f("ck_price_list_published")),
        sa.CheckConstraint("drafted_by <> published_by", name=op.f("ck_price_list_two_persons")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_price_list_drafted_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_price_list_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lead"], ["party.id"], name=op.f("fk_project_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index(op.f("ix_project_lead"), "project", ["lead"], unique=False)
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
        "request",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("spec_digest", sa.String(length=64), nullable=False),
        sa.Column("estimate_monthly", sa.BigInteger(), nullable=False),
        sa.Column("estimate_breakdown", Document(), nullable=False),
        sa.Column("original", Document(), nullable=True),
        sa.Column("requested", Document(), nullable=False),
        sa.Column("decided", Document(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_request_agency")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_agency"), "request", ["agency"], unique=False)
    op.create_index(op.f("ix_request_environment"), "request", ["environment"], unique=False)
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
        "settlement_item",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("contract", sa.String(length=60), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_settlement_item_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_item")),
    )
    op.create_index(op.f("ix_settlement_item_agency"), "settlement_item", ["agency"], unique=False)
    op.create_index(op.f("ix_settlement_item_contract"), "settlement_item", ["contract"], unique=False)
    op.create_table(
        "takeover_assignment",
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["room", "revision"],
            ["takeover_room.room", "takeover_room.revision"],
            name=op.f("fk_takeover_assignment_room_revision"),
        ),
        sa.PrimaryKeyConstraint("room", "version", name=op.f("pk_takeover_assignment")),
    )
    op.create_table(
        "usage_day_agency",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=60), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["day", "version"], ["usage_day.day", "usage_day.version"], name=op.f("fk_usage_day_agency_day_version")
        ),
        sa.PrimaryKeyConstraint("day", "version", "agency", name=op.f("pk_usage_day_agency")),
    )
    op.create_table(
        "usage_day_leaf",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=601), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["day", "version"], ["usage_day.day", "usage_day.version"], name=op.f("fk_usage_day_leaf_day_version")
        ),
        sa.PrimaryKeyConstraint("day", "version", "agency", "label", name=op.f("pk_usage_day_leaf")),
    )
    op.create_table(
        "usage_quarantine",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=300), nullable=False),
        sa.Column("meter", sa.String(length=300), nullable=False),
        sa.Column("start", Instant(), nullable=False),
        sa.Column("end", Instant(), nullable=False),
        sa.Column("quantity", Exact(20, 6), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["day", "version"], ["usage_day.day", "usage_day.version"], name=op.f("fk_usage_quarantine_day_version")
        ),
        sa.PrimaryKeyConstraint("day", "version", "agency", "key", "content", name=op.f("pk_usage_quarantine")),
    )
    op.create_table(
        "business_system",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("fund_source", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_business_system_agency")),
        sa.ForeignKeyConstraint(["project"], ["project.id"], name=op.f("fk_business_system_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_system")),
    )
    op.create_index(op.f("ix_business_system_agency"), "business_system", ["agency"], unique=False)
    op.create_table(
        "decision",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_decision_account")),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_decision_party")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_decision_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision")),
        sa.UniqueConstraint("act", "subject", "digest", "person", name=op.f("uq_decision_act_subject_digest_person")),
    )
    op.create_index(op.f("ix_decision_subject"), "decision", ["subject"], unique=False)
    op.create_table(
        "deployment",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("plan", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("instant", Instant(), nullable=True),
        sa.Column("outputs", Document(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_deployment_account")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_deployment_agency")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_deployment_person")),
        sa.ForeignKeyConstraint(["plan"], ["deployment_plan.id"], name=op.f("fk_deployment_plan")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deployment")),
        sa.UniqueConstraint("id", name=op.f("uq_deployment_id")),
    )
    op.create_index(op.f("ix_deployment_environment"), "deployment", ["environment"], unique=False)
    op.create_index(
        "uq_deployment_one_running",
        "deployment",
        ["environment"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "grade",
        sa.Column("contract", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint("points BETWEEN 0 AND 100", name=op.f("ck_grade_points_in_range")),
        sa.CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name=op.f("ck_grade_two_persons")),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_grade_contract")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_grade_drafted_by")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_grade_published_by")),
        sa.PrimaryKeyConstraint("contract", "month", name=op.f("pk_grade")),
    )
    op.create_table(
        "price_version",
        sa.Column("id", sa.String(length=130), nullable=False),
        sa.Column("list", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("meter", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("price", Exact(20, 8), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("includes_vat", sa.Boolean(), nullable=False),
        sa.Column("vat_rate", Exact(9, 8), nullable=False),
        sa.Column("cites", sa.String(length=250), nullable=False),
        sa.CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name=op.f("ck_price_version_forward")),
        sa.ForeignKeyConstraint(["list"], ["price_list.id"], name=op.f("fk_price_version_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_version")),
        sa.UniqueConstraint("service", "meter", "starts_at", name=op.f("uq_price_version_service_meter_starts_at")),
    )
    op.create_index(op.f("ix_price_version_list"), "price_version", ["list"], unique=False)
    op.create_table(
        "runbook_run",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("runbook", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("deployment", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_runbook_run_account")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_runbook_run_agency")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_runbook_run_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runbook_run")),
    )
    op.create_index(op.f("ix_runbook_run_environment"), "runbook_run", ["environment"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_session_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_table(
        "settlement",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("signed", Document(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_settlement_contract")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_settlement")),
    )
    op.create_index(op.f("ix_settlement_contract"), "settlement", ["contract"], unique=False)
    op.create_table(
        "settlement_item_acceptance",
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_settlement_item_acceptance_agency")),
        sa.ForeignKeyConstraint(["item"], ["settlement_item.id"], name=op.f("fk_settlement_item_acceptance_item")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_settlement_item_acceptance")),
    )
    op.create_index(
        op.f("ix_settlement_item_acceptance_agency"), "settlement_item_acceptance", ["agency"], unique=False
    )
    op.create_table(
        "takeover_system",
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("system", Document(), nullable=False),
        sa.Column("machines", Document(), nullable=False),
        sa.ForeignKeyConstraint(
            ["room", "version"],
            ["takeover_assignment.room", "takeover_assignment.version"],
            name=op.f("fk_takeover_system_room_version"),
        ),
        sa.PrimaryKeyConstraint("room", "version", "code", name=op.f("pk_takeover_system")),
    )
    op.create_table(
        "runbook_step",
        sa.Column("run", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("found", Document(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_runbook_step_agency")),
        sa.ForeignKeyConstraint(["run"], ["runbook_run.id"], name=op.f("fk_runbook_step_run")),
        sa.PrimaryKeyConstraint("run", "step", "attempt", name=op.f("pk_runbook_step")),
    )
    for table, reason in APPEND_ONLY.items():
        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("runbook_step")
    op.drop_table("takeover_system")
    op.drop_index(op.f("ix_settlement_item_acceptance_agency"), table_name="settlement_item_acceptance")
    op.drop_table("settlement_item_acceptance")
    op.drop_index(op.f("ix_settlement_contract"), table_name="settlement")
    op.drop_table("settlement")
    op.drop_table("session")
    op.drop_index(op.f("ix_runbook_run_environment"), table_name="runbook_run")
    op.drop_table("runbook_run")
    op.drop_index(op.f("ix_price_version_list"), table_name="price_version")
    op.drop_table("price_version")
    op.drop_table("grade")
    op.drop_index(
        "uq_deployment_one_running",
        table_name="deployment",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_index(op.f("ix_deployment_environment"), table_name="deployment")
    op.drop_table("deployment")
    op.drop_index(op.f("ix_decision_subject"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_business_system_agency"), table_name="business_system")
    op.drop_table("business_system")
    op.drop_table("usage_quarantine")
    op.drop_table("usage_day_leaf")
    op.drop_table("usage_day_agency")
    op.drop_table("takeover_assignment")
    op.drop_index(op.f("ix_settlement_item_contract"), table_name="settlement_item")
    op.drop_index(op.f("ix_settlement_item_agency"), table_name="settlement_item")
    op.drop_table("settlement_item")
    op.drop_table("service_plan")
    op.drop_table("service_meter")
    op.drop_index(op.f("ix_request_environment"), table_name="request")
    op.drop_index(op.f("ix_request_agency"), table_name="request")
    op.drop_table("request")
    op.drop_index(op.f("ix_register_entry_environment"), table_name="register_entry")
    op.drop_index(op.f("ix_register_entry_agency"), table_name="register_entry")
    op.drop_table("register_entry")
    op.drop_index(op.f("ix_project_lead"), table_name="project")
    op.drop_table("project")
    op.drop_table("price_list")
    op.drop_table("outbox_delivery")
    op.drop_index(op.f("ix_ledger_posting_agency"), table_name="ledger_posting")
    op.drop_table("ledger_posting")
    op.drop_index(op.f("ix_environment_cloud_account"), table_name="environment_cloud")
    op.drop_table("environment_cloud")
    op.drop_index(op.f("ix_environment_agency"), table_name="environment")
    op.drop_table("environment")
    op.drop_index(op.f("ix_deployment_plan_environment"), table_name="deployment_plan")
    op.drop_index(op.f("ix_deployment_plan_digest"), table_name="deployment_plan")
    op.drop_table("deployment_plan")
    op.drop_table("contract")
    op.drop_table("address_block")
    op.drop_table("account")
    op.drop_index(op.f("ix_usage_statement_month"), table_name="usage_statement")
    op.drop_index(op.f("ix_usage_statement_agency"), table_name="usage_statement")
    op.drop_table("usage_statement")
    op.drop_table("usage_day")
    op.drop_index(op.f("ix_usage_batch_last"), table_name="usage_batch")
    op.drop_index(op.f("ix_usage_batch_first"), table_name="usage_batch")
    op.drop_table("usage_batch")
    op.drop_table("takeover_room")
    op.drop_table("sli_leaf")
    op.drop_table("sli_day_close")
    op.drop_table("sli_day_agency")
    op.drop_table("sli_day")
    op.drop_table("service")
    op.drop_table("person")
    op.drop_table("party")
    op.drop_index(op.f("ix_outbox_topic"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_ledger_transaction_settlement"), table_name="ledger_transaction")
    op.drop_index(op.f("ix_ledger_transaction_contract"), table_name="ledger_transaction")
    op.drop_table("ledger_transaction")
    op.drop_table("lease")
    op.drop_table("installation")
    op.drop_index(op.f("ix_audit_entry_subject"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_event"), table_name="audit_entry")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION guanyun_append_only()")
