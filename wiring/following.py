"""Seeing a run through: by a worker that is there, or here in the foreground where none is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from foundation.store import Scope
from foundation.values.errors import GuanyunError, Language
from foundation.work import LeaseHeld, died
from foundation.work.runs import Run, RunState, read_run, workers
from wiring.work import station, workshop

if TYPE_CHECKING:
    from wiring.application import Application

Tell = Callable[[Run], None]
_POLL = 0.25
_SETTLED = frozenset({RunState.PAUSED, RunState.PARKED})


class NotSucceeded(GuanyunError):
    """A run stands where it needs a person, or has ended otherwise than it should; says what its row says."""

    code = "work.not-succeeded"
    exit_status = 5
    zh = "任务 {run} {state_zh}"
    en = "run {run} is {state}"

    def __init__(self, run: Run) -> None:
        if run.reason:
            self.code = run.reason  # type: ignore[misc]
            self.exit_status = run.reason_exit or 5  # type: ignore[misc]
        self._run = run
        super().__init__(run=run.id, state=run.state.value, state_zh=run.state.zh)

    def text(self, language: Language) -> str:
        """The reason on record, and how to look at the run."""
        run = self._run
        if language == "zh":
            return f"{run.reason_zh or run.state.zh}(任务 {run.id} {run.state.zh};guanyun work show {run.id})"
        return f"{run.reason_en or run.state.value} (run {run.id} {run.state.value}; guanyun work show {run.id})"


def see_through(application: Application, id_: str, *, scope: Scope, tell: Tell) -> Run:
    """Follow the run until it has ended or waits for a person; where no worker lives, carry it out here.

    ``tell`` hears the run whenever it was looked at. Returns the run however it ended.
    """

    def look() -> Run:
        with application.store.reading() as transaction:
            run = read_run(transaction, scope, id_)
        tell(run)
        return run

    def settled(run: Run) -> bool:
        return run.over or run.state in _SETTLED

    while not settled(run := look()):
        if somebody_works(application) or not work_here(application, lambda: settled(look()), only=id_):
            time.sleep(_POLL)
    return run


def outcome_of(run: Run) -> Run:
    """The run if it succeeded; raises ``NotSucceeded`` with the words on record."""
    if run.state is not RunState.SUCCEEDED:
        raise NotSucceeded(run)
    return run


def somebody_works(application: Application) -> bool:
    """Whether a worker lives."""
    with application.store.reading() as transaction:
        rows = workers(transaction, clock=application.office.clocks.real)
    return any(row.alive and not died(row.holder) for row in rows)


def work_here(application: Application, until: Callable[[], bool], *, only: str | None = None) -> bool:
    """Work in this process as a worker does, at everything that waits or at ``only`` one run, until ``until`` says so.
    False where somebody else has begun to work meanwhile."""
    from foundation.work.runs.worker import at_work

    try:
        with at_work(workshop(application), station(application), only=only, died=died) as shift:
            shift.run(until=until)
    except LeaseHeld:
        return False
    return True
