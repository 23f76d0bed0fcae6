"""The steps of a run: each done once as far as its effect allows, its row written with the fact it makes.

read            looks; done again after a kill
fact            a fact of our own records: row and fact in one transaction, so it happens exactly once
idempotent      an effect outside that may be repeated under its key; its fact shares the row's transaction
non_repeatable  an effect outside that must never be repeated: said before, asked about after a kill
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import DatabaseUnavailable, Transaction
from foundation.values.instant import format_instant
from foundation.work.runs.ending import claim_holds, words
from foundation.work.runs.errors import (
    CancelAsked,
    ClaimLost,
    DeadlinePassed,
    NothingHappened,
    OutcomeUnknown,
    Parked,
    PauseAsked,
    StepChanged,
    StepNamedTwice,
    Stopping,
    WorkerStops,
)
from foundation.work.runs.model import (
    UNSETTLED,
    Asked,
    DidNotHappen,
    Effect,
    Found,
    Happened,
    Json,
    NotClear,
    Run,
    StepRow,
    StepState,
)
from foundation.work.runs.tables import run_table, runs, step_of, step_table, steps
from foundation.work.runs.workshop import Workshop

Checkpoint = Callable[[str, Callable[[], Json]], Json]
"""Runs a step under the durable engine's own checkpoint, by its name."""

Recording = Callable[[Transaction, Json], None]
"""Writes the fact (with its audit entry and events) that a step's outcome leads to."""

_NO_FAILURE = (Stopping, ClaimLost, Parked, DatabaseUnavailable)
"""What ends an attempt without the step having failed."""

_AWAY = 120.0
"""Seconds for which a step that is done waits for the database to come back before it gives the attempt up."""


class Steps:
    """What a flow works with: its run, and the steps it takes. Names are unique within a run."""

    def __init__(
        self, workshop: Workshop, run: Run, checkpoint: Checkpoint, *, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self.run = run
        self._workshop = workshop
        self._checkpoint = checkpoint
        self._stopping = stopping
        self._asked = run.asked
        self._ended_here: set[str] = set()
        with workshop.store.reading() as transaction:
            query = steps.select(workshop.scope).where(step_table.c.run == run.number)
            found = [step_of(row) for row in transaction.rows(query.order_by(step_table.c.attempt))]
        self._rows = {row.step: row for row in found}
        self._count = sum(1 for row in self._rows.values() if row.state is StepState.DONE)
        self._says_progress = False

    def read(self, name: str, look: Callable[[], Json], *, inputs: Json = None) -> Json:
        """What ``look`` finds, kept for the rest of the run."""
        return self._step(name, Effect.READ, "", inputs, lambda digest: self._do(name, Effect.READ, "", digest, look))

    def fact(self, name: str, record: Callable[[Transaction], Json], *, inputs: Json = None) -> Json:
        """Write a fact of our own; ``record`` gives the outcome. Exactly once, whatever is killed."""
        key = f"{self.run.id}/{name}"
        return self._step(
            name,
            Effect.IDEMPOTENT,
            key,
            inputs,
            lambda digest: self._commit(name, Effect.IDEMPOTENT, key, digest, record),
        )

    def idempotent(
        self,
        name: str,
        do: Callable[[], Json],
        *,
        key: str,
        record: Recording | None = None,
        inputs: Json = None,
    ) -> Json:
        """Do what changes nothing more when it is repeated under ``key``, then write what it led to."""
        return self._step(
            name,
            Effect.IDEMPOTENT,
            key,
            inputs,
            lambda digest: self._do(name, Effect.IDEMPOTENT, key, digest, do, record),
        )

    def non_repeatable(
        self,
        name: str,
        do: Callable[[], Json],
        *,
        probe: Callable[[], Found] | None = None,
        record: Recording | None = None,
        inputs: Json = None,
    ) -> Json:
        """Do what must not be repeated. If an earlier attempt may have done it, ``probe`` is asked instead; where it
        cannot tell, ``OutcomeUnknown`` parks the run. ``do`` raises ``NothingHappened`` where it certainly did nothing.
        """
        return self._step(
            name, Effect.NON_REPEATABLE, "", inputs, lambda digest: self._once(name, digest, do, probe, record)
        )

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Say how far the run is; also a place where it may be stopped. Without it, finished steps are counted."""
        self._says_progress = True
        with self._workshop.store.transaction(alongside=True) as transaction:
            self._hold(transaction, self._workshop.clock(), done=done, total=total, note=note[:200])
        self.pause_here()

    def note(self, done: int, total: int, note: str) -> None:
        """As ``progress``, from inside an effect that must not be stopped in its middle: it never raises."""
        self._says_progress = True
        with (
            suppress(DatabaseUnavailable, ClaimLost),
            self._workshop.store.transaction(alongside=True) as transaction,
        ):
            self._hold(transaction, self._workshop.clock(), done=done, total=total, note=note[:200])

    def pause_here(self) -> None:
        """Stop here if somebody asked for it, the deadline passed, or the worker stops; done between steps anyway.

        A non-repeatable step that an earlier attempt left open comes first: no run ends without knowing of it.
        """
        if self._stopping():
            raise WorkerStops
        if any(row.state in UNSETTLED for row in self._rows.values()):
            return
        if self._asked is Asked.CANCEL:
            raise CancelAsked
        if self._asked is Asked.PAUSE:
            raise PauseAsked
        deadline = self.run.deadline
        if deadline is not None and self._workshop.clock() >= deadline:
            raise DeadlinePassed(deadline=format_instant(deadline))

    def _step(self, name: str, effect: Effect, key: str, inputs: Json, perform: Callable[[str], Json]) -> Json:
        digest = sha256_hex(canonical_bytes(plain(inputs)))
        if name in self._ended_here:
            raise StepNamedTwice(step=name)
        earlier = self._rows.get(name)
        done = earlier is not None and earlier.state is StepState.DONE
        raised: list[Exception] = []  # kept here, because the engine could only keep a copy of it
        performed = False

        def checkpointed() -> Json:
            nonlocal performed
            performed = True
            try:
                if earlier is not None and done:
                    return {"outcome": self._same(earlier, digest)}
                self.pause_here()
                return {"outcome": perform(digest)}
            except Exception as error:
                raised.append(error)
                if effect is not Effect.NON_REPEATABLE and not isinstance(error, _NO_FAILURE):
                    self._note_failure(name, effect, key, digest, error)
                return {"error": type(error).__name__}

        result = self._checkpoint(name, checkpointed)
        if not performed:  # the engine remembers more than our records say: they are right
            result = checkpointed()
        if raised:
            raise raised[0]
        self._ended_here.add(name)
        return result["outcome"]

    def _note_failure(self, name: str, effect: Effect, key: str, digest: str, error: Exception) -> None:
        """The row of an attempt that failed, for whoever looks at the run; the run's own end says it again."""
        with suppress(DatabaseUnavailable), self._workshop.store.transaction(alongside=True) as transaction:
            now = self._workshop.clock()
            self._hold(transaction, now)
            row = self._row(name, effect, key, digest, now)
            failed = {"state": StepState.FAILED.value, "ended_at": now, "reason": words(error)["reason_en"]}
            transaction.write(insert(step_table).values(**{**row, **failed}))
            self._rows[name] = _as_row({**row, **failed})

    def _same(self, row: StepRow, digest: str) -> Json:
        if row.input_digest != digest:
            raise StepChanged(step=row.step, recorded=row.input_digest[:12], found=digest[:12])
        return row.outcome

    def _do(
        self,
        name: str,
        effect: Effect,
        key: str,
        digest: str,
        do: Callable[[], Json],
        record: Recording | None = None,
    ) -> Json:
        began = self._workshop.clock()
        self._workshop.on_point(f"before-effect:{effect}")
        outcome = plain(do())
        self._workshop.on_point(f"after-effect:{effect}")
        return self._commit(
            name, effect, key, digest, _recorded(record, outcome), began=began, alone=record is not None
        )

    def _commit(
        self,
        name: str,
        effect: Effect,
        key: str,
        digest: str,
        record: Callable[[Transaction], Json],
        *,
        began: datetime | None = None,
        alone: bool = True,
    ) -> Json:
        """The row of a step that is done, in one transaction with what it makes true."""

        def write() -> Json:
            with self._workshop.store.transaction(alongside=not alone) as transaction:
                now = self._workshop.clock()
                row = self._row(name, effect, key, digest, began or now)
                self._hold(transaction, now, **self._counted())
                outcome = plain(record(transaction))
                done = {"state": StepState.DONE.value, "outcome": outcome, "ended_at": now}
                transaction.write(insert(step_table).values(**row, **done))
                self._workshop.on_point(f"in-commit:{effect}")
            return outcome

        outcome = self._until_there(write, name)
        self._workshop.on_point(f"after-commit:{effect}")
        return outcome

    def _until_there(self, write: Callable[[], Json], name: str) -> Json:
        """What is done must get into the records: wait for a database that is away; the claim is checked each time."""
        until, pause, tried = time.monotonic() + _AWAY, 0.2, False
        while True:
            try:
                earlier = self._refreshed(name) if tried else None
                come_through = earlier is not None and earlier.state is StepState.DONE  # the commit did, after all
                outcome = earlier.outcome if earlier is not None and come_through else write()
            except DatabaseUnavailable:
                if time.monotonic() > until or self._stopping():
                    raise
                tried = True
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self._count += 1
                return outcome

    def _refreshed(self, name: str) -> StepRow | None:
        """The step's newest row as it stands in the records now."""
        with self._workshop.store.reading() as transaction:
            query = steps.select(self._workshop.scope).where(
                step_table.c.run == self.run.number, step_table.c.step == name
            )
            found = transaction.rows(query.order_by(step_table.c.attempt.desc()).limit(1))
        return step_of(found[0]) if found else None

    def _once(
        self,
        name: str,
        digest: str,
        do: Callable[[], Json],
        probe: Callable[[], Found] | None,
        record: Recording | None,
    ) -> Json:
        earlier = self._rows.get(name)
        if earlier is not None and earlier.state is StepState.HAPPENED:
            self._same(earlier, digest)
            return self._end_once(earlier, earlier.outcome, record)
        if earlier is not None and earlier.state in {StepState.BEGUN, StepState.UNKNOWN}:
            self._same(earlier, digest)
            found = _asked_of_the_world(probe)
            self._workshop.on_point("probed")
            if isinstance(found, Happened):
                return self._end_once(earlier, plain(found.outcome), record)
            if isinstance(found, NotClear):
                self._leave(earlier, StepState.UNKNOWN, found.because_en)
                raise OutcomeUnknown(step=name, because_zh=found.because_zh, because_en=found.because_en)
            self._leave(earlier, StepState.FAILED, "the probe says that it did not happen")
            self.pause_here()  # it has not been heard while this step was open
        begun = self._begin(name, digest)
        try:
            self._workshop.on_point("before-effect:non_repeatable")
            outcome = plain(do())
            self._workshop.on_point("after-effect:non_repeatable")
        except NothingHappened as error:
            self._leave(begun, StepState.FAILED, error.text("en"))
            raise
        except Exception as error:
            return self._after_failure(begun, error, probe, record)
        return self._end_once(begun, outcome, record)

    def _after_failure(
        self, begun: StepRow, error: Exception, probe: Callable[[], Found] | None, record: Recording | None
    ) -> Json:
        """It failed, which does not say that nothing happened: a time-out comes after the deed as well."""
        found = _asked_of_the_world(probe)
        if isinstance(found, Happened):
            return self._end_once(begun, plain(found.outcome), record)
        if isinstance(found, DidNotHappen):
            self._leave(begun, StepState.FAILED, words(error)["reason_en"])
            raise error
        self._leave(begun, StepState.UNKNOWN, words(error)["reason_en"])
        said = words(error)
        raise OutcomeUnknown(step=begun.step, because_zh=said["reason_zh"], because_en=said["reason_en"]) from error

    def _begin(self, name: str, digest: str) -> StepRow:
        now = self._workshop.clock()
        row = self._row(name, Effect.NON_REPEATABLE, f"{self.run.id}/{name}", digest, now)
        with self._workshop.store.transaction(alongside=True) as transaction:
            self._hold(transaction, now)
            transaction.write(insert(step_table).values(**row, state=StepState.BEGUN.value))
            self._workshop.on_point("in-begin")
        begun = _as_row({**row, "state": StepState.BEGUN.value})
        self._rows[name] = begun
        self._workshop.on_point("begun")
        return begun

    def _end_once(self, begun: StepRow, outcome: Json, record: Recording | None) -> Json:
        def write() -> Json:
            with self._workshop.store.transaction(alongside=record is None) as transaction:
                now = self._workshop.clock()
                self._hold(transaction, now, **self._counted())
                if record is not None:
                    record(transaction, outcome)
                self._change(transaction, begun, state=StepState.DONE.value, outcome=outcome, ended_at=now)
                self._workshop.on_point("in-commit:non_repeatable")
            return outcome

        done = self._until_there(write, begun.step)
        self._rows[begun.step] = replace(begun, state=StepState.DONE, outcome=done)
        self._workshop.on_point("after-commit:non_repeatable")
        return done

    def _leave(self, begun: StepRow, state: StepState, reason: str) -> None:
        with self._workshop.store.transaction(alongside=True) as transaction:
            now = self._workshop.clock()
            self._hold(transaction, now)
            self._change(transaction, begun, state=state.value, reason=reason[:2000], ended_at=now)
        self._rows[begun.step] = replace(begun, state=state, reason=reason)

    def _change(self, transaction: Transaction, row: StepRow, **values: Any) -> None:
        changed = transaction.write(
            steps.update(self._workshop.scope)
            .where(step_table.c.run == self.run.number, step_table.c.step == row.step)
            .where(step_table.c.attempt == row.attempt, step_table.c.state == row.state.value)
            .values(**values)
        )
        if not changed:
            raise ClaimLost(id=self.run.id)

    def _row(self, name: str, effect: Effect, key: str, digest: str, began: datetime) -> dict[str, Any]:
        return {
            "run": self.run.number,
            "step": name,
            "attempt": 1 if name not in self._rows else self._rows[name].attempt + 1,
            "agency": self.run.agency,
            "effect": effect.value,
            "key": key,
            "input_digest": digest,
            "reason": "",
            "worker": self.run.worker,
            "worker_number": self.run.worker_number,
            "began_at": began,
        }

    def _counted(self) -> Mapping[str, int]:
        return {} if self._says_progress else {"done": self._count + 1}

    def _hold(self, transaction: Transaction, now: datetime, **values: Any) -> None:
        """Lock the run's row under our fencing numbers, and hear what was asked meanwhile; raises ``ClaimLost``."""
        row = transaction.row(
            runs.update(self._workshop.scope)
            .where(claim_holds(self.run))
            .values(updated_at=now, **values)
            .returning(run_table.c.asked)
        )
        if row is None:
            raise ClaimLost(id=self.run.id)
        self._asked = Asked(row["asked"])


def _as_row(facts: Mapping[str, Any]) -> StepRow:
    """A row that was just written, as a value."""
    return step_of({"outcome": None, "ended_at": None, **facts})


def _asked_of_the_world(probe: Callable[[], Found] | None) -> Found:
    """What the probe says; one that fails has not said anything."""
    if probe is None:
        return NotClear("该步骤没有查询手段", "the step has no probe")
    try:
        return probe()
    except Exception as error:  # whatever went wrong in asking, the answer is missing
        said = words(error)
        return NotClear(f"查询失败:{said['reason_zh']}", f"the probe failed: {said['reason_en']}")


def _recorded(record: Recording | None, outcome: Json) -> Callable[[Transaction], Json]:
    def write(transaction: Transaction) -> Json:
        if record is not None:
            record(transaction, outcome)
        return outcome

    return write
