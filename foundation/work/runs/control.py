"""What a person may do to a run, in the caller's transaction, beside the audit entry of who did it and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select

from foundation.store import Scope, Transaction
from foundation.values.instant import Clock
from foundation.work.runs.errors import UnknownRun, WrongState
from foundation.work.runs.model import UNSETTLED, Asked, Json, Run, RunState, StepState
from foundation.work.runs.tables import pause_table, run_of, run_table, runs, step_of, step_table, steps

_Reason = dict[str, Any]


def cancel(transaction: Transaction, scope: Scope, id_: str, *, because: str, clock: Clock) -> Run:
    """Cancel a run: at its next step if it is running, otherwise at once. A cancelled one stays as it is.

    A waiting run with a non-repeatable step that was begun and not ended is first taken up once more, to find out
    what became of it.
    """
    run = _locked(transaction, scope, id_)
    if run.state is RunState.CANCELLED:
        return run
    if run.over:
        raise _wrong(run, "cancel", "queued", "running", "paused", "parked")
    now = clock()
    open_step = run.state is not RunState.PARKED and _unsettled(transaction, scope, run)
    if run.asked is Asked.CANCEL and (open_step or run.state is RunState.RUNNING):
        return run
    if run.state is RunState.RUNNING:
        return _change(transaction, scope, run, now, asked=Asked.CANCEL.value)
    if open_step:
        return _back(transaction, scope, run, now, asked=Asked.CANCEL)
    return _change(
        transaction,
        scope,
        run,
        now,
        state=RunState.CANCELLED.value,
        asked=Asked.NOTHING.value,
        ended_at=now,
        **_said("work.cancelled", because),
    )


def pause(transaction: Transaction, scope: Scope, id_: str, *, because: str, clock: Clock) -> Run:
    """Keep a run from going on until it is resumed: a running one stops at its next step.

    One that somebody cancelled stays cancelled.
    """
    run = _locked(transaction, scope, id_)
    if run.state is RunState.PAUSED or (run.asked is Asked.CANCEL and not run.over):
        return run
    now = clock()
    if run.state is RunState.RUNNING:
        return run if run.asked is Asked.PAUSE else _change(transaction, scope, run, now, asked=Asked.PAUSE.value)
    if run.state is not RunState.QUEUED:
        raise _wrong(run, "pause", "queued", "running")
    return _change(transaction, scope, run, now, state=RunState.PAUSED.value, **_said("work.paused", because))


def resume(transaction: Transaction, scope: Scope, id_: str, *, clock: Clock) -> Run:
    """Let a paused run wait for its turn again; a pause that was asked for and not heard yet is taken back."""
    run = _locked(transaction, scope, id_)
    now = clock()
    if run.state in {RunState.QUEUED, RunState.RUNNING} and run.asked is Asked.PAUSE:
        return _change(transaction, scope, run, now, asked=Asked.NOTHING.value)
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        return run
    if run.state is not RunState.PAUSED:
        raise _wrong(run, "resume", "paused")
    return _back(transaction, scope, run, now)


def retry(transaction: Transaction, scope: Scope, id_: str, *, clock: Clock) -> Run:
    """Try a run again from its last finished step, with a fresh budget; one that waits for a retry goes at once."""
    run = _locked(transaction, scope, id_)
    now = clock()
    if run.state is RunState.QUEUED and run.failures == 0:
        return run
    if run.state not in {RunState.FAILED, RunState.CANCELLED, RunState.PARKED, RunState.QUEUED}:
        raise _wrong(run, "retry", "failed", "cancelled", "parked", "queued")
    deadline = None if run.deadline is not None and run.deadline <= now else run.deadline
    return _back(transaction, scope, run, now, failures=0, deaths=0, deadline=deadline, ended_at=None)


def resolve(
    transaction: Transaction,
    scope: Scope,
    id_: str,
    step: str,
    *,
    happened: bool,
    because: str,
    outcome: Json = None,
    clock: Clock,
) -> Run:
    """Say what became of a step whose outcome was not known; the run then goes on by itself.

    ``happened``: its fact is written from ``outcome`` as if it had just been done; otherwise it is done now.
    """
    run = _locked(transaction, scope, id_)
    rows = transaction.rows(
        steps.select(scope)
        .where(step_table.c.run == run.number, step_table.c.step == step)
        .order_by(step_table.c.attempt.desc())
        .limit(1)
    )
    newest = step_of(rows[0]) if rows else None
    if run.state is not RunState.PARKED or newest is None or newest.state is not StepState.UNKNOWN:
        raise WrongState(id=id_, state=run.state.value, what="resolve", expected="parked, outcome unknown")
    state = StepState.HAPPENED if happened else StepState.FAILED
    now = clock()
    transaction.write(
        steps.update(scope)
        .where(step_table.c.run == run.number, step_table.c.step == step, step_table.c.attempt == newest.attempt)
        .values(state=state.value, outcome=outcome if happened else None, reason=because[:2000], ended_at=now)
    )
    return _back(transaction, scope, run, now, failures=0)


def pause_kind(transaction: Transaction, kind: str, *, account: str, because: str, clock: Clock) -> bool:
    """Start no more runs of a kind; those that run go on. False if it was paused before."""
    if transaction.row(select(pause_table).where(pause_table.c.kind == kind)) is not None:
        return False
    transaction.write(insert(pause_table).values(kind=kind, account=account, reason=because, paused_at=clock()))
    return True


def resume_kind(transaction: Transaction, kind: str) -> bool:
    """Start runs of a kind again; False if it was not paused."""
    return transaction.write(delete(pause_table).where(pause_table.c.kind == kind)) > 0


def paused_kinds(transaction: Transaction) -> Mapping[str, RowMapping]:
    """Kinds nobody starts for now: who paused them, why, when."""
    return {row["kind"]: row for row in transaction.rows(select(pause_table))}


def _locked(transaction: Transaction, scope: Scope, id_: str) -> Run:
    row = transaction.row(runs.select(scope).where(run_table.c.id == id_).with_for_update())
    if row is None:
        raise UnknownRun(id=id_)
    return run_of(row)


def _unsettled(transaction: Transaction, scope: Scope, run: Run) -> bool:
    begun = steps.select(scope, step_table.c.step).where(
        step_table.c.run == run.number, step_table.c.state.in_(sorted(UNSETTLED))
    )
    return transaction.value(begun.limit(1)) is not None


def _back(
    transaction: Transaction, scope: Scope, run: Run, now: datetime, *, asked: Asked = Asked.NOTHING, **values: Any
) -> Run:
    return _change(
        transaction,
        scope,
        run,
        now,
        state=RunState.QUEUED.value,
        asked=asked.value,
        not_before=now,
        reason="",
        reason_exit=0,
        reason_zh="",
        reason_en="",
        **values,
    )


def _change(transaction: Transaction, scope: Scope, run: Run, now: datetime, **values: Any) -> Run:
    row = transaction.row(
        runs.update(scope).where(run_table.c.number == run.number).values(updated_at=now, **values).returning(run_table)
    )
    if row is None:
        raise UnknownRun(id=run.id)
    return run_of(row)


def _said(code: str, because: str) -> _Reason:
    return {"reason": code, "reason_exit": 1, "reason_zh": because[:2000], "reason_en": because[:2000]}


def _wrong(run: Run, what: str, *expected: str) -> WrongState:
    return WrongState(id=run.id, state=run.state.value, what=what, expected=", ".join(expected))
