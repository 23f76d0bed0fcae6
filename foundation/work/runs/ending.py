"""How an attempt ends: each end is one transaction that writes only while the claim still holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, select

from foundation.store import DatabaseUnavailable, Transaction
from foundation.values.errors import GuanyunError
from foundation.work.leases import lease_table
from foundation.work.runs.errors import (
    CancelAsked,
    ClaimLost,
    DeadlinePassed,
    NothingHappened,
    OutcomeUnknown,
    Parked,
    PauseAsked,
    WorkerStops,
)
from foundation.work.runs.kinds import Kind
from foundation.work.runs.model import UNSETTLED, Asked, Json, Run, RunState
from foundation.work.runs.tables import WORKER, run_table, runs, step_table, steps
from foundation.work.runs.workshop import Workshop

_LONGEST_REASON = 2000


def _holds(run: Any, attempt: Any, worker: Any, number: Any, lease: Any) -> ColumnElement[bool]:
    newest = select(lease_table.c.number).where(lease_table.c.name == lease).scalar_subquery()
    return and_(
        run_table.c.number == run,
        run_table.c.state == RunState.RUNNING.value,
        run_table.c.attempt == attempt,
        run_table.c.worker == worker,
        run_table.c.worker_number == number,
        newest == number,
    )


_CLAIM = ("claim_run", "claim_attempt", "claim_worker", "claim_number", "claim_lease")
CLAIM_HOLDS = _holds(*(bindparam(name) for name in _CLAIM))
"""The condition under which an attempt may write: still its run, still its worker, still that worker's lease. Built
once, with ``claim_of`` for its parameters: it stands in every step's transaction."""


def claim_of(run: Run) -> dict[str, Any]:
    """The parameters of ``CLAIM_HOLDS`` for this attempt."""
    values = (run.number, run.attempt, run.worker, run.worker_number, f"{WORKER}{run.worker}")
    return dict(zip(_CLAIM, values, strict=True))


def claim_holds(run: Run) -> ColumnElement[bool]:
    """``CLAIM_HOLDS`` of this attempt."""
    return _holds(*claim_of(run).values())


def write_claimed(workshop: Workshop, transaction: Transaction, run: Run, **values: Any) -> None:
    """Change the run's row; raises ``ClaimLost`` if this attempt no longer holds it."""
    if not transaction.write(runs.update(workshop.scope).where(claim_holds(run)).values(**values)):
        raise ClaimLost(id=run.id)


def succeed(workshop: Workshop, run: Run, outcome: Json) -> RunState:
    """The run has done what it was asked for: where it stands. Raises ``ClaimLost``."""
    with workshop.store.transaction() as transaction:
        workshop.on_point("before-end")
        left_open = _left_open(workshop, transaction, run)
        if left_open is not None:
            park(workshop, transaction, run, left_open)
            return RunState.PARKED
        now = workshop.clock()
        write_claimed(
            workshop,
            transaction,
            run,
            state=RunState.SUCCEEDED.value,
            asked=Asked.NOTHING.value,
            outcome=outcome,
            done=case((run_table.c.total > 0, run_table.c.total), else_=run_table.c.done),
            updated_at=now,
            ended_at=now,
        )
        workshop.audit(transaction, "succeeded", run, {"attempt": run.attempt})
        return RunState.SUCCEEDED


def _left_open(workshop: Workshop, transaction: Transaction, run: Run) -> OutcomeUnknown | None:
    """A non-repeatable step that was begun and is asked for no more: no run ends over it without a person."""
    begun = steps.select(workshop.scope, step_table.c.step).where(
        step_table.c.run == run.number, step_table.c.state.in_(sorted(UNSETTLED))
    )
    step = transaction.value(begun.limit(1))
    if step is None:
        return None
    return OutcomeUnknown(
        step=step,
        because_zh="已开始,而未能结束",
        because_en="it was begun and has not been brought to its end",
    )


def end_with(workshop: Workshop, kind: Kind | None, run: Run, error: Exception) -> RunState:
    """The attempt ended with ``error``: where the run stands after it. Raises ``ClaimLost``."""
    with workshop.store.transaction() as transaction:
        now = workshop.clock()
        if isinstance(error, Parked):
            park(workshop, transaction, run, error)
            return RunState.PARKED
        if isinstance(error, CancelAsked) or _asked_to_cancel(workshop, transaction, run):
            return _over(workshop, transaction, run, RunState.CANCELLED, CancelAsked(), now)
        if isinstance(error, PauseAsked):
            return _waiting(workshop, transaction, run, RunState.PAUSED, now, asked=Asked.NOTHING.value, **words(error))
        if isinstance(error, WorkerStops):
            return _waiting(workshop, transaction, run, RunState.QUEUED, now)
        if kind is not None and isinstance(error, DatabaseUnavailable):  # no failure of the run's own
            again = now + kind.backoff.wait(1, run.number)
            return _waiting(workshop, transaction, run, RunState.QUEUED, now, not_before=again, **words(error))
        return _after_failure(workshop, transaction, kind, run, error, now)


def _after_failure(
    workshop: Workshop, transaction: Transaction, kind: Kind | None, run: Run, error: Exception, now: datetime
) -> RunState:
    failures = run.failures + 1
    if kind is None or isinstance(error, DeadlinePassed) or final(kind, error) or failures >= kind.attempts:
        return _over(workshop, transaction, run, RunState.FAILED, error, now, failures=failures)
    again = now + kind.backoff.wait(failures, run.number)
    said = words(error)
    return _waiting(workshop, transaction, run, RunState.QUEUED, now, failures=failures, not_before=again, **said)


def _asked_to_cancel(workshop: Workshop, transaction: Transaction, run: Run) -> bool:
    query = runs.select(workshop.scope, run_table.c.asked).where(run_table.c.number == run.number)
    asked = transaction.value(query.with_for_update())
    return bool(asked == Asked.CANCEL.value)


def final(kind: Kind, error: Exception) -> bool:
    """Whether trying again would only say the same: an error of ours that the kind does not call transient."""
    transient: tuple[type[Exception], ...] = (NothingHappened, *kind.transient)
    return isinstance(error, GuanyunError) and not isinstance(error, transient)


def park(workshop: Workshop, transaction: Transaction, run: Run, error: Parked, **values: Any) -> None:
    """Leave the run to a person, saying why; from whatever state it is in."""
    now = workshop.clock()
    said = words(error)
    facts = {**said, **values, "state": RunState.PARKED.value, "asked": Asked.NOTHING.value, "updated_at": now}
    if run.state is RunState.RUNNING and "deaths" not in values:
        write_claimed(workshop, transaction, run, **facts)
    else:
        transaction.write(runs.update(workshop.scope).where(run_table.c.number == run.number).values(**facts))
    workshop.audit(transaction, "parked", run, {"reason": said["reason"], "because": said["reason_en"]})


def words(error: Exception) -> dict[str, Any]:
    """The reason's code, exit status and words in both languages; of a defect only its type."""
    if isinstance(error, GuanyunError):
        return {
            "reason": error.code,
            "reason_exit": error.exit_status,
            "reason_zh": error.text("zh")[:_LONGEST_REASON],
            "reason_en": error.text("en")[:_LONGEST_REASON],
        }
    kind = type(error).__name__
    return {
        "reason": "work.defect",
        "reason_exit": 70,
        "reason_zh": f"程序缺陷或环境故障({kind}),详见日志",
        "reason_en": f"a defect or a failure around it ({kind}); the log says more",
    }


def _over(
    workshop: Workshop,
    transaction: Transaction,
    run: Run,
    state: RunState,
    error: Exception,
    now: datetime,
    **values: Any,
) -> RunState:
    left_open = _left_open(workshop, transaction, run)
    if left_open is not None:
        park(workshop, transaction, run, left_open)
        return RunState.PARKED
    said = words(error)
    write_claimed(
        workshop,
        transaction,
        run,
        state=state.value,
        asked=Asked.NOTHING.value,
        updated_at=now,
        ended_at=now,
        **said,
        **values,
    )
    facts = {"attempt": run.attempt, "reason": said["reason"], "because": said["reason_en"]}
    workshop.audit(transaction, state.value, run, facts)
    return state


def _waiting(
    workshop: Workshop, transaction: Transaction, run: Run, state: RunState, now: datetime, **values: Any
) -> RunState:
    write_claimed(
        workshop,
        transaction,
        run,
        **{
            "state": state.value,
            "worker": "",
            "worker_number": 0,
            "updated_at": now,
            **values,
        },
    )
    return state
