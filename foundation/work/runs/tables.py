"""Runs and their steps: the truth about all work. Agency-owned; a worker reads with the machine's scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    text,
)

from foundation.store import AgencyOwned, Document, Instant, metadata
from foundation.work.runs.model import Asked, Effect, Run, RunState, StepRow, StepState

WORKER = "worker:"
"""A worker called ``a`` holds the lease ``worker:a``."""

IS_WAITING = text("state = 'queued'")
IS_OPEN = text("state IN ('running', 'paused', 'parked')")
"""The conditions of the two indexes over what has not ended. A query that says them word for word uses these indexes on
SQLite as well, however many runs have ended."""

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

run_table = Table(
    "work_run",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(60), nullable=False, unique=True),
    Column("kind", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("agency", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("inputs", Document, nullable=False),
    Column("input_digest", String(64), nullable=False),
    Column("key", String(200), nullable=False),
    Column("account", String(60), nullable=False),
    Column("person", String(60), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asked", String(8), nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("deadline", Instant),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("worker", String(100), nullable=False),
    Column("worker_number", BigInteger, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("note", String(200), nullable=False),
    Column("outcome", Document),
    Column("reason", String(80), nullable=False),
    Column("reason_exit", Integer, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("enqueued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("kind", "key"),
    # What waits, by lane and in order: the only rows a worker looks through, however many have ended.
    Index(
        "ix_work_run_waiting",
        "kind",
        "agency",
        "priority",
        "number",
        sqlite_where=IS_WAITING,
        postgresql_where=IS_WAITING,
    ),
    Index(
        "ix_work_run_open",
        "state",
        "kind",
        "agency",
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    ),
    Index("ix_work_run_subject", "subject"),
    Index("ix_work_run_agency_number", "agency", "number"),
)
runs = AgencyOwned(run_table)
IS_RUNNING = and_(IS_OPEN, run_table.c.state == RunState.RUNNING.value)
"""``IS_OPEN`` and running, by the same index."""

step_table = Table(
    "work_step",
    metadata,
    Column("run", ForeignKey("work_run.number"), primary_key=True),
    Column("step", String(100), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("effect", String(16), nullable=False),
    Column("key", String(200), nullable=False),
    Column("input_digest", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("outcome", Document),
    Column("reason", Text, nullable=False),
    Column("worker", String(100), nullable=False),
    Column("worker_number", BigInteger, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
steps = AgencyOwned(step_table)

served_table = Table(
    "work_served",
    metadata,
    Column("kind", String(60), primary_key=True),
    Column("agency", String(40), primary_key=True),
    Column("turn", BigInteger, nullable=False),
)
"""When each agency was last served, as a turn that only grows: the memory behind taking turns. The row without an
agency is the kind's lock."""
served = AgencyOwned(served_table)

pause_table = Table(
    "work_pause",
    metadata,
    Column("kind", String(60), primary_key=True),
    Column("account", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    Column("paused_at", Instant, nullable=False),
)
"""Kinds of work nobody starts for now."""

worker_table = Table(
    "work_worker",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("holder", String(200), nullable=False),
    Column("host", String(100), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String(40), nullable=False),
    Column("kinds", Document, nullable=False),
    Column("started_at", Instant, nullable=False),
)
"""The newest holder of each worker's name; whether it lives is said by its lease."""


def run_of(row: RowMapping) -> Run:
    """A row as a value."""
    facts: dict[str, Any] = dict(row)
    facts["state"] = RunState(facts["state"])
    facts["asked"] = Asked(facts["asked"])
    return Run(**facts)


def step_of(row: Mapping[Any, Any]) -> StepRow:
    """A row as a value."""
    facts: dict[str, Any] = {name: row[name] for name in StepRow.__dataclass_fields__}
    facts["effect"] = Effect(facts["effect"])
    facts["state"] = StepState(facts["state"])
    return StepRow(**facts)
