"""What is on record of many environments is read by as many statements as of few, and says the same as one by one."""

from __future__ import annotations

import pytest

from governance.authority import machine_scope
from infra.deployments import newest_deployments, newest_plan, newest_plans, plan_environment
from infra.deployments.tables import newest_deployment
from infra.fleet import Action, MemberState, NothingFound, resume
from tests.databases import counted
from tests.infra.fleet.conftest import Yard, spec_of


def test_an_operation_begins_by_as_many_statements_over_sixty_environments_as_over_three(yard: Yard) -> None:
    names = yard.planned(63)
    for action in (Action.PLAN, Action.APPLY, Action.REFRESH):
        sent = []
        for chosen in (names[:3], names[3:]):
            with counted(yard.office.store) as statements:
                operation = yard.start(action, *chosen, at_once=2)
            going = {"released": 2, "waiting": len(chosen) - 2}
            never_deployed = {"skipped": len(chosen)}
            assert yard.show(operation).tally.by_state() == (never_deployed if action is Action.REFRESH else going)
            sent.append(len(statements))
        assert sent[0] == sent[1], (action, sent)


def test_going_on_reads_by_as_many_statements_over_thirty_environments_as_over_three(yard: Yard) -> None:
    names = yard.approve(33)
    sent = []
    for chosen in (names[:3], names[3:]):
        operation = yard.start(Action.APPLY, *chosen, at_once=2)
        assert yard.show(operation).tally.by_state() == {"held": len(chosen)}
        for name in chosen:
            plan_environment(yard.world.deployer, yard.operator, name)
        with counted(yard.office.store) as statements:
            resume(yard.fleet, yard.operator, operation.id)
        assert yard.show(operation).tally.by_state() == {"released": 2, "waiting": len(chosen) - 2}
        sent.append(len(statements))
    assert sent[0] == sent[1], sent


def test_what_is_recalled_of_many_is_what_is_recalled_of_each(yard: Yard) -> None:
    names = yard.planned(5, broken=[4])
    yard.start(Action.APPLY, *names[:2])
    yard.start(Action.APPLY, names[4])
    yard.through()
    plan_environment(yard.world.deployer, yard.operator, names[0])
    yard.world.approve(spec_of(names[1], "housing", "ami-2"))
    plan_environment(yard.world.deployer, yard.operator, names[1])
    wanted = [*names, "nowhere"]
    scope = machine_scope()
    with yard.office.store.reading() as transaction:
        plans = newest_plans(transaction, scope, wanted)
        deployments = newest_deployments(transaction, scope, wanted)
        for name in wanted:
            assert plans.get(name) == newest_plan(transaction, scope, environment=name)
            assert deployments.get(name) == newest_deployment(transaction, scope, name)
        assert newest_plans(transaction, scope, []) == {}


def test_every_environment_that_is_not_there_and_every_one_that_is_held_is_told_at_once(yard: Yard) -> None:
    names = yard.planned(4)
    with pytest.raises(NothingFound) as refusal:
        yard.start(Action.APPLY, *names, "nowhere-1", "nowhere-2")
    assert refusal.value.facts["names"] == "nowhere-1, nowhere-2"
    unplanned = yard.approve(6)[4:]
    yard.world.approve(spec_of(names[1], "housing"), monthly=9_999)
    plan_environment(yard.world.deployer, yard.operator, names[1])
    operation = yard.start(Action.APPLY)
    held = {one.environment: one.reason for one in yard.show(operation).members if one.state is MemberState.HELD}
    assert held == {names[1]: "fleet.waiting-for-approval", **dict.fromkeys(unplanned, "fleet.no-plan")}
