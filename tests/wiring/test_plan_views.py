"""A plan as wiring puts it together: the plan that ran before, today's estimate, today's judgement, who approves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.authority import Office, machine_scope
from governance.environments import EnvironmentSpec
from governance.errors import NotFound
from infra.deployments import ApprovedEnvironment, apply_plan, approve_plan, plan_environment
from infra.views import Approver, draw
from tenants.environments.model import Environment, EnvironmentState
from tenants.environments.tables import save_environment
from tests.infra.deployments.conftest import SPEC, World, make_world
from wiring import plan_views
from wiring.plan_views import view_environment, view_plan

ENVIRONMENT = SPEC.environment


def lines(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """A hundred yuan a machine; a plan that the catalogue lost is refused."""
    if any(one.image == "ami-gone" for one in spec.instances):
        raise InvalidValue(field="plan", found="gone", expected="a plan of the catalogue")
    found = [
        {"service": "cloud-host", "plan": one.plan, "amount": 10_000, "resources": [one.name]} for one in spec.instances
    ]
    return 10_000 * len(found), found


@pytest.fixture
def world(office: Office, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    made = make_world(office, people)

    def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
        return made.approved.get(environment)

    monkeypatch.setattr(plan_views, "approvals", approvals)
    monkeypatch.setattr(plan_views, "estimator", lines)
    return made


def look(world: World, account: str = "operator-1", digest: str | None = None) -> Any:
    return view_plan(SimpleNamespace(office=world.office), world.tokens[account], ENVIRONMENT, digest)  # type: ignore[arg-type]


def run(world: World) -> str:
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, planned.plan.digest)
    return planned.plan.digest


def test_the_first_plan_costs_everything_and_is_covered(world: World) -> None:
    world.approve()
    plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    view = look(world)
    assert (view.cost.before, view.cost.after) == (0, 20_000)
    assert (view.approver, view.reasons, view.approved) == (Approver.NOBODY_MORE, (), False)
    assert "<svg" in view.picture


def test_a_later_plan_is_told_against_the_one_that_ran(world: World) -> None:
    world.approve()
    first = run(world)
    world.approve(replace(SPEC, instances=SPEC.instances[:1]))
    planned = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    view = look(world)
    assert (view.cost.before, view.cost.after, view.cost.difference) == (20_000, 10_000, -10_000)
    assert view.approver is Approver.SECOND_OPERATOR
    approve_plan(world.deployer, world.tokens["operator-2"], planned.plan.digest)
    assert look(world).approved
    earlier = look(world, digest=first)
    assert (earlier.digest, earlier.cost.before) == (first, 0)
    assert earlier.approver is Approver.NOBODY_MAY  # another spec is approved since


def test_what_the_catalogue_lost_costs_what_was_recorded(world: World) -> None:
    spec = world.with_image("ami-gone")
    world.approve(spec)
    plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert look(world).cost.after == 20_000


def test_an_agency_sees_its_own_plan_and_no_other(world: World) -> None:
    world.approve()
    plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT)
    assert look(world, "hrss-1").environment == ENVIRONMENT
    with pytest.raises(NotFound):
        look(world, "housing-1")


def test_an_environment_is_drawn_as_approved_with_what_is_built(world: World) -> None:
    opened = SimpleNamespace(office=world.office)
    with pytest.raises(NotFound):
        view_environment(opened, world.tokens["hrss-1"], ENVIRONMENT)  # type: ignore[arg-type]
    record = Environment(ENVIRONMENT, "hrss", "portal", EnvironmentState.APPROVED, "REQ-1", SPEC, "d", "")
    with world.office.store.transaction() as transaction:
        save_environment(transaction, machine_scope(), record)
    scene = view_environment(opened, world.tokens["hrss-1"], ENVIRONMENT)  # type: ignore[arg-type]
    assert scene.cidr == SPEC.cidr
    assert "未建 not built" in draw(scene)
    with pytest.raises(NotFound):
        view_environment(opened, world.tokens["housing-1"], ENVIRONMENT)  # type: ignore[arg-type]
