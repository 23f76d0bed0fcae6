"""work that survives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from foundation.store import Document, Instant, append_only_statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "due_rule",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("inputs", Document(), nullable=False),
        sa.Column("rule", Document(), nullable=False),
        sa.Column("working_days", sa.Boolean(), nullable=False),
        sa.Column("catch_up", sa.String(length=8), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("awaiting_year", sa.Integer(), nullable=True),
        sa.Column("last_at", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("trouble", sa.String(length=80), nullable=False),
        sa.Column("trouble_zh", sa.Text(), nullable=False),
        sa.Column("trouble_en", sa.Text(), nullable=False),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_due_rule")),
    )
    with op.batch_alter_table("due_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_rule_agency"), ["agency"], unique=False)
        batch_op.create_index(
            "ix_due_rule_awaiting",
            ["awaiting_year"],
            unique=False,
            sqlite_where=sa.text("awaiting_year IS NOT NULL"),
            postgresql_where=sa.text("awaiting_year IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_due_rule_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_due_rule_subject"), ["subject"], unique=False)

    op.create_table(
        "outbox_order",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outbox_order")),
    )
    op.create_table(
        "outbox_subscriber",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.String(length=20), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outbox_subscriber")),
    )
    op.create_table(
        "work_pause",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paused_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_work_pause")),
    )
    op.create_table(
        "work_run",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("inputs", Document(), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked", sa.String(length=8), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("deadline", Instant(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=False),
        sa.Column("worker_number", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("outcome", Document(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("reason_exit", sa.Integer(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("enqueued_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_work_run")),
        sa.UniqueConstraint("id", name=op.f("uq_work_run_id")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_work_run_kind_key")),
    )
    with op.batch_alter_table("work_run", schema=None) as batch_op:
        batch_op.create_index("ix_work_run_agency_number", ["agency", "number"], unique=False)
        batch_op.create_index(
            "ix_work_run_open",
            ["state", "kind", "agency"],
            unique=False,
            sqlite_where=sa.text("state IN ('running', 'paused', 'parked')"),
            postgresql_where=sa.text("state IN ('running', 'paused', 'parked')"),
        )
        batch_op.create_index("ix_work_run_subject", ["subject"], unique=False)
        batch_op.create_index(
            "ix_work_run_waiting",
            ["kind", "agency", "priority", "number"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )

    op.create_table(
        "work_served",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "agency", name=op.f("pk_work_served")),
    )
    op.create_table(
        "work_worker",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("kinds", Document(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_work_worker")),
    )
    op.create_table(
        "due_occurrence",
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("run", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["rule"], ["due_rule.name"], name=op.f("fk_due_occurrence_rule")),
        sa.PrimaryKeyConstraint("rule", "at", name=op.f("pk_due_occurrence")),
    )
    with op.batch_alter_table("due_occurrence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_due_occurrence_owed",
            ["rule", "at"],
            unique=False,
            sqlite_where=sa.text("outcome = 'owed'"),
            postgresql_where=sa.text("outcome = 'owed'"),
        )

    op.create_table(
        "outbox_held",
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", Instant(), nullable=True),
        sa.Column("failed_at", Instant(), nullable=True),
        sa.Column("died_at", Instant(), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["outbox.number"], name=op.f("fk_outbox_held_number")),
        sa.ForeignKeyConstraint(["subscriber"], ["outbox_subscriber.name"], name=op.f("fk_outbox_held_subscriber")),
        sa.PrimaryKeyConstraint("subscriber", "number", name=op.f("pk_outbox_held")),
    )
    with op.batch_alter_table("outbox_held", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_held_next_try", ["subscriber", "next_try"], unique=False)
        batch_op.create_index("ix_outbox_held_subject", ["subscriber", "subject", "position"], unique=False)

    op.create_table(
        "outbox_ruling",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("event", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ruling", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["outbox.number"], name=op.f("fk_outbox_ruling_event")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox_ruling")),
    )
    with op.batch_alter_table("outbox_ruling", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_ruling_event"), ["event"], unique=False)

    op.create_table(
        "work_step",
        sa.Column("run", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", Document(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=False),
        sa.Column("worker_number", sa.BigInteger(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["work_run.number"], name=op.f("fk_work_step_run")),
        sa.PrimaryKeyConstraint("run", "step", "attempt", name=op.f("pk_work_step")),
    )
    op.create_table(
        "working_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_number", sa.String(length=200), nullable=False),
        sa.Column("document", Document(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_working_year_account")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_working_year_person")),
        sa.PrimaryKeyConstraint("year", "version", name=op.f("pk_working_year")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("id", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_outbox_topic"))
        batch_op.create_index(
            "ix_outbox_unplaced",
            ["number"],
            unique=False,
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        )
        batch_op.create_unique_constraint(batch_op.f("uq_outbox_id"), ["id"])
        batch_op.create_unique_constraint(batch_op.f("uq_outbox_position"), ["position"])
    # What was delivered stays delivered: each subscriber went along the numbers, and stopped at what it could not take.
    op.execute("UPDATE outbox SET position = number")
    op.execute("INSERT INTO outbox_order (name, position) SELECT 'outbox', max(number) FROM outbox HAVING count(*) > 0")
    op.execute(
        "INSERT INTO outbox_subscriber (name, cursor, since, first_seen_at) "
        "SELECT subscriber, max(number), 'beginning', max(delivered_at) FROM outbox_delivery GROUP BY subscriber"
    )
    op.drop_table("outbox_delivery")
    for statement in append_only_statements(
        "outbox_ruling", "what a person said about a dead letter is never changed", dialect=op.get_bind().dialect.name
    ):
        op.execute(statement)
    for statement in append_only_statements(
        "working_year",
        "a loaded year is never changed, only followed by its next version",
        dialect=op.get_bind().dialect.name,
    ):
        op.execute(statement)


def downgrade() -> None:
    op.create_table(
        "outbox_delivery",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["outbox.number"], name=op.f("fk_outbox_delivery_number")),
        sa.PrimaryKeyConstraint("number", "subscriber", name=op.f("pk_outbox_delivery")),
    )
    op.execute(
        "INSERT INTO outbox_delivery (number, subscriber, delivered_at) "
        "SELECT outbox.number, outbox_subscriber.name, outbox.recorded_at FROM outbox "
        "JOIN outbox_subscriber ON outbox.position <= outbox_subscriber.cursor "
        "WHERE NOT EXISTS (SELECT 1 FROM outbox_held WHERE outbox_held.number = outbox.number "
        "AND outbox_held.subscriber = outbox_subscriber.name)"
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_outbox_position"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_outbox_id"), type_="unique")
        batch_op.drop_index(
            "ix_outbox_unplaced", sqlite_where=sa.text("position IS NULL"), postgresql_where=sa.text("position IS NULL")
        )
        batch_op.create_index(batch_op.f("ix_outbox_topic"), ["topic"], unique=False)
        batch_op.drop_column("position")
        batch_op.drop_column("id")

    op.drop_table("working_year")
    op.drop_table("work_step")
    with op.batch_alter_table("outbox_ruling", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_ruling_event"))

    op.drop_table("outbox_ruling")
    with op.batch_alter_table("outbox_held", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_held_subject")
        batch_op.drop_index("ix_outbox_held_next_try")

    op.drop_table("outbox_held")
    with op.batch_alter_table("due_occurrence", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_due_occurrence_owed",
            sqlite_where=sa.text("outcome = 'owed'"),
            postgresql_where=sa.text("outcome = 'owed'"),
        )

    op.drop_table("due_occurrence")
    op.drop_table("work_worker")
    op.drop_table("work_served")
    with op.batch_alter_table("work_run", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_work_run_waiting",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index("ix_work_run_subject")
        batch_op.drop_index(
            "ix_work_run_open",
            sqlite_where=sa.text("state IN ('running', 'paused', 'parked')"),
            postgresql_where=sa.text("state IN ('running', 'paused', 'parked')"),
        )
        batch_op.drop_index("ix_work_run_agency_number")

    op.drop_table("work_run")
    op.drop_table("work_pause")
    op.drop_table("outbox_subscriber")
    op.drop_table("outbox_order")
    with op.batch_alter_table("due_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_rule_subject"))
        batch_op.drop_index(batch_op.f("ix_due_rule_next_at"))
        batch_op.drop_index(
            "ix_due_rule_awaiting",
            sqlite_where=sa.text("awaiting_year IS NOT NULL"),
            postgresql_where=sa.text("awaiting_year IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_due_rule_agency"))

    op.drop_table("due_rule")
