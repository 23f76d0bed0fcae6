"""Looking at runs: lists, one with its steps, counts. What page, command line and metrics show comes from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select

from foundation.store import Scope, Transaction
from foundation.values.instant import Clock
from foundation.work.leases import lease_table
from foundation.work.runs.errors import UnknownRun
from foundation.work.runs.model import Run, RunState, StepRow
from foundation.work.runs.tables import (
    IS_OPEN,
    IS_WAITING,
    WORKER,
    run_of,
    run_table,
    runs,
    step_of,
    step_table,
    steps,
    worker_table,
)

OPEN = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.PARKED})
"""States that are not the end."""


UNDER_WAY = OPEN - {RunState.QUEUED}
"""Open, and no longer waiting for a turn."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker's name and its newest holder; ``alive`` while its lease has not run out."""

    name: str
    number: int
    holder: str
    host: str
    pid: int
    version: str
    kinds: Mapping[str, Sequence[int]]
    started_at: datetime
    alive: bool
    until: datetime | None


def find_runs(
    transaction: Transaction,
    scope: Scope,
    *,
    states: Set[RunState] | None = None,
    kind: str | None = None,
    agency: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Run]:
    """Runs inside the scope, newest first; ``before`` a run's number goes on from there."""
    query = runs.select(scope)
    if states is not None:
        query = query.where(run_table.c.state.in_(sorted(states)))
        if states == {RunState.QUEUED}:
            query = query.where(IS_WAITING)
        elif states <= UNDER_WAY:
            query = query.where(IS_OPEN)
    for column, wanted in ((run_table.c.kind, kind), (run_table.c.agency, agency), (run_table.c.subject, subject)):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(run_table.c.number < before)
    return [run_of(row) for row in transaction.rows(query.order_by(run_table.c.number.desc()).limit(limit))]


def read_run(transaction: Transaction, scope: Scope, id_: str) -> Run:
    """One run; raises ``UnknownRun``."""
    row = transaction.row(runs.select(scope).where(run_table.c.id == id_))
    if row is None:
        raise UnknownRun(id=id_)
    return run_of(row)


def read_runs(transaction: Transaction, scope: Scope, ids: Iterable[str]) -> Mapping[str, Run]:
    """Runs by id, many by one query; those that are unknown are left out."""
    wanted = sorted(ids)
    found: list[Run] = []
    for start in range(0, len(wanted), _AT_ONCE):
        some = runs.select(scope).where(run_table.c.id.in_(wanted[start : start + _AT_ONCE]))
        found += [run_of(row) for row in transaction.rows(some)]
    return {run.id: run for run in found}


def read_steps(transaction: Transaction, scope: Scope, run: Run) -> Sequence[StepRow]:
    """Every attempt at every step, in the order they began."""
    query = steps.select(scope).where(step_table.c.run == run.number)
    query = query.order_by(step_table.c.began_at, step_table.c.step, step_table.c.attempt)
    return [step_of(row) for row in transaction.rows(query)]


def workers(transaction: Transaction, *, clock: Clock) -> Sequence[WorkerRow]:
    """Every worker's name ever held, with whether it is held now."""
    now = clock()
    query = select(worker_table, lease_table.c.expires_at, lease_table.c.number.label("lease_number"))
    query = query.outerjoin(lease_table, lease_table.c.name == WORKER + worker_table.c.name)
    return [_worker(row, now) for row in transaction.rows(query.order_by(worker_table.c.name))]


def _worker(row: RowMapping, now: datetime) -> WorkerRow:
    until = row["expires_at"]
    own = {name: row[name] for name in ("name", "number", "holder", "host", "pid", "version", "kinds", "started_at")}
    alive = until is not None and until > now and row["lease_number"] == row["number"]
    return WorkerRow(**own, alive=alive, until=until)
