"""What a fleet operation does, on both databases, with a fake engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from foundation.store import Transaction
from governance.environments import EnvironmentSpec
from governance.errors import Refused
from infra.deployments import Deployer, approve_plan, environment_status, plan_environment
from infra.engine.model import PlanSummary
from infra.fleet import (
    Action,
    BudgetWrong,
    CanariesWrong,
    FleetHouseOnly,
    MemberState,
    NothingChosen,
    NothingFound,
    NothingToResume,
    OperationState,
    Pace,
    Selection,
    cancel,
    list_operations,
    look_after,
    resume,
    show_operation,
    start,
)
from infra.guardrails import Guardrails, Judgement, PlanFacts
from infra.guardrails.policy import Severity
from tests.infra.fleet.conftest import Yard, spec_of


def test_every_chosen_environment_is_planned(yard: Yard) -> None:
    names = yard.approve(5)
    operation = yard.start(Action.PLAN, at_once=2)
    yard.through()
    shown = yard.show(operation)
    assert shown.operation.state is OperationState.ENDED
    assert [member.environment for member in shown.members] == names
    assert {member.state for member in shown.members} == {MemberState.SUCCEEDED}
    assert {member.result["changes"] for member in shown.members} == {2}
    assert yard.most == 2
    assert yard.audited() == ["fleet.started", "fleet.ended"]


def test_planned_environments_are_applied_and_then_there_is_nothing_to_do(yard: Yard) -> None:
    names = yard.planned(3)
    operation = yard.start(Action.APPLY)
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}
    assert set(yard.world.cloud.made) == set(names)
    again = yard.start(Action.APPLY)
    assert again.state is OperationState.ENDED
    assert set(yard.states(again).values()) == {"skipped"}


def test_only_an_operator_starts_resumes_or_cancels(yard: Yard) -> None:
    yard.approve(2)
    with pytest.raises(Refused):
        start(yard.fleet, yard.world.tokens["bureau-1"], Action.PLAN, Selection(everything=True), Pace())
    operation = yard.start(Action.PLAN)
    for act in (resume, cancel):
        with pytest.raises(Refused):
            act(yard.fleet, yard.world.tokens["hrss-1"], operation.id)


def test_the_same_asked_again_while_it_runs_is_the_same_operation(yard: Yard) -> None:
    yard.approve(2)
    first = yard.start(Action.PLAN)
    assert yard.start(Action.PLAN).id == first.id
    yard.through()
    assert yard.start(Action.PLAN).id != first.id


def test_what_is_not_approved_is_listed_and_left_alone(yard: Yard) -> None:
    """A cost above the estimate needs a second operator person: the others go on without it."""
    names = yard.planned(3)
    yard.world.approve(spec_of(names[1], "housing"), monthly=9_999)
    plan_environment(yard.world.deployer, yard.operator, names[1])
    operation = yard.start(Action.APPLY)
    yard.through()
    held = yard.show(operation).members[1]
    assert (held.state, held.reason) == (MemberState.HELD, "fleet.waiting-for-approval")
    assert names[1] not in yard.world.cloud.made
    with pytest.raises(NothingToResume):
        resume(yard.fleet, yard.operator, operation.id)
    approve_plan(yard.world.deployer, yard.world.tokens["operator-2"], held.digest)
    assert resume(yard.fleet, yard.operator, operation.id)[1]
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}
    assert yard.audited() == ["fleet.started", "fleet.ended", "fleet.resumed", "fleet.ended"]


def test_who_approved_a_plan_may_not_carry_it_out_in_a_fleet_either(yard: Yard) -> None:
    (name,) = yard.approve(1)
    yard.world.approve(spec_of(name), monthly=1)
    planned = plan_environment(yard.world.deployer, yard.operator, name)
    second = yard.world.tokens["operator-2"]
    approve_plan(yard.world.deployer, second, planned.plan.digest)
    operation = start(yard.fleet, second, Action.APPLY, Selection(everything=True), Pace())[0]
    yard.through()
    (member,) = yard.show(operation).members
    assert (member.state, member.reason) == (MemberState.FAILED, "governance.refused")
    assert yard.world.cloud.made == {}


def blocking(deployer: Deployer, environment: str) -> Deployer:
    """The deployer, with guardrails that block whatever is planned for the environment."""
    judge = Guardrails.judge

    class Strict(Guardrails):
        def judge(self, transaction: Transaction, plan: PlanSummary, facts: PlanFacts, at: datetime) -> Judgement:
            found = judge(self, transaction, plan, facts, at)
            if plan.environment != environment:
                return found
            (first, *_) = found.findings
            return replace(found, findings=(replace(first, severity=Severity.BLOCK),))

    return replace(deployer, guardrails=Strict())


def test_a_plan_that_nobody_may_apply_is_held_with_the_reason_and_stays_on_record(yard: Yard) -> None:
    names = yard.approve(2)
    yard.world.deployer = blocking(yard.world.deployer, names[1])
    operation = yard.start(Action.PLAN)
    yard.through()
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "held"}
    held = next(member for member in yard.show(operation).members if member.environment == names[1])
    assert held.reason == "fleet.forbidden"
    assert "GR-" in held.reason_en
    assert "护栏" in held.reason_zh
    assert held.result["forbidden"] == ["guardrail"]
    plan = environment_status(yard.world.office, yard.operator, names[1]).plan
    assert plan is not None
    assert plan.digest == held.result["digest"]


def test_what_a_guardrail_blocks_is_held_with_the_reason_and_counts_as_no_failure(yard: Yard) -> None:
    names = yard.planned(3)
    free = yard.world.deployer
    yard.world.deployer = blocking(free, names[1])
    operation = yard.start(Action.APPLY, max_failures="1")
    yard.through()
    shown = yard.show(operation)
    assert shown.operation.state is OperationState.ENDED
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "held", names[2]: "succeeded"}
    held = next(member for member in shown.members if member.environment == names[1])
    assert held.reason == "governance.refused"
    assert "GR-" in held.reason_en
    assert "护栏" in held.reason_zh

    # Somebody's word changes it, and a person goes on.
    yard.world.deployer = free
    resume(yard.fleet, yard.operator, operation.id)
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_the_rest_waits_for_every_canary(yard: Yard) -> None:
    names = yard.planned(6)
    operation = yard.start(Action.APPLY, canaries=(names[4], names[2]))
    assert [member.environment for member in yard.show(operation).members][:2] == [names[2], names[4]]
    worker = yard.worker()
    assert yard.turn(worker) == 2
    assert set(yard.world.cloud.made) == {names[2], names[4]}
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_a_failed_canary_stops_everything_whatever_the_budget(yard: Yard) -> None:
    names = yard.planned(6, broken=[0])
    operation = yard.start(Action.APPLY, canaries=2, max_failures="100%")
    yard.through()
    shown = yard.show(operation)
    assert shown.operation.state is OperationState.STOPPED
    assert yard.states(operation) == {
        names[0]: "failed",
        names[1]: "succeeded",
        **dict.fromkeys(names[2:], "waiting"),
    }
    assert yard.audited() == ["fleet.started", "fleet.stopped"]


def test_the_budget_stops_what_has_not_begun_and_a_person_goes_on(yard: Yard) -> None:
    names = yard.planned(8, broken=[0, 1])
    operation = yard.start(Action.APPLY, max_failures="2", at_once=3)
    yard.through()
    assert yard.show(operation).operation.state is OperationState.STOPPED
    assert list(yard.states(operation).values()).count("waiting") == 4  # one more was released between the two failures
    for name in names[:2]:  # somebody corrects the image, has it approved and planned
        agency = yard.world.approved[name].spec.agency
        yard.world.approve(spec_of(name, agency))
        plan_environment(yard.world.deployer, yard.operator, name, give_up_unfinished=True)
    resume(yard.fleet, yard.operator, operation.id)
    yard.through()
    assert yard.show(operation).operation.state is OperationState.ENDED
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_a_refresh_learns_what_is_gone_and_touches_nothing(yard: Yard) -> None:
    names = yard.planned(3)
    yard.start(Action.APPLY, *names[:2])
    yard.through()
    lost = next(iter(yard.world.cloud.made[names[0]]))
    del yard.world.cloud.made[names[0]][lost]
    operation = yard.start(Action.REFRESH)
    yard.through()
    members = yard.show(operation).members
    assert [member.state.value for member in members] == ["succeeded", "succeeded", "skipped"]
    assert [member.result.get("gone") for member in members] == [[lost], [], None]


def test_only_what_was_approved_to_be_ended_is_destroyed(yard: Yard) -> None:
    names = yard.planned(3)
    yard.start(Action.APPLY)
    yard.through()
    ending = names[1]
    standing = yard.world.approved[ending].spec
    assert isinstance(standing, EnvironmentSpec)
    yard.world.approve(standing, terminate=True)
    digest = plan_environment(yard.world.deployer, yard.operator, ending).plan.digest
    operation = yard.start(Action.DESTROY)
    assert yard.states(operation) == {ending: "held"}
    approve_plan(yard.world.deployer, yard.world.tokens["operator-2"], digest)
    named = yard.start(Action.DESTROY, *names)
    yard.through()
    assert yard.states(named) == {names[0]: "held", ending: "succeeded", names[2]: "held"}
    assert yard.world.cloud.made[ending] == {}
    assert yard.world.cloud.made[names[0]]
    assert yard.states(yard.start(Action.APPLY, ending)) == {ending: "held"}


def test_a_cancelled_operation_starts_nothing_more(yard: Yard) -> None:
    yard.planned(6)
    operation = yard.start(Action.APPLY, at_once=2)
    yard.turn(yard.worker())
    assert cancel(yard.fleet, yard.operator, operation.id, "the window is over")[1]
    assert not cancel(yard.fleet, yard.operator, operation.id)[1]
    yard.through()
    assert sorted(yard.states(operation).values()) == ["cancelled"] * 4 + ["succeeded"] * 2
    assert len(yard.world.cloud.made) == 2
    assert yard.audited() == ["fleet.started", "fleet.cancelled"]
    assert resume(yard.fleet, yard.operator, operation.id)[1]
    yard.through()
    assert set(yard.states(operation).values()) == {"succeeded"}


def test_a_run_that_somebody_cancelled_is_noticed_at_the_next_look(yard: Yard) -> None:
    from foundation.work.runs import cancel as cancel_run
    from governance.authority import machine_scope

    yard.planned(3)
    operation = yard.start(Action.APPLY, at_once=1)
    first = yard.show(operation).members[0]
    with yard.office.store.transaction() as transaction:
        cancel_run(transaction, machine_scope(), first.run, because="x", clock=yard.office.clocks.real)
    yard.through()
    assert list(yard.states(operation).values()) == ["released", "waiting", "waiting"]
    assert look_after(yard.fleet) == 1
    assert look_after(yard.fleet) == 0
    yard.through()
    assert list(yard.states(operation).values()) == ["cancelled", "succeeded", "succeeded"]


def test_a_choice_must_be_made_and_must_fit(yard: Yard) -> None:
    yard.approve(2)

    def begin(selection: Selection, **pace: object) -> None:
        start(yard.fleet, yard.operator, Action.PLAN, selection, Pace(**pace))  # type: ignore[arg-type]

    everything = Selection(everything=True)
    with pytest.raises(NothingChosen):
        begin(Selection())
    with pytest.raises(NothingFound):
        begin(Selection(names=("env-0000", "nowhere")))
    with pytest.raises(NothingFound):
        begin(Selection(zones=("internet",)))
    with pytest.raises(CanariesWrong):
        begin(everything, canaries=("nowhere",))
    for wrong in ("0", "-1", "0%", "101%", "half", "1.5"):
        with pytest.raises(BudgetWrong):
            begin(everything, max_failures=wrong)
    assert list_operations(yard.office, yard.operator) == []


def test_a_filter_chooses(yard: Yard) -> None:
    names = yard.approve(4)
    operation = start(yard.fleet, yard.operator, Action.PLAN, Selection(agencies=("housing",)), Pace())[0]
    assert list(yard.states(operation)) == names[1::2]


def test_what_no_event_told_of_is_made_up_by_the_next_look(yard: Yard) -> None:
    """Every delivery is lost: looking after it alone brings the operation to its end."""
    from foundation.work.runs.carrying import carry_out
    from foundation.work.runs.claiming import claim

    yard.planned(4, broken=[3])
    operation = yard.start(Action.APPLY, canaries=1, at_once=2, max_failures="2")
    worker = yard.worker()
    while claimed := claim(yard.workshop, worker, places=64):
        for run in claimed:
            carry_out(yard.workshop, run)
        assert look_after(yard.fleet, operation.id) == 1
    assert list(yard.states(operation).values()) == ["succeeded"] * 3 + ["failed"]
    assert yard.audited() == ["fleet.started", "fleet.ended"]
    yard.deliver()
    assert look_after(yard.fleet) == 0
    assert yard.audited() == ["fleet.started", "fleet.ended"]


def test_an_environment_that_somebody_else_holds_waits_and_is_no_failure(yard: Yard) -> None:
    names = yard.planned(2)
    operation = yard.start(Action.APPLY)
    worker = yard.worker()
    with yard.world.deployer.holding(names[0]):
        yard.turn(worker)
    assert yard.states(operation) == {names[0]: "released", names[1]: "succeeded"}
    assert yard.show(operation).operation.state is OperationState.RUNNING


def test_a_failed_run_that_a_person_tries_again_counts_as_it_ends(yard: Yard) -> None:
    from foundation.work.runs import retry
    from governance.authority import machine_scope

    names = yard.planned(2, broken=[1])
    operation = yard.start(Action.APPLY)
    yard.through()
    assert yard.states(operation) == {names[0]: "succeeded", names[1]: "failed"}
    failed = yard.show(operation).members[1]
    yard.world.engine.trip = lambda point: None
    with yard.office.store.transaction() as transaction:
        retry(transaction, machine_scope(), failed.run, clock=yard.office.clocks.real)
    yard.through()
    assert yard.states(operation)[names[1]] == "failed"
    assert yard.audited() == ["fleet.started", "fleet.ended"]


def test_an_agency_sees_its_own_environments_and_no_operation(yard: Yard) -> None:
    yard.approve(2)
    operation = yard.start(Action.PLAN)
    for look in (
        lambda token: list_operations(yard.office, token),
        lambda token: show_operation(yard.office, token, operation.id),
    ):
        with pytest.raises(FleetHouseOnly):
            look(yard.world.tokens["hrss-1"])
        assert look(yard.world.tokens["bureau-1"])
