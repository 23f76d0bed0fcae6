"""the landing zone: proposals, regions, and the ground of plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from foundation.store import Document, Instant, append_only_statements

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "landing_zone",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("spec", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_landing_zone_two_persons")),
        sa.ForeignKeyConstraint(["agency"], ["party.id"], name=op.f("fk_landing_zone_agency")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_landing_zone_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_landing_zone_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing_zone")),
    )
    with op.batch_alter_table("landing_zone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_landing_zone_agency"), ["agency"], unique=False)

    op.create_table(
        "region_enrolment",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("managed", sa.String(length=12), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["party.id"], name=op.f("fk_region_enrolment_owner")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_region_enrolment_person")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_region_enrolment")),
    )
    with op.batch_alter_table("region_enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_enrolment_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_region_enrolment_region"), ["region"], unique=False)

    with op.batch_alter_table("deployment_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ground", Document(), nullable=True))
    append_only = {
        "region_enrolment": "what a level said of its region is append-only",
    }
    for table, reason in append_only.items():
        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("deployment_plan", schema=None) as batch_op:
        batch_op.drop_column("ground")

    with op.batch_alter_table("region_enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_region_enrolment_region"))
        batch_op.drop_index(batch_op.f("ix_region_enrolment_owner"))

    op.drop_table("region_enrolment")
    with op.batch_alter_table("landing_zone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_landing_zone_agency"))

    op.drop_table("landing_zone")
