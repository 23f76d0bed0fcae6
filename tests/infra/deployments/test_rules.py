"""Which plan may be applied on whose word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from governance.environments import EnvironmentSpec
from governance.errors import NotFound, Refused
from infra.deployments import (
    ApprovalChanged,
    NothingApproved,
    PlanSuperseded,
    Risk,
    apply_plan,
    approve_plan,
    environment_status,
    plan_environment,
)
from infra.engine.errors import PlanChanged
from infra.errors import DifferentCloud
from tests.infra.deployments.conftest import World

Events = Callable[[], list[str]]
ENVIRONMENT = "hrss-portal"


def plan_and_apply(world: World) -> str:
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, planned.plan.digest)
    return planned.plan.digest


def test_nothing_is_planned_without_an_approval(world: World) -> None:
    with pytest.raises(NothingApproved):
        plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)


def test_only_an_operator_plans(world: World, events: Events) -> None:
    world.approve()
    with pytest.raises(Refused):
        plan_environment(world.deployer, world.tokens["bureau-1"], ENVIRONMENT)
    assert events() == ["act.refused"]
    assert world.engine.calls == []


def test_the_same_difference_again_is_the_same_plan(world: World, events: Events) -> None:
    world.approve()
    first = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert (first.new, first.plan.risk, first.coverage.covered) == (True, Risk.ADDS, True)
    before = events()
    second = plan_environment(world.deployer, world.tokens["operator-2"], ENVIRONMENT)
    assert (second.plan, second.new) == (first.plan, False)
    assert events() == before == ["cloud.recorded", "plan.recorded"]


def test_an_approval_covers_what_only_adds_inside_spec_and_estimate(world: World, events: Events) -> None:
    world.approve()
    digest = plan_and_apply(world)
    assert events() == ["cloud.recorded", "plan.recorded", "deployment.started", "deployment.ended"]
    applied = apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert not applied.new
    assert applied.deployment.outputs["instance"].keys() == {"web-1", "web-2"}
    again = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert (again.up_to_date, again.new, again.plan.digest) == (True, False, digest)
    assert len(events()) == 4


def test_a_cost_above_the_estimate_needs_a_second_operator(world: World, events: Events) -> None:
    world.approve(monthly=19_999)
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert [reason.code for reason in planned.coverage.reasons] == ["cost"]
    with pytest.raises(Refused) as refusal:
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, planned.plan.digest)
    assert refusal.value.facts["rule"] == "I02"
    assert events()[-1] == "act.refused"
    assert "apply" not in world.engine.calls


def test_a_replacement_needs_a_second_operator_person(world: World, events: Events) -> None:
    world.approve()
    plan_and_apply(world)
    world.approve(world.with_image("ami-2"))
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    digest = planned.plan.digest
    assert planned.plan.risk is Risk.REPLACES
    with pytest.raises(Refused):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    with pytest.raises(Refused) as refusal:
        approve_plan(world.deployer, world.tokens["operator-1"], digest)
    assert refusal.value.facts["rule"] == "R12"
    assert approve_plan(world.deployer, world.tokens["operator-2"], digest)[1]
    assert not approve_plan(world.deployer, world.tokens["operator-2"], digest)[1]
    with pytest.raises(Refused) as refusal:
        apply_plan(world.deployer, world.tokens["operator-2"], ENVIRONMENT, digest)
    assert refusal.value.facts["rule"] == "R13"
    assert apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest).new
    assert events()[-2:] == ["deployment.started", "deployment.ended"]


def test_an_approval_does_not_serve_the_same_digest_a_second_time(world: World, spec: EnvironmentSpec) -> None:
    """There and back and there again makes a plan with the first one's digest: it is another plan."""
    operator, second = world.tokens["operator-1"], world.tokens["operator-2"]
    world.approve()
    plan_and_apply(world)
    digests = []
    for image in ("ami-2", "ami-1", "ami-2"):
        world.approve(world.with_image(image))
        digest = plan_environment(world.deployer, operator, ENVIRONMENT).plan.digest
        digests.append(digest)
        with pytest.raises(Refused):
            apply_plan(world.deployer, operator, ENVIRONMENT, digest)
        approve_plan(world.deployer, second, digest)
        assert apply_plan(world.deployer, operator, ENVIRONMENT, digest).new
    assert digests[0] == digests[2] != digests[1]


def test_a_plan_that_loses_data_is_refused_to_everyone(world: World, spec: EnvironmentSpec) -> None:
    world.approve()
    plan_and_apply(world)
    world.approve(replace(spec, instances=spec.instances[1:]))
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert [reason.code for reason in planned.coverage.forbidden] == ["data"]
    with pytest.raises(Refused) as refusal:
        approve_plan(world.deployer, world.tokens["operator-2"], planned.plan.digest)
    assert refusal.value.facts["rule"] == "I01"
    with pytest.raises(Refused):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, planned.plan.digest)


def test_a_termination_deletes_everything_after_a_second_person_agreed(world: World, events: Events) -> None:
    world.approve()
    plan_and_apply(world)
    world.approve(terminate=True)
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert (planned.plan.risk, len(planned.plan.steps)) == (Risk.DELETES, 4)
    with pytest.raises(Refused):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, planned.plan.digest)
    approve_plan(world.deployer, world.tokens["operator-2"], planned.plan.digest)
    assert apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, planned.plan.digest).new
    assert world.cloud.made[ENVIRONMENT] == {}
    again = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert again.up_to_date


def test_a_plan_that_changed_is_refused_and_touches_nothing(world: World, events: Events) -> None:
    world.approve()
    digest = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest
    stray = world.cloud.create(ENVIRONMENT, "vpc", ENVIRONMENT, {"cidr": "10.10.0.0/24"}, "by hand")
    world.engine.known[ENVIRONMENT] = {stray.id: stray}
    with pytest.raises(PlanChanged) as refusal:
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert refusal.value.facts["approved"] == digest[:12] != refusal.value.facts["found"]
    assert events()[-2:] == ["deployment.started", "plan.refused"]
    assert world.cloud.count == 1
    with pytest.raises(PlanSuperseded):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert apply_plan(
        world.deployer,
        world.tokens["operator-1"],
        ENVIRONMENT,
        plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest,
    ).new


def test_a_newer_plan_or_approval_overtakes_an_older_plan(world: World) -> None:
    world.approve()
    old = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest
    world.approve(world.with_image("ami-2"))
    with pytest.raises(Refused) as refusal:
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, old)
    assert refusal.value.facts["rule"] == "I01"
    plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    with pytest.raises(PlanSuperseded):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, old)
    with pytest.raises(PlanSuperseded):
        approve_plan(world.deployer, world.tokens["operator-2"], old)
    with pytest.raises(NotFound):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, "0" * 64)


def test_an_approval_that_changes_while_planning_is_noticed(world: World) -> None:
    world.approve()
    original = world.engine.preview

    def approve_meanwhile(spec: EnvironmentSpec, **options: object) -> object:
        world.approve(world.with_image("ami-2"))
        return original(spec)

    world.engine.preview = approve_meanwhile  # type: ignore[method-assign,assignment]
    with pytest.raises(ApprovalChanged):
        plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)


@pytest.mark.parametrize("marker", [None, "another"])
def test_another_cloud_stops_everything_before_it_begins(
    world: World, spec: EnvironmentSpec, marker: str | None
) -> None:
    world.approve()
    digest = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest
    calls = list(world.engine.calls)
    world.cloud.marker = marker
    world.approve(replace(spec, environment="hrss-other"))
    for environment in (ENVIRONMENT, "hrss-other"):
        with pytest.raises(DifferentCloud):
            plan_environment(world.deployer, world.tokens["operator-1"], environment)
    with pytest.raises(DifferentCloud):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert world.engine.calls == calls


def test_two_first_contacts_at_once_are_not_taken_for_another_cloud(world: World, spec: EnvironmentSpec) -> None:
    other = replace(spec, environment="hrss-other")
    world.approve()
    world.approve(other)
    looked = world.cloud.identity

    def marked_by_another_after_the_look() -> object:
        found = looked()
        world.cloud.identity = looked  # type: ignore[method-assign]
        plan_environment(world.deployer, world.tokens["operator-1"], "hrss-other")
        return found

    world.cloud.identity = marked_by_another_after_the_look  # type: ignore[method-assign,assignment]
    assert plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest


def test_an_agency_sees_its_own_environment_only(world: World) -> None:
    world.approve()
    plan_and_apply(world)
    mine = environment_status(world.office, world.tokens["hrss-1"], ENVIRONMENT)
    other = environment_status(world.office, world.tokens["housing-1"], ENVIRONMENT)
    assert mine.deployment is not None
    assert not mine.unfinished
    assert (other.cloud, other.plan, other.deployment) == (None, None, None)
