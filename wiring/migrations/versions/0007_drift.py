"""drift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from foundation.store import Document, Instant, append_only_statements

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "drift_finding",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("cloud_id", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("expected", Document(), nullable=False),
        sa.Column("found", Document(), nullable=False),
        sa.Column("trail", sa.String(length=12), nullable=False),
        sa.Column("trail_person", sa.String(length=200), nullable=False),
        sa.Column("trail_event", sa.String(length=100), nullable=False),
        sa.Column("trail_source", sa.String(length=100), nullable=False),
        sa.Column("trail_at", Instant(), nullable=True),
        sa.Column("trail_note", sa.Text(), nullable=False),
        sa.Column("deployment", sa.String(length=60), nullable=False),
        sa.Column("first_seen", Instant(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ending", sa.String(length=12), nullable=False),
        sa.Column("accepted_by", sa.String(length=60), nullable=True),
        sa.Column("accepted_because", sa.String(length=500), nullable=False),
        sa.Column("accepted_until", Instant(), nullable=True),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("plan", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_drift_finding_accepted_by")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_drift_finding_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_finding")),
    )
    with op.batch_alter_table("drift_finding", schema=None) as batch_op:
        batch_op.create_index("ix_drift_finding_agency", ["agency", "ended_at"], unique=False)
        batch_op.create_index("ix_drift_finding_first_seen", ["first_seen"], unique=False)
        batch_op.create_index(
            "uq_drift_finding_one_open",
            ["environment", "identity"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "drift_look",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("deployment", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_drift_look_agency")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_drift_look")),
        sa.UniqueConstraint("id", name=op.f("uq_drift_look_id")),
    )
    with op.batch_alter_table("drift_look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drift_look_agency"), ["agency"], unique=False)
        batch_op.create_index("ix_drift_look_environment", ["environment", "number"], unique=False)
        batch_op.create_index("ix_drift_look_outcome", ["outcome", "ended_at"], unique=False)
    append_only = {
        "drift_look": "looks are append-only",
    }
    for table, reason in append_only.items():
        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("drift_look", schema=None) as batch_op:
        batch_op.drop_index("ix_drift_look_outcome")
        batch_op.drop_index("ix_drift_look_environment")
        batch_op.drop_index(batch_op.f("ix_drift_look_agency"))

    op.drop_table("drift_look")
    with op.batch_alter_table("drift_finding", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_drift_finding_one_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_drift_finding_first_seen")
        batch_op.drop_index("ix_drift_finding_agency")

    op.drop_table("drift_finding")
