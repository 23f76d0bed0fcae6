"""The tasks' table. Each inbox is one stretch of an index over what is open, so others' tasks cost it nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, RowMapping, String, Table, Text, text

from foundation.store import AgencyOwned, Instant, metadata
from foundation.values.working_days import AwaitingCalendar
from governance.parties.model import Duty
from governance.tasks.model import Task

IS_OPEN = text("closed_at IS NULL")
AWAITS = text("awaiting_year IS NOT NULL AND closed_at IS NULL")

NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""Where a task without a (known) deadline stands in the order of an inbox: behind all others."""

task_table = AgencyOwned(
    Table(
        "task",
        metadata,
        Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("party", ForeignKey("party.id"), nullable=False),
        Column("duty", String(30), nullable=False),
        Column("kind", String(60), nullable=False),
        Column("subject", String(200), nullable=False),
        Column("about", String(40), nullable=False),
        Column("zh", Text, nullable=False),
        Column("en", Text, nullable=False),
        Column("opened_at", Instant, nullable=False),
        Column("due_at", Instant),
        Column("ranked_at", Instant, nullable=False),
        Column("clock_start", Instant),
        Column("clock_days", Integer),
        Column("awaiting_year", Integer),
        Column("taken_by", String(60), nullable=False),
        Column("taken_at", Instant),
        Column("closed_at", Instant),
        Index(
            "uq_task_open",
            "party",
            "duty",
            "kind",
            "subject",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index(
            "ix_task_inbox",
            "party",
            "duty",
            "ranked_at",
            "number",
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index("ix_task_subject", "subject", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_task_taken", "taken_by", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_task_about", "about", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_task_awaiting", "awaiting_year", sqlite_where=AWAITS, postgresql_where=AWAITS),
    ),
    "party",
)


def task_from(row: RowMapping) -> Task:
    """The row as a value."""
    columns = ("number", "party", "kind", "subject", "about", "zh", "en", "opened_at")
    facts = {name: row[name] for name in (*columns, "taken_by", "taken_at", "closed_at")}
    waits = row["awaiting_year"]
    due = row["due_at"] if waits is None else AwaitingCalendar(waits)
    return Task(duty=Duty(row["duty"]), due_at=due, **facts)
