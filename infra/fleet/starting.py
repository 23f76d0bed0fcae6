"""What a person does to a fleet operation: start it, go on with it, cancel it. Each is a permitted act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.work.runs import WrongState
from foundation.work.runs import cancel as cancel_run
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, acting, asked_for, viewing
from governance.errors import NotFound
from infra.fleet.advancing import advance, announce, asked_under, settle
from infra.fleet.deciding import Tally
from infra.fleet.errors import CanariesWrong, NothingFound, NothingToResume
from infra.fleet.examining import verdicts
from infra.fleet.model import (
    OPEN,
    Action,
    Member,
    MemberState,
    Operation,
    OperationState,
    Pace,
    Selection,
    Verdict,
)
from infra.fleet.ports import Candidate, Fleet
from infra.fleet.tables import (
    change_members,
    change_operation,
    find_operation,
    insert_operation,
    members_of,
    operation_numbered,
    running_like,
    save_members,
    tallies,
)

_ANEW = frozenset({MemberState.HELD, MemberState.FAILED, MemberState.CANCELLED})
"""Looked at again when an operation is gone on with."""


def start(fleet: Fleet, token: str, action: Action, selection: Selection, pace: Pace) -> tuple[Operation, bool]:
    """Begin an operation over the chosen environments: (operation, whether it is new).

    The same asked for again while it runs is that one. Raises ``Refused``, ``NothingChosen``, ``NothingFound``,
    ``BudgetWrong``, ``CanariesWrong``, ``AtOnceWrong``.
    """
    selection.check()
    pace.check()
    asked = sha256_hex(canonical_bytes([action.value, selection.document(), pace.document()]))
    with acting(fleet.office, token, Act.FLEET_START, f"fleet:{action.value}") as mandate:
        standing = running_like(mandate.transaction, asked)
    if standing is not None:
        return standing, False
    listed = _listed(fleet, token, action, selection, pace)
    id_ = fleet.office.ids("fleet")
    with acting(fleet.office, token, Act.FLEET_START, f"fleet:{id_}") as mandate:
        standing = running_like(mandate.transaction, asked)
        if standing is not None:
            return standing, False
        now = mandate.recorded_at
        operation = Operation(
            number=0,
            id=id_,
            action=action,
            state=OperationState.RUNNING,
            selection=selection.document(),
            pace=pace.document(),
            asked=asked,
            budget=pace.budget(len(listed)),
            at_once=pace.at_once,
            round=0,
            members=len(listed),
            person=mandate.actor.person,
            account=mandate.actor.account,
            started_at=now,
            updated_at=now,
            ended_at=None,
        )
        number = insert_operation(mandate.transaction, operation, listed)
        return _begun(
            fleet, mandate, replace(operation, number=number), AuditEvent.FLEET_STARTED, "fleet.started"
        ), True


def resume(fleet: Fleet, token: str, id_: str) -> tuple[Operation, bool]:
    """Go on with an operation that was stopped, cancelled or has ended, or of which something is parked: (operation,
    whether this changed anything).

    Parked members' runs are tried again, each by an act of its own; failed and cancelled members begin anew, held ones
    are looked at again, with a fresh budget. Raises ``Refused``, ``NotFound``, ``NothingToResume``.
    """
    with acting(fleet.office, token, Act.FLEET_RESUME, f"fleet:{id_}") as mandate:
        before = _found(mandate.transaction, id_)
        settle(fleet, mandate.transaction, before.number, more=_ANEW)
        if before.state is OperationState.RUNNING:
            before = advance(fleet, mandate.transaction, before.number)
        parked = members_of(mandate.transaction, mandate.scope, before.number, states=[MemberState.PARKED])
    if before.state is OperationState.RUNNING and not parked:
        return before, False
    for member in parked:
        with suppress(WrongState):  # somebody was quicker
            fleet.retry(token, member.run)
    with viewing(fleet.office, token) as view:
        held = members_of(view.transaction, view.scope, before.number, states=_ANEW)
        names = Selection(names=tuple(member.environment for member in held))
        there = fleet.candidates(view.transaction, view.scope, names) if held else ()
        found = verdicts(view.transaction, view.scope, before.action, there)
    with acting(fleet.office, token, Act.FLEET_RESUME, f"fleet:{id_}") as mandate:
        transaction, scope = mandate.transaction, mandate.scope
        operation = operation_numbered(transaction, before.number)
        if operation.round != before.round:  # somebody else has gone on with it
            return operation, False
        settle(fleet, transaction, operation.number)
        again = members_of(transaction, scope, operation.number, states=_ANEW)
        changed = [_again(member, found[member.environment]) for member in again if member.environment in found]
        save_members(transaction, scope, operation.number, changed, mandate.recorded_at)
        tally = tallies(transaction, scope, [operation.number])[operation.number]
        if not tally.count([MemberState.WAITING, MemberState.RELEASED]):
            raise NothingToResume(operation=id_)
        failed = tally.count([MemberState.FAILED, MemberState.PARKED])
        operation = replace(
            operation,
            state=OperationState.RUNNING,
            round=operation.round + 1,
            budget=Pace(max_failures=operation.pace["max_failures"]).budget(operation.members) + failed,
            person=mandate.actor.person,
            account=mandate.actor.account,
            updated_at=mandate.recorded_at,
            ended_at=None,
        )
        change_operation(
            transaction,
            operation.number,
            state=operation.state.value,
            ended_at=None,
            **{name: getattr(operation, name) for name in ("round", "budget", "person", "account", "updated_at")},
        )
        return _begun(fleet, mandate, operation, AuditEvent.FLEET_RESUMED, "fleet.resumed"), True


def cancel(fleet: Fleet, token: str, id_: str, because: str = "") -> tuple[Operation, bool]:
    """Start nothing more, and cancel what waits or runs: (operation, whether this changed anything).

    What is in the middle of an environment finishes it. Raises ``Refused``, ``NotFound``.
    """
    with acting(fleet.office, token, Act.FLEET_CANCEL, f"fleet:{id_}") as mandate:
        transaction, scope, now = mandate.transaction, mandate.scope, mandate.recorded_at
        operation = _found(transaction, id_)
        if operation.state in {OperationState.CANCELLED, OperationState.ENDED}:
            return operation, False
        for member in members_of(transaction, scope, operation.number, states=OPEN):
            with suppress(WrongState):  # it has ended, and its event is on its way
                cancel_run(transaction, scope, member.run, because=because or operation.subject, clock=mandate.real)
        settle(fleet, transaction, operation.number)
        change_members(
            transaction,
            scope,
            operation.number,
            [MemberState.WAITING],
            at=now,
            state=MemberState.CANCELLED.value,
            reason="fleet.cancelled",
            reason_zh=because,
            reason_en=because,
        )
        change_operation(
            transaction, operation.number, state=OperationState.CANCELLED.value, updated_at=now, ended_at=now
        )
        operation = replace(operation, state=OperationState.CANCELLED, updated_at=now, ended_at=now)
        tally = tallies(transaction, scope, [operation.number])[operation.number]
        facts = _facts(operation, tally) | {"because": sha256_hex(because.encode())}
        mandate.audit(AuditEvent.FLEET_CANCELLED, operation.subject, facts)
        announce(fleet, transaction, operation, "fleet.cancelled", tally)
        return operation, True


def _begun(fleet: Fleet, mandate: Mandate, operation: Operation, event: AuditEvent, topic: str) -> Operation:
    tally = tallies(mandate.transaction, mandate.scope, [operation.number])[operation.number]
    asked_for(mandate, asked_under(operation))
    mandate.audit(event, operation.subject, _facts(operation, tally) | {"budget": operation.budget})
    announce(fleet, mandate.transaction, operation, topic, tally)
    return advance(fleet, mandate.transaction, operation.number)


def _facts(operation: Operation, tally: Tally) -> dict[str, object]:
    return {
        "action": operation.action.value,
        "asked": operation.asked,
        "round": operation.round,
        "members": tally.by_state(),
    }


def _found(transaction: Transaction, id_: str) -> Operation:
    operation = find_operation(transaction, id_)
    if operation is None:
        raise NotFound(what_zh="批量作业", what_en="fleet operation", key=id_)
    return operation


def _again(member: Member, verdict: Verdict) -> Member:
    return replace(
        member,
        state=verdict.state,
        digest=verdict.digest,
        run="",
        round=member.round + 1,
        reason=verdict.code,
        reason_zh=verdict.zh,
        reason_en=verdict.en,
        result={},
    )


def _listed(fleet: Fleet, token: str, action: Action, selection: Selection, pace: Pace) -> Sequence[Member]:
    with viewing(fleet.office, token) as view:
        there = fleet.candidates(view.transaction, view.scope, selection)
        missing = sorted(set(selection.names) - {one.environment for one in there})
        if missing:
            raise NothingFound(names=", ".join(missing[:10]))
        if not selection.names:
            there = [one for one in there if _meant(action, one)]
        if not there:
            raise NothingFound(names="—")
        found = verdicts(view.transaction, view.scope, action, there)
    first = _canaries(pace, there, found)
    ordered = sorted(there, key=lambda one: (one.environment not in first, one.environment))
    return [
        _member(position, one, found[one.environment], canary=one.environment in first)
        for position, one in enumerate(ordered)
    ]


def _meant(action: Action, candidate: Candidate) -> bool:
    """Whether a filter means it: what stands approved to be ended is another matter than what is to be built."""
    if candidate.approved is None:
        return action is Action.REFRESH
    return candidate.approved.terminate is (action is Action.DESTROY) or action in {Action.PLAN, Action.REFRESH}


def _canaries(pace: Pace, there: Sequence[Candidate], found: Mapping[str, Verdict]) -> frozenset[str]:
    if isinstance(pace.canaries, int):
        if pace.canaries < 0:
            raise CanariesWrong(given=pace.canaries)
        ready = sorted(name for name, verdict in found.items() if verdict.state is MemberState.WAITING)
        return frozenset(ready[: pace.canaries])
    unknown = sorted(set(pace.canaries) - {one.environment for one in there})
    if unknown:
        raise CanariesWrong(given=", ".join(unknown))
    return frozenset(pace.canaries)


def _member(position: int, candidate: Candidate, verdict: Verdict, *, canary: bool) -> Member:
    return Member(
        position=position,
        environment=candidate.environment,
        agency=candidate.agency,
        canary=canary,
        state=verdict.state,
        digest=verdict.digest,
        reason=verdict.code,
        reason_zh=verdict.zh,
        reason_en=verdict.en,
    )
