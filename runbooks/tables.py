"""The tables of runs and of their steps, and their queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, RowMapping, String, Table, desc, func

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from runbooks.model import Outcome, Run, RunState, StepRecord

run_table = AgencyOwned(
    Table(
        "runbook_run",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("runbook", String(60), nullable=False),
        Column("environment", String(64), nullable=False, index=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("deployment", String(60), nullable=False),
        Column("state", String(20), nullable=False),
        Column("person", ForeignKey("person.id"), nullable=False),
        Column("account", ForeignKey("account.name"), nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("ended_at", Instant),
    )
)
step_table = AgencyOwned(
    Table(
        "runbook_step",
        metadata,
        Column("run", ForeignKey("runbook_run.id"), primary_key=True),
        Column("step", String(60), primary_key=True),
        Column("attempt", Integer, primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("outcome", String(20), nullable=False),
        Column("found", Document, nullable=False),
        Column("began_at", Instant, nullable=False),
        Column("ended_at", Instant),
    )
)


def insert_run(transaction: Transaction, run: Run) -> None:
    """Write a run that begins."""
    transaction.write(
        run_table.insert().values(
            id=run.id,
            runbook=run.runbook,
            environment=run.environment,
            agency=run.agency,
            deployment=run.deployment,
            state=run.state.value,
            person=run.person,
            account=run.account,
            started_at=run.started_at,
            ended_at=run.ended_at,
        )
    )


def end_run(transaction: Transaction, scope: Scope, run: str, state: RunState, ended_at: datetime) -> None:
    """Write a run's end."""
    ending = run_table.update(scope).where(run_table.c.id == run)
    transaction.write(ending.values(state=state.value, ended_at=ended_at))


def begin_step(transaction: Transaction, scope: Scope, run: Run, step: str, began_at: datetime) -> StepRecord:
    """Write that an attempt at a step begins: the next of that step in this run."""
    query = step_table.select(scope, func.max(step_table.c.attempt))
    last = transaction.value(query.where(step_table.c.run == run.id, step_table.c.step == step))
    record = StepRecord(run.id, step, (last or 0) + 1, Outcome.BEGUN, (), began_at, None)
    transaction.write(
        step_table.insert().values(
            run=run.id,
            step=step,
            attempt=record.attempt,
            agency=run.agency,
            outcome=record.outcome.value,
            found=[],
            began_at=began_at,
        )
    )
    return record


def end_step(transaction: Transaction, scope: Scope, record: StepRecord) -> None:
    """Write how an attempt went."""
    ending = step_table.update(scope).where(
        step_table.c.run == record.run, step_table.c.step == record.step, step_table.c.attempt == record.attempt
    )
    transaction.write(ending.values(outcome=record.outcome.value, found=list(record.found), ended_at=record.ended_at))


def running(transaction: Transaction, scope: Scope, runbook: str, environment: str) -> Run | None:
    """The run of a runbook on an environment that has not ended."""
    query = run_table.select(scope).where(
        run_table.c.runbook == runbook,
        run_table.c.environment == environment,
        run_table.c.state == RunState.RUNNING.value,
    )
    rows = transaction.rows(query.order_by(desc(run_table.c.started_at)).limit(1))
    return _run(rows[0]) if rows else None


def read_runs(transaction: Transaction, scope: Scope, environment: str | None) -> Sequence[Run]:
    """Runs with their steps, newest first."""
    query = run_table.select(scope).order_by(desc(run_table.c.started_at), run_table.c.id)
    if environment is not None:
        query = query.where(run_table.c.environment == environment)
    steps: dict[str, list[StepRecord]] = {}
    for row in transaction.rows(step_table.select(scope).order_by(step_table.c.began_at, step_table.c.attempt)):
        steps.setdefault(row["run"], []).append(_step(row))
    return [replace(_run(row), steps=tuple(steps.get(row["id"], ()))) for row in transaction.rows(query)]


def _run(row: RowMapping) -> Run:
    return Run(**{**row, "state": RunState(row["state"])})


def _step(row: RowMapping) -> StepRecord:
    return StepRecord(
        run=row["run"],
        step=row["step"],
        attempt=row["attempt"],
        outcome=Outcome(row["outcome"]),
        found=tuple(row["found"]),
        began_at=row["began_at"],
        ended_at=row["ended_at"],
    )
