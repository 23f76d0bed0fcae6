"""guardrails and fleets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from foundation.store import Document, Instant, append_only_statements

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "guardrail_exemption",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("resource", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_guardrail_exemption_two_persons")
        ),
        sa.CheckConstraint("since IS NULL OR since < until", name=op.f("ck_guardrail_exemption_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_guardrail_exemption_agency")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_guardrail_exemption_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_guardrail_exemption_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardrail_exemption")),
    )
    with op.batch_alter_table("guardrail_exemption", schema=None) as batch_op:
        batch_op.create_index("ix_guardrail_exemption_agency", ["agency"], unique=False)
        batch_op.create_index("ix_guardrail_exemption_environment", ["environment", "state", "until"], unique=False)

    op.create_table(
        "guardrail_judgement",
        sa.Column("plan", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_guardrail_judgement_agency")),
        sa.PrimaryKeyConstraint("plan", "digest", name=op.f("pk_guardrail_judgement")),
    )
    with op.batch_alter_table("guardrail_judgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardrail_judgement_agency"), ["agency"], unique=False)

    op.create_table(
        "fleet_operation",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("selection", Document(), nullable=False),
        sa.Column("pace", Document(), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_fleet_operation_account")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_fleet_operation_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_fleet_operation")),
        sa.UniqueConstraint("id", name=op.f("uq_fleet_operation_id")),
    )
    with op.batch_alter_table("fleet_operation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fleet_operation_state"), ["state"], unique=False)

    op.create_table(
        "fleet_member",
        sa.Column("operation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("canary", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("run", sa.String(length=60), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("result", Document(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_fleet_member_agency")),
        sa.ForeignKeyConstraint(["operation"], ["fleet_operation.number"], name=op.f("fk_fleet_member_operation")),
        sa.PrimaryKeyConstraint("operation", "position", name=op.f("pk_fleet_member")),
        sa.UniqueConstraint("operation", "environment", name=op.f("uq_fleet_member_operation_environment")),
        sa.UniqueConstraint("run", name=op.f("uq_fleet_member_run")),
    )
    with op.batch_alter_table("fleet_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fleet_member_agency"), ["agency"], unique=False)
        batch_op.create_index(batch_op.f("ix_fleet_member_environment"), ["environment"], unique=False)
        batch_op.create_index(
            "ix_fleet_member_open",
            ["state", "operation"],
            unique=False,
            sqlite_where=sa.text("state IN ('released', 'parked')"),
            postgresql_where=sa.text("state IN ('released', 'parked')"),
        )
        batch_op.create_index("ix_fleet_member_state", ["operation", "state", "canary", "position"], unique=False)
    append_only = {
        "guardrail_judgement": "judgements are append-only",
    }
    for table, reason in append_only.items():
        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("fleet_member", schema=None) as batch_op:
        batch_op.drop_index("ix_fleet_member_state")
        batch_op.drop_index(
            "ix_fleet_member_open",
            sqlite_where=sa.text("state IN ('released', 'parked')"),
            postgresql_where=sa.text("state IN ('released', 'parked')"),
        )
        batch_op.drop_index(batch_op.f("ix_fleet_member_environment"))
        batch_op.drop_index(batch_op.f("ix_fleet_member_agency"))

    op.drop_table("fleet_member")
    with op.batch_alter_table("fleet_operation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fleet_operation_state"))

    op.drop_table("fleet_operation")
    with op.batch_alter_table("guardrail_judgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardrail_judgement_agency"))

    op.drop_table("guardrail_judgement")
    with op.batch_alter_table("guardrail_exemption", schema=None) as batch_op:
        batch_op.drop_index("ix_guardrail_exemption_environment")
        batch_op.drop_index("ix_guardrail_exemption_agency")

    op.drop_table("guardrail_exemption")
