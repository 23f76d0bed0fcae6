"""A kill anywhere: the next run completes the environment, and makes nothing twice."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from foundation.work import LeaseHeld, LeaseLost, acquire, died, this_process
from foundation.work.outbox import outbox_table
from governance.errors import Refused
from infra.deployments import (
    DeploymentState,
    DeploymentUnfinished,
    apply_plan,
    approve_plan,
    compare_with_cloud,
    environment_status,
    plan_environment,
)
from infra.engine.errors import EngineFailed, PlanChanged
from tests.infra.deployments.conftest import World
from tests.infra.deployments.fakes import KillAt, Killed

ENVIRONMENT = "hrss-portal"
Events = Callable[[], list[str]]


def planned(world: World) -> str:
    world.approve()
    return plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest


def told(world: World) -> int:
    with world.office.store.reading() as transaction:
        return int(transaction.value(select(func.count()).select_from(outbox_table)))


@pytest.mark.parametrize("passing", [1, 2, 4])
@pytest.mark.parametrize("point", ["before the call", "between call and state"])
def test_a_kill_in_the_middle_is_finished_without_duplicate_or_orphan(
    world: World, events: Events, point: str, passing: int
) -> None:
    digest = planned(world)
    world.engine.trip = KillAt(point, passing)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    before = environment_status(world.office, world.tokens["operator-1"], ENVIRONMENT)
    assert before.unfinished
    assert told(world) == 0
    applied = apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert applied.new
    assert applied.report is not None
    assert applied.report.clean
    assert before.deployment is not None
    assert applied.deployment.id == before.deployment.id
    assert applied.deployment.attempts == 2
    assert world.cloud.count == 4
    assert world.engine.locked == set()
    assert told(world) == 1
    assert events()[-3:] == ["deployment.started", "deployment.resumed", "deployment.ended"]
    assert not apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest).new


@pytest.mark.parametrize("point", ["before plan is settled", "after the last write"])
def test_a_kill_at_either_end_is_finished_too(world: World, point: str) -> None:
    digest = planned(world)
    world.engine.trip = KillAt(point)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest).new
    assert (world.cloud.count, told(world)) == (4, 1)


def test_a_kill_before_the_end_is_on_record_is_finished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = planned(world)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("infra.deployments.applying.record_end", die)
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest).new
    assert (world.cloud.count, told(world)) == (4, 1)


def test_planning_again_names_the_deployment_to_finish(world: World) -> None:
    digest = planned(world)
    world.engine.trip = KillAt("between call and state", 2)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    again = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert (again.new, again.up_to_date, again.plan.digest) == (False, False, digest)


def test_an_orphan_keeps_a_deployment_from_being_given_up(world: World) -> None:
    digest = planned(world)
    world.engine.trip = KillAt("between call and state", 2)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    world.approve(world.with_image("ami-2"))
    with pytest.raises(DeploymentUnfinished) as refusal:
        plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert "orphan" in str(refusal.value)


def test_a_deployment_that_cannot_finish_is_given_up_for_a_new_approval(world: World, events: Events) -> None:
    """The image does not exist: the agency changes its request, and what was made is kept."""
    world.approve(world.with_image("ami-broken"))
    operator = world.tokens["operator-1"]
    digest = plan_environment(world.deployer, operator, ENVIRONMENT).plan.digest
    with pytest.raises(EngineFailed):
        apply_plan(world.deployer, operator, ENVIRONMENT, digest)
    with pytest.raises(EngineFailed):
        apply_plan(world.deployer, operator, ENVIRONMENT, digest)
    world.approve()
    fresh = plan_environment(world.deployer, operator, ENVIRONMENT).plan.digest
    with pytest.raises(Exception, match="superseded"):
        apply_plan(world.deployer, operator, ENVIRONMENT, digest)
    assert apply_plan(world.deployer, operator, ENVIRONMENT, fresh).new
    assert (world.cloud.count, told(world)) == (4, 1)
    assert events().count("deployment.ended") == 2


def test_the_same_spec_is_planned_anew_when_a_person_gives_up_the_old_run(world: World) -> None:
    digest = planned(world)
    world.engine.trip = KillAt("before the call", 2)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    operator = world.tokens["operator-1"]
    fresh = plan_environment(world.deployer, operator, ENVIRONMENT, give_up_unfinished=True)
    assert fresh.new
    assert fresh.plan.digest != digest
    assert apply_plan(world.deployer, operator, ENVIRONMENT, fresh.plan.digest).new
    assert world.cloud.count == 4


def test_a_termination_that_was_killed_is_finished(world: World) -> None:
    digest = planned(world)
    operator = world.tokens["operator-1"]
    apply_plan(world.deployer, operator, ENVIRONMENT, digest)
    world.approve(terminate=True)
    ending = plan_environment(world.deployer, operator, ENVIRONMENT).plan.digest
    approve_plan(world.deployer, world.tokens["operator-2"], ending)
    world.engine.trip = KillAt("between delete and state", 2)
    with pytest.raises(Killed):
        apply_plan(world.deployer, operator, ENVIRONMENT, ending)
    applied = apply_plan(world.deployer, operator, ENVIRONMENT, ending)
    assert (applied.new, applied.deployment.outputs, world.cloud.made[ENVIRONMENT]) == (True, {}, {})


def test_whoever_approved_the_plan_does_not_finish_it(world: World) -> None:
    operator, second = world.tokens["operator-1"], world.tokens["operator-2"]
    apply_plan(world.deployer, operator, ENVIRONMENT, planned(world))
    world.approve(world.with_image("ami-2"))
    digest = plan_environment(world.deployer, operator, ENVIRONMENT).plan.digest
    approve_plan(world.deployer, second, digest)
    world.engine.trip = KillAt("between call and state")
    with pytest.raises(Killed):
        apply_plan(world.deployer, operator, ENVIRONMENT, digest)
    with pytest.raises(Refused) as refusal:
        apply_plan(world.deployer, second, ENVIRONMENT, digest)
    assert refusal.value.facts["rule"] == "I03"
    assert apply_plan(world.deployer, operator, ENVIRONMENT, digest).new


def test_a_cloud_that_moved_before_the_plan_was_settled_ends_the_deployment_as_refused(
    world: World, events: Events
) -> None:
    digest = planned(world)
    world.engine.trip = KillAt("before plan is settled")
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    stray = world.cloud.create(ENVIRONMENT, "vpc", ENVIRONMENT, {"cidr": "10.10.0.0/24"}, "by hand")
    world.engine.known[ENVIRONMENT] = {stray.id: stray}
    with pytest.raises(PlanChanged):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert events()[-1] == "plan.refused"
    status = environment_status(world.office, world.tokens["operator-1"], ENVIRONMENT)
    assert status.deployment is not None
    assert status.deployment.state is DeploymentState.REFUSED


def test_a_live_holder_keeps_others_out_and_a_dead_one_does_not(world: World) -> None:
    digest = planned(world)
    office, length, name = world.office, world.deployer.lease_length, f"environment:{ENVIRONMENT}"
    gone = this_process().replace(f" {os.getpid()} ", " 999999999 ")
    left = acquire(office.store, name, gone, length=length, clock=office.clocks.real)
    with world.deployer.holding(ENVIRONMENT) as lease, pytest.raises(LeaseHeld):
        assert lease.number == left.number + 1
        plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest).new


def test_a_holder_that_cannot_be_seen_from_here_is_not_taken_for_dead(world: World) -> None:
    host, _, start, where = this_process().rsplit(" ", 3)
    assert died(f"{host} 999999999 {start} {where}")
    assert not died(f"{host} 999999999 {start} another-boot/pid:[1]")
    assert not died(f"{host} 999999999 {start}")
    assert not died("somebody")


def test_a_run_that_lost_its_lease_writes_no_end(world: World) -> None:
    digest = planned(world)
    office = world.office

    def steal(point: str) -> None:
        if point == "after the last write":
            from sqlalchemy import update

            from foundation.work.leases import lease_table

            with office.store.transaction() as transaction:
                transaction.write(update(lease_table).values(number=lease_table.c.number + 1))

    world.engine.trip = steal
    with pytest.raises(LeaseLost):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert told(world) == 0
    world.engine.trip = lambda point: None


def test_the_comparison_names_what_only_one_side_has(world: World) -> None:
    digest = planned(world)
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert compare_with_cloud(world.deployer, world.tokens["operator-1"], ENVIRONMENT).clean
    stray = world.cloud.create(ENVIRONMENT, "instance", "stray", {}, "by hand")
    report = compare_with_cloud(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert report.orphans == {"guanyun:cloud:Instance": frozenset({stray.id})}
    assert report.missing == {}


def test_the_cloud_is_compared_with_the_state_after_a_killed_run_and_at_the_end_of_an_environment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    sweep = world.cloud.sweep

    def noted(environment: str, places: object = ()) -> object:
        asked.append(environment)
        return sweep(environment, places)

    monkeypatch.setattr(world.cloud, "sweep", noted)
    digest = planned(world)
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert asked == []  # it has told the state of all it made
    world.approve(world.with_image("ami-2"))
    replacing = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan
    approve_plan(world.deployer, world.tokens["operator-2"], replacing.digest)
    world.engine.trip = KillAt("between call and state", 1)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, replacing.digest)
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, replacing.digest)
    assert asked == [ENVIRONMENT]
    world.approve(terminate=True)
    ending = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan
    approve_plan(world.deployer, world.tokens["operator-2"], ending.digest)
    asked.clear()
    ended = apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, ending.digest)
    assert asked == [ENVIRONMENT]
    assert ended.report is not None
    assert ended.report.clean
