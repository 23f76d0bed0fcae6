"""Members whose runs wait for a person: the operation says so, and one command goes on with all of them."""

from __future__ import annotations

import pytest

from foundation.work.runs import cancel as cancel_run
from foundation.work.runs import retry
from governance.authority import machine_scope
from governance.errors import Refused
from infra.fleet import Action, NothingToResume, Operation, OperationState, cancel, look_after, resume
from tests.infra.fleet.conftest import Killed, Yard


def stuck(
    yard: Yard, count: int = 3, *, parked: tuple[int, ...] = (1, 2), **pace: object
) -> tuple[list[str], Operation]:
    """An operation of which nothing is left but what waits for a person."""
    names = yard.planned(count)
    yard.parking = {names[number] for number in parked}
    operation = yard.start(Action.APPLY, **{"max_failures": "100%", **pace})  # type: ignore[arg-type]
    yard.through()
    return names, operation


def controlled(yard: Yard) -> int:
    return len(yard.audited("work.controlled"))


def test_an_operation_of_which_all_that_is_left_is_parked_has_stopped_and_says_what_it_waits_for(yard: Yard) -> None:
    names, operation = stuck(yard)
    standing = yard.show(operation)
    assert standing.operation.state is OperationState.STOPPED
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "parked", names[2]: "parked"}
    assert standing.parked is not None
    assert (standing.parked.environment, standing.parked.reason) == (names[1], "work.killed-too-often")
    assert yard.audited() == ["fleet.started", "fleet.stopped"]
    assert look_after(yard.fleet) == 0


def test_while_anything_still_moves_it_runs(yard: Yard) -> None:
    names = yard.planned(3)
    yard.parking = {names[0]}
    operation = yard.start(Action.APPLY, max_failures="100%", at_once=1)
    worker = yard.worker()
    yard.turn(worker)
    assert yard.states(operation) == {names[0]: "parked", names[1]: "released", names[2]: "waiting"}
    assert yard.show(operation).operation.state is OperationState.RUNNING
    assert yard.show(operation).parked is None


def test_a_resume_tries_the_parked_runs_again_once_and_each_is_an_act_on_record(yard: Yard) -> None:
    names, operation = stuck(yard)
    before = {member.environment: member.run for member in yard.show(operation).members}
    yard.parking.clear()
    going, new = resume(yard.fleet, yard.operator, operation.id)
    assert (going.state, new) == (OperationState.RUNNING, True)
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "released", names[2]: "released"}
    assert controlled(yard) == 2
    # A second one, by whoever else was woken, does nothing new.
    again, new = resume(yard.fleet, yard.world.tokens["operator-2"], operation.id)
    assert (again, new) == (going, False)
    assert controlled(yard) == 2
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}
    assert {member.environment: member.run for member in yard.show(operation).members} == before
    assert yard.audited() == ["fleet.started", "fleet.stopped", "fleet.resumed", "fleet.ended"]
    with pytest.raises(NothingToResume):
        resume(yard.fleet, yard.operator, operation.id)


def test_what_parks_again_stops_it_again(yard: Yard) -> None:
    names, operation = stuck(yard)
    yard.parking = {names[2]}
    resume(yard.fleet, yard.operator, operation.id)
    yard.through()
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "succeeded", names[2]: "parked"}
    assert yard.show(operation).operation.state is OperationState.STOPPED


def test_only_who_may_control_work_tries_a_parked_run_again(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    names, operation = stuck(yard)
    with pytest.raises(Refused):
        resume(yard.fleet, yard.world.tokens["hrss-1"], operation.id)

    def refused(token: str, run: str) -> bool:
        """As for an operator who may go on with operations, and may not control work."""
        return Yard.retry(yard, yard.world.tokens["bureau-1"], run)

    monkeypatch.setattr(yard, "retry", refused)
    with pytest.raises(Refused) as refusal:
        resume(yard.fleet, yard.operator, operation.id)
    assert refusal.value.facts["act"] == "work.control"
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "parked", names[2]: "parked"}
    assert yard.show(operation).operation.state is OperationState.STOPPED
    assert yard.audited() == ["fleet.started", "fleet.stopped"]
    assert controlled(yard) == 0


def test_a_parked_canary_is_tried_again_before_the_rest(yard: Yard) -> None:
    names, operation = stuck(yard, 4, parked=(0,), canaries=1)
    assert yard.states(operation) == {names[0]: "parked", **dict.fromkeys(names[1:], "waiting")}
    yard.parking.clear()
    resume(yard.fleet, yard.operator, operation.id)
    assert yard.states(operation) == {names[0]: "released", **dict.fromkeys(names[1:], "waiting")}
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_what_is_parked_of_a_running_operation_is_tried_again_too(yard: Yard) -> None:
    names = yard.planned(4)
    yard.parking = {names[0]}
    operation = yard.start(Action.APPLY, max_failures="100%", at_once=1)
    yard.turn(yard.worker())
    yard.parking.clear()
    assert resume(yard.fleet, yard.operator, operation.id)[1]
    assert yard.states(operation)[names[0]] == "released"
    assert not resume(yard.fleet, yard.operator, operation.id)[1]
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_a_resume_that_is_killed_between_two_acts_is_gone_on_with_by_the_next(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, operation = stuck(yard)
    yard.parking.clear()
    tried: list[str] = []

    def dying(token: str, run: str) -> bool:
        if tried:
            raise Killed("in the middle")
        tried.append(run)
        return Yard.retry(yard, token, run)

    monkeypatch.setattr(yard, "retry", dying)
    with pytest.raises(Killed):
        resume(yard.fleet, yard.operator, operation.id)
    monkeypatch.undo()
    assert resume(yard.fleet, yard.operator, operation.id)[1]
    assert controlled(yard) == 2
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_a_parked_run_that_somebody_cancelled_or_retried_by_hand_is_left_as_they_said(yard: Yard) -> None:
    names, operation = stuck(yard, 4, parked=(1, 2, 3))
    runs = {member.environment: member.run for member in yard.show(operation).members}
    yard.parking = {names[3]}
    with yard.office.store.transaction() as transaction:
        scope, clock = machine_scope(), yard.office.clocks.real
        cancel_run(transaction, scope, runs[names[1]], because="not now", clock=clock)
        retry(transaction, scope, runs[names[2]], clock=clock)
    yard.through()
    assert look_after(yard.fleet) == 1
    states = yard.states(operation)
    assert (states[names[1]], states[names[2]], states[names[3]]) == ("cancelled", "succeeded", "parked")
    assert yard.show(operation).operation.state is OperationState.STOPPED


def test_a_stuck_operation_can_be_cancelled(yard: Yard) -> None:
    names, operation = stuck(yard)
    assert cancel(yard.fleet, yard.operator, operation.id)[1]
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "cancelled", names[2]: "cancelled"}


def test_a_worker_that_dies_of_one_environment_again_and_again_leaves_it_to_a_person(yard: Yard) -> None:
    (name,) = yard.planned(1)
    operation = yard.start(Action.APPLY)
    for _ in range(10):
        yard.points.clear()
        yard.dies_at = "before-effect:idempotent"
        try:
            yard.through()
        except Killed:
            continue
        break
    assert yard.states(operation) == {name: "parked"}
    assert yard.show(operation).operation.state is OperationState.STOPPED
    yard.dies_at = ""
    resume(yard.fleet, yard.operator, operation.id)
    yard.through()
    assert yard.states(operation) == {name: "succeeded"}
