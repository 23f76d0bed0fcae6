"""Going on: what members' runs have come to, and what starts next, in one transaction.

Called in the transaction of every event that says something of a run, and by whoever looks after operations: done
again, it finds nothing more to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from foundation.store import Transaction
from foundation.work import Event, publish
from foundation.work.runs import Job, Run, RunState, read_run, read_runs
from governance import audit
from governance.audit import AuditEvent
from governance.authority import machine_scope
from infra.fleet.deciding import Tally, decide
from infra.fleet.model import OPEN, Member, MemberState, Operation, OperationState
from infra.fleet.ports import Fleet
from infra.fleet.tables import (
    change_operation,
    member_of_run,
    members_of,
    operation_numbered,
    save_members,
    tallies,
    unfinished,
)
from infra.topics import FLEET_MEMBER_ENDED, FLEET_STOPPED, RUN_STOPPED

KIND = "fleet.member"
"""The kind of work that carries one member's run out."""
LOOK_AFTER = "fleet.look-after"
_PRIORITY = 7  # one environment that somebody waits for comes before many
_STANDS = {
    RunState.SUCCEEDED: MemberState.SUCCEEDED,
    RunState.FAILED: MemberState.FAILED,
    RunState.CANCELLED: MemberState.CANCELLED,
    RunState.PARKED: MemberState.PARKED,
}
_TOLD = {
    OperationState.STOPPED: (AuditEvent.FLEET_STOPPED, FLEET_STOPPED),
    OperationState.ENDED: (AuditEvent.FLEET_ENDED, "fleet.ended"),
}


def heard(fleet: Fleet, transaction: Transaction, event: Event) -> None:
    """One event about a run."""
    if event.topic in RUN_STOPPED and event.payload.get("kind") != KIND:
        return
    scope = machine_scope()
    ended = event.topic == FLEET_MEMBER_ENDED
    id_ = str(event.payload["run"]) if ended else event.subject.removeprefix("run:")
    found = member_of_run(transaction, scope, id_)
    if found is None:  # it was released anew meanwhile: this run says nothing any more
        return
    number, member = found
    now = fleet.office.clocks.real()
    if ended:
        changed = _carried_out(member, event.payload["outcome"])
    else:
        changed = as_its_run(member, read_run(transaction, scope, id_))
    if changed != member:
        save_members(transaction, scope, number, [changed], now)
    advance(fleet, transaction, number)


def advance(fleet: Fleet, transaction: Transaction, number: int) -> Operation:
    """Start what may start, and put on record where the operation stands. Call it in a transaction that is alone."""
    scope, now = machine_scope(), fleet.office.clocks.real()
    operation = operation_numbered(transaction, number)
    tally = tallies(transaction, scope, [number])[number]
    decision = decide(operation.state, tally, budget=operation.budget, at_once=operation.at_once)
    for canary, many in ((True, decision.canaries), (False, decision.rest)):
        if many:
            _release(fleet, transaction, operation, canary, many, now)
    if decision.state is operation.state:
        return operation
    return _stands(fleet, transaction, operation, decision.state, tally, now)


def settle(fleet: Fleet, transaction: Transaction, number: int, *, more: frozenset[MemberState] = frozenset()) -> int:
    """Take over how the runs of open members stand, also where nobody said so; how many changed."""
    changed = unsettled(transaction, number, OPEN | more)
    save_members(transaction, machine_scope(), number, changed, fleet.office.clocks.real())
    return len(changed)


def unsettled(transaction: Transaction, number: int, states: frozenset[MemberState] = OPEN) -> Sequence[Member]:
    """Members whose run stands otherwise than they do, as they stand then."""
    scope = machine_scope()
    listed = [member for member in members_of(transaction, scope, number, states=states) if member.run]
    runs = read_runs(transaction, scope, [member.run for member in listed])
    now = [as_its_run(member, runs[member.run]) for member in listed]
    return [after for before, after in zip(listed, now, strict=True) if before != after]


def look_after(fleet: Fleet, id_: str | None = None) -> int:
    """Repair what no event told of: a run that was cancelled, an event that was dropped. How many operations moved.

    The machine's own work; where everything is as it should be, it only reads.
    """
    with fleet.office.store.reading() as transaction:
        wanted = [one for one in unfinished(transaction, machine_scope()) if id_ is None or one.id == id_]
        behind = [one for one in wanted if _is_behind(transaction, one)]
    for operation in behind:
        with fleet.office.store.transaction() as transaction:
            settle(fleet, transaction, operation.number)
            advance(fleet, transaction, operation.number)
    return len(behind)


def as_its_run(member: Member, run: Run) -> Member:
    """A member as its run stands."""
    state = _STANDS.get(run.state, MemberState.RELEASED)
    if state is MemberState.SUCCEEDED:
        return _carried_out(member, run.outcome or {})
    if state is MemberState.RELEASED:
        return _cleared(replace(member, state=state))
    return replace(member, state=state, reason=run.reason, reason_zh=run.reason_zh, reason_en=run.reason_en)


def announce(fleet: Fleet, transaction: Transaction, operation: Operation, topic: str, tally: Tally) -> None:
    """Tell the house where the operation stands."""
    payload = {"operation": operation.id, "action": operation.action.value, "members": tally.by_state()}
    publish(transaction, Event(topic, operation.subject, payload), clock=fleet.office.clocks.real)


def _carried_out(member: Member, outcome: Mapping[str, Any]) -> Member:
    """A member whose run came to its end: what it found may be that somebody's word is missing."""
    held = outcome.get("held")
    if held is None:
        return _cleared(replace(member, state=MemberState.SUCCEEDED, result=outcome))
    told = {"reason": held["reason"], "reason_zh": held["zh"], "reason_en": held["en"]}
    found = {name: value for name, value in outcome.items() if name != "held"}
    return replace(member, state=MemberState.HELD, result=found, **told)


def _cleared(member: Member) -> Member:
    return replace(member, reason="", reason_zh="", reason_en="")


def _is_behind(transaction: Transaction, operation: Operation) -> bool:
    if unsettled(transaction, operation.number):
        return True
    tally = tallies(transaction, machine_scope(), [operation.number])[operation.number]
    decision = decide(operation.state, tally, budget=operation.budget, at_once=operation.at_once)
    return decision.state is not operation.state or bool(decision.canaries or decision.rest)


def _release(
    fleet: Fleet, transaction: Transaction, operation: Operation, canary: bool, many: int, now: datetime
) -> None:
    scope = machine_scope()
    chosen = members_of(transaction, scope, operation.number, states=[MemberState.WAITING], canary=canary, limit=many)
    runs = fleet.enqueue(transaction, [_job(operation, member) for member in chosen])
    released = [
        replace(member, state=MemberState.RELEASED, run=id_) for member, (id_, _) in zip(chosen, runs, strict=True)
    ]
    save_members(transaction, scope, operation.number, released, now)


def _job(operation: Operation, member: Member) -> Job:
    inputs: Mapping[str, Any] = {
        "operation": operation.id,
        "action": operation.action.value,
        "environment": member.environment,
        "digest": member.digest,
        "asked": asked_under(operation),
    }
    return Job(
        kind=KIND,
        inputs=inputs,
        key=f"{operation.id}/{member.environment}/{member.round}",
        agency=member.agency,
        subject=f"environment:{member.environment}",
        account=operation.account,
        person=operation.person,
        priority=_PRIORITY,
    )


def asked_under(operation: Operation) -> str:
    """The subject under which whoever started or resumed it asked, and under which its runs act on their behalf."""
    return f"{operation.subject}/{operation.round}"


def _stands(
    fleet: Fleet, transaction: Transaction, operation: Operation, state: OperationState, tally: Tally, now: datetime
) -> Operation:
    ended = now if state is OperationState.ENDED else None
    change_operation(transaction, operation.number, state=state.value, updated_at=now, ended_at=ended)
    event, topic = _TOLD[state]
    audit.append(
        transaction,
        event,
        subject=operation.subject,
        facts={"action": operation.action.value, "round": operation.round, "members": tally.by_state()},
        recorded_at=now,
        business_at=fleet.office.clocks.business(transaction),
    )
    after = replace(operation, state=state, updated_at=now, ended_at=ended)
    announce(fleet, transaction, after, topic, tally)
    return after
