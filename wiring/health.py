"""How the installation stands, in counts: what the health page, the probes and the doctor tell. No agency's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from sqlalchemy import func

from foundation.store import Scope, Transaction
from foundation.values.errors import GuanyunError
from foundation.values.month import shanghai_day
from foundation.work import died, in_words
from foundation.work.runs import RunState, paused_kinds, workers
from foundation.work.runs.tables import run_table, runs
from governance.authority import machine_scope
from wiring.database import HEAD, check_current

if TYPE_CHECKING:
    from wiring.application import Application

LATE = timedelta(minutes=1)
LAGGING = timedelta(minutes=5)
"""An event that waits longer than this is worth a person's look."""
_SHOWN = (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.PARKED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not ready, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class WorkerStands:
    """A worker's name and whether somebody works under it now."""

    name: str
    holder: str
    version: str
    up: bool


@dataclass(frozen=True, slots=True)
class Health:
    """What is known now. With ``away`` set, the database did not answer and nothing else is known."""

    at: datetime
    program: str
    schema: str
    away: Reason | None = None
    workers: tuple[WorkerStands, ...] = ()
    runs: Mapping[RunState, int] = field(default_factory=dict)
    paused_kinds: tuple[str, ...] = ()
    events_waiting: int = 0
    events_oldest: timedelta | None = None
    dead_letters: int = 0
    due_late: int = 0
    due_late_by: timedelta | None = None
    awaiting_calendar: int = 0
    calendar_missing: int | None = None

    @property
    def worker_up(self) -> bool:
        """Whether anybody works."""
        return any(worker.up for worker in self.workers)

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look now."""
        lagging = self.events_oldest is not None and self.events_oldest > LAGGING
        trouble = (self.away is not None, not self.worker_up, bool(self.runs.get(RunState.PARKED)), bool(self.due_late))
        return any(trouble) or self.dead_letters > 0 or lagging


def not_ready(application: Application) -> list[Reason]:
    """Why nothing can be done with the records now; empty where all is well."""
    try:
        check_current(application.store)
    except GuanyunError as error:
        return [reason_of(error)]
    return []


def reason_of(error: GuanyunError) -> Reason:
    """An error of ours as a reason."""
    return Reason(error.code, error.text("zh"), error.text("en"))


def read_health(application: Application) -> Health:
    """Look at everything once, in one snapshot; costs a few queries over open work, however much has ended."""
    now, scope = application.office.clocks.real(), machine_scope()
    bare = Health(at=now, program=version("guanyun"), schema=HEAD)
    reasons = not_ready(application)
    if reasons:
        return Health(at=now, program=bare.program, schema=HEAD, away=reasons[0])
    try:
        with application.store.reading() as transaction:
            return _read(application, transaction, scope, bare)
    except GuanyunError as error:
        return Health(at=now, program=bare.program, schema=HEAD, away=reason_of(error))


def _read(application: Application, transaction: Transaction, scope: Scope, bare: Health) -> Health:
    from foundation.work.due.tables import due_rules, rule_table
    from foundation.work.outbox import lag
    from governance.calendar import calendar_at, missing_warning
    from wiring.subscriptions import subscribers

    behind = lag(transaction, subscribers(application), bare.at)
    oldest = [each.oldest for each in behind if each.oldest is not None]
    columns = (func.count().label("many"), func.min(rule_table.c.next_at).label("since"))
    late = transaction.rows(due_rules.select(scope, *columns).where(rule_table.c.next_at <= bare.at - LATE))[0]
    awaiting = due_rules.select(scope, func.count()).where(rule_table.c.awaiting_year.is_not(None))
    return Health(
        at=bare.at,
        program=bare.program,
        schema=bare.schema,
        workers=tuple(
            WorkerStands(row.name, in_words(row.holder), row.version, row.alive and not died(row.holder))
            for row in workers(transaction, clock=application.office.clocks.real)
        ),
        runs=open_runs(transaction, scope),
        paused_kinds=tuple(sorted(paused_kinds(transaction))),
        events_waiting=sum(each.waiting for each in behind),
        events_oldest=max(oldest, default=None),
        dead_letters=sum(each.dead for each in behind),
        due_late=late["many"],
        due_late_by=None if late["since"] is None else bare.at - late["since"],
        awaiting_calendar=transaction.value(awaiting),
        calendar_missing=missing_warning(shanghai_day(bare.at), calendar_at(transaction)),
    )


def open_runs(transaction: Transaction, scope: Scope) -> dict[RunState, int]:
    """How many runs are open, by state, from the indexes that hold open runs alone."""
    from foundation.work.runs.tables import IS_OPEN, IS_WAITING

    many = dict.fromkeys(_SHOWN, 0)
    for condition in (IS_WAITING, IS_OPEN):
        query = runs.select(scope, run_table.c.state, func.count().label("many")).where(condition)
        for row in transaction.rows(query.group_by(run_table.c.state)):
            many[RunState(row["state"])] = row["many"]
    return many
