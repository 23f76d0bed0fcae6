"""What the records say of a run's steps: read once at the start of an attempt, written only under its claim."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from sqlalchemy.sql.dml import ReturningUpdate

from foundation.store import DatabaseUnavailable, Scope, Transaction
from foundation.work.runs.ending import CLAIM_HOLDS, claim_of, words
from foundation.work.runs.errors import ClaimLost
from foundation.work.runs.model import UNSETTLED, Asked, Effect, Json, Run, StepRow, StepState
from foundation.work.runs.tables import run_table, runs, step_of, step_table, steps
from foundation.work.runs.workshop import Workshop

_log = structlog.get_logger("guanyun.work")

_AWAY = 120.0
"""Seconds for which a step that is done waits for the database to come back before it gives the attempt up."""


class StepRecords:
    """The newest row of each step, by name, and what somebody asked of the run meanwhile."""

    def __init__(self, workshop: Workshop, run: Run, *, stopping: Callable[[], bool]) -> None:
        self._workshop = workshop
        self._run = run
        self._stopping = stopping
        self.asked = run.asked
        self.says_progress = False
        with workshop.store.reading() as transaction:
            query = steps.select(workshop.scope).where(step_table.c.run == run.number)
            found = [step_of(row) for row in transaction.rows(query.order_by(step_table.c.attempt))]
        self.rows = {row.step: row for row in found}
        self.count = sum(1 for row in self.rows.values() if row.state is StepState.DONE)

    @property
    def unsettled(self) -> bool:
        """Whether a non-repeatable step was left open by an earlier attempt."""
        return any(row.state in UNSETTLED for row in self.rows.values())

    def note_failure(self, name: str, effect: Effect, key: str, digest: str, error: Exception) -> None:
        """The row of an attempt that failed, for whoever looks at the run; the run's own end says it again."""
        with (
            suppress(DatabaseUnavailable, ClaimLost),
            self._workshop.store.transaction(alongside=True) as transaction,
        ):
            now = self._workshop.clock()
            self.hold(transaction, now)
            row = self.new(name, effect, key, digest, now)
            failed = {"state": StepState.FAILED.value, "ended_at": now, "reason": words(error)["reason_en"]}
            transaction.add(step_table, {**row, **failed})
            self.rows[name] = as_row({**row, **failed})

    def until_there(self, write: Callable[[], Json], name: str) -> Json:
        """What is done must get into the records: wait for a database that is away; the claim is checked each time."""
        until, pause, tried = time.monotonic() + _AWAY, 0.2, False
        while True:
            try:
                earlier = self._refreshed(name) if tried else None
                come_through = earlier is not None and earlier.state is StepState.DONE  # the commit did, after all
                outcome = earlier.outcome if earlier is not None and come_through else write()
            except DatabaseUnavailable as away:
                if time.monotonic() > until or self._stopping():
                    raise
                _log.warning("work.database-away", run=self._run.id, step=name, because=away.text("en"))
                tried = True
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self.count += 1
                return outcome

    def _refreshed(self, name: str) -> StepRow | None:
        """The step's newest row as it stands in the records now."""
        with self._workshop.store.reading() as transaction:
            query = steps.select(self._workshop.scope).where(
                step_table.c.run == self._run.number, step_table.c.step == name
            )
            found = transaction.rows(query.order_by(step_table.c.attempt.desc()).limit(1))
        return step_of(found[0]) if found else None

    def leave(self, begun: StepRow, state: StepState, reason: str) -> None:
        """Leave a step in ``state``."""
        with self._workshop.store.transaction(alongside=True) as transaction:
            now = self._workshop.clock()
            self.hold(transaction, now)
            self.change(transaction, begun, state=state.value, reason=reason[:2000], ended_at=now)
        self.rows[begun.step] = replace(begun, state=state, reason=reason)

    def change(self, transaction: Transaction, row: StepRow, **values: Any) -> None:
        """Change a step's row if it stands as it was read; raises ``ClaimLost``."""
        changed = transaction.write(
            steps.update(self._workshop.scope)
            .where(step_table.c.run == self._run.number, step_table.c.step == row.step)
            .where(step_table.c.attempt == row.attempt, step_table.c.state == row.state.value)
            .values(**values)
        )
        if not changed:
            raise ClaimLost(id=self._run.id)

    def new(self, name: str, effect: Effect, key: str, digest: str, began: datetime) -> dict[str, Any]:
        """The row of a new attempt at a step, its state left open."""
        return {
            "run": self._run.number,
            "step": name,
            "attempt": 1 if name not in self.rows else self.rows[name].attempt + 1,
            "agency": self._run.agency,
            "effect": effect.value,
            "key": key,
            "input_digest": digest,
            "reason": "",
            "worker": self._run.worker,
            "worker_number": self._run.worker_number,
            "began_at": began,
        }

    def counted(self) -> Mapping[str, int]:
        """What one more finished step makes of the run's progress."""
        return {} if self.says_progress else {"done": self.count + 1}

    def hold(self, transaction: Transaction, now: datetime, **values: Any) -> None:
        """Lock the run's row under our fencing numbers, and hear what was asked meanwhile; raises ``ClaimLost``."""
        row = transaction.row(_holding(self._workshop.scope), {**claim_of(self._run), "updated_at": now, **values})
        if row is None:
            raise ClaimLost(id=self._run.id)
        self.asked = Asked(row["asked"])


@cache
def _holding(scope: Scope) -> ReturningUpdate[Any]:
    """The statement of ``hold``, built once."""
    holding: ReturningUpdate[Any] = runs.update(scope).where(CLAIM_HOLDS).returning(run_table.c.asked)
    return holding


def as_row(facts: Mapping[str, Any]) -> StepRow:
    """A row that was just written, as a value."""
    return step_of({"outcome": None, "ended_at": None, **facts})
