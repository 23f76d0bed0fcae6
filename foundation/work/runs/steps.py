"""The steps of a run: each done once as far as its effect allows, its row written with the fact it makes.

read            looks; done again after a kill
fact            a fact of our own records: row and fact in one transaction, so it happens exactly once
idempotent      an effect outside that may be repeated under its key; its fact shares the row's transaction
non_repeatable  an effect outside that must never be repeated: said before, asked about after a kill
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import DatabaseUnavailable, Transaction
from foundation.values.instant import format_instant
from foundation.work.runs.ending import words
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
from foundation.work.runs.recording import StepRecords, as_row
from foundation.work.runs.tables import step_table
from foundation.work.runs.workshop import Workshop

Recording = Callable[[Transaction, Json], None]
"""Writes the fact (with its audit entry and events) that a step's outcome leads to."""

_NO_FAILURE = (Stopping, ClaimLost, Parked, DatabaseUnavailable)
"""What ends an attempt without the step having failed."""


class Steps:
    """What a flow works with: its run, and the steps it takes. Names are unique within a run."""

    def __init__(self, workshop: Workshop, run: Run, *, stopping: Callable[[], bool] = lambda: False) -> None:
        self.run = run
        self._workshop = workshop
        self._stopping = stopping
        self._ended_here: set[str] = set()
        self._records = StepRecords(workshop, run, stopping=stopping)

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
        self._records.says_progress = True
        with self._workshop.store.transaction(alongside=True) as transaction:
            self._records.hold(transaction, self._workshop.clock(), done=done, total=total, note=note[:200])
        self.pause_here()

    def note(self, done: int, total: int, note: str) -> None:
        """As ``progress``, from inside an effect that must not be stopped in its middle: it never raises."""
        self._records.says_progress = True
        with (
            suppress(DatabaseUnavailable, ClaimLost),
            self._workshop.store.transaction(alongside=True) as transaction,
        ):
            self._records.hold(transaction, self._workshop.clock(), done=done, total=total, note=note[:200])

    def pause_here(self) -> None:
        """Stop here if somebody asked for it, the deadline passed, or the worker stops; done between steps anyway.

        A non-repeatable step that an earlier attempt left open comes first: no run ends without knowing of it.
        """
        if self._stopping():
            raise WorkerStops
        if self._records.unsettled:
            return
        if self._records.asked is Asked.CANCEL:
            raise CancelAsked
        if self._records.asked is Asked.PAUSE:
            raise PauseAsked
        deadline = self.run.deadline
        if deadline is not None and self._workshop.clock() >= deadline:
            raise DeadlinePassed(deadline=format_instant(deadline))

    def _step(self, name: str, effect: Effect, key: str, inputs: Json, perform: Callable[[str], Json]) -> Json:
        digest = sha256_hex(canonical_bytes(plain(inputs)))
        if name in self._ended_here:
            raise StepNamedTwice(step=name)
        earlier = self._records.rows.get(name)
        if earlier is not None and earlier.state is StepState.DONE:
            outcome = self._same(earlier, digest)
        else:
            self.pause_here()
            try:
                outcome = perform(digest)
            except _NO_FAILURE:
                raise
            except Exception as error:
                if effect is not Effect.NON_REPEATABLE:
                    self._records.note_failure(name, effect, key, digest, error)
                raise
        self._ended_here.add(name)
        return outcome

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
                row = self._records.new(name, effect, key, digest, began or now)
                self._records.hold(transaction, now, **self._records.counted())
                outcome = plain(record(transaction))
                done = {"state": StepState.DONE.value, "outcome": outcome, "ended_at": now}
                transaction.add(step_table, {**row, **done})
                self._workshop.on_point(f"in-commit:{effect}")
            return outcome

        outcome = self._records.until_there(write, name)
        self._workshop.on_point(f"after-commit:{effect}")
        return outcome

    def _once(
        self,
        name: str,
        digest: str,
        do: Callable[[], Json],
        probe: Callable[[], Found] | None,
        record: Recording | None,
    ) -> Json:
        earlier = self._records.rows.get(name)
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
                self._records.leave(earlier, StepState.UNKNOWN, found.because_en)
                raise OutcomeUnknown(step=name, because_zh=found.because_zh, because_en=found.because_en)
            self._records.leave(earlier, StepState.FAILED, "the probe says that it did not happen")
            self.pause_here()  # it has not been heard while this step was open
        begun = self._begin(name, digest)
        try:
            self._workshop.on_point("before-effect:non_repeatable")
            outcome = plain(do())
            self._workshop.on_point("after-effect:non_repeatable")
        except NothingHappened as error:
            self._records.leave(begun, StepState.FAILED, error.text("en"))
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
            self._records.leave(begun, StepState.FAILED, words(error)["reason_en"])
            raise error
        self._records.leave(begun, StepState.UNKNOWN, words(error)["reason_en"])
        said = words(error)
        raise OutcomeUnknown(step=begun.step, because_zh=said["reason_zh"], because_en=said["reason_en"]) from error

    def _begin(self, name: str, digest: str) -> StepRow:
        now = self._workshop.clock()
        row = self._records.new(name, Effect.NON_REPEATABLE, f"{self.run.id}/{name}", digest, now)
        with self._workshop.store.transaction(alongside=True) as transaction:
            self._records.hold(transaction, now)
            transaction.write(insert(step_table).values(**row, state=StepState.BEGUN.value))
            self._workshop.on_point("in-begin")
        begun = as_row({**row, "state": StepState.BEGUN.value})
        self._records.rows[name] = begun
        self._workshop.on_point("begun")
        return begun

    def _end_once(self, begun: StepRow, outcome: Json, record: Recording | None) -> Json:
        def write() -> Json:
            with self._workshop.store.transaction(alongside=record is None) as transaction:
                now = self._workshop.clock()
                self._records.hold(transaction, now, **self._records.counted())
                if record is not None:
                    record(transaction, outcome)
                self._records.change(transaction, begun, state=StepState.DONE.value, outcome=outcome, ended_at=now)
                self._workshop.on_point("in-commit:non_repeatable")
            return outcome

        done = self._records.until_there(write, begun.step)
        self._records.rows[begun.step] = replace(begun, state=StepState.DONE, outcome=done)
        self._workshop.on_point("after-commit:non_repeatable")
        return done


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
