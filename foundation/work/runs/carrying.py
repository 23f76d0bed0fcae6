"""Carrying a claimed run through to an end that stands in the records."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from foundation.evidence import plain
from foundation.store import DatabaseUnavailable
from foundation.values.errors import GuanyunError
from foundation.work.runs.ending import end_with, succeed
from foundation.work.runs.errors import ClaimLost, CodeChanged, CodeRemoved
from foundation.work.runs.model import Run, RunState
from foundation.work.runs.steps import Steps
from foundation.work.runs.workshop import Workshop

_log = structlog.get_logger("guanyun.work")


def carry_out(workshop: Workshop, run: Run, *, stopping: Callable[[], bool] = lambda: False) -> RunState | None:
    """Run the flow of a claimed run: where it stands then, or None if another worker has it."""
    log = _log.bind(run=run.id, kind=run.kind, attempt=run.attempt, agency=run.agency, subject=run.subject)
    kind = workshop.kinds.get(run.kind)
    log.info("work.run-started")
    error: Exception | None = None
    outcome = None
    with structlog.contextvars.bound_contextvars(run=run.id):
        try:
            if kind is None:
                raise CodeRemoved(kind=run.kind)
            if not kind.can_finish(run.version):
                finishes = sorted({kind.version, *kind.finishes})
                raise CodeChanged(kind=run.kind, found=run.version, expected=finishes)
            steps = Steps(workshop, run, stopping=stopping)
            steps.pause_here()
            outcome = plain(kind.flow(steps))
        except Exception as raised:
            error = raised
            if isinstance(raised, GuanyunError):
                log.info("work.attempt-ended", reason=raised.code, because=raised.text("en"))
            else:
                log.error("work.attempt-failed", exc_info=raised)
        if isinstance(error, ClaimLost):
            return None
        state = _put_on_record(workshop, run, error, outcome, stopping)
    log.info("work.run-ended", state=None if state is None else state.value)
    workshop.on_point("after-end")
    return state


def _put_on_record(
    workshop: Workshop, run: Run, error: Exception | None, outcome: object, stopping: Callable[[], bool]
) -> RunState | None:
    """Write the end, waiting for a database that is away; a run that cannot be written down is taken up again later."""
    kind = workshop.kinds.get(run.kind)
    pause = 0.2
    while True:
        try:
            if error is None:
                return succeed(workshop, run, outcome)
            return end_with(workshop, kind, run, error)
        except ClaimLost:
            return None
        except DatabaseUnavailable as away:
            if stopping():
                return None
            _log.warning("work.database-away", run=run.id, because=away.text("en"))
            time.sleep(pause)
            pause = min(pause * 2, 5.0)
