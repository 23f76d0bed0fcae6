"""What the end of a deployment tells the register."""

from __future__ import annotations

from datetime import UTC, datetime

from governance.environments import EnvironmentSpec
from infra.deployments import apply_plan, plan_environment
from infra.deployments.outcome import ended_payload, termination
from infra.engine.model import StackState
from tests.infra.deployments.conftest import World

NOON = datetime(2026, 3, 3, 4, tzinfo=UTC)
OUTPUTS = {
    "vpc": {"hrss-portal": "vpc-1"},
    "instance": {"web-1": "i-1", "web-2": "i-2"},
    "volume": {"web-1-data": "vol-1"},
}


def test_a_machine_is_told_with_its_plan_and_the_sum_of_its_disks(world: World) -> None:
    world.approve()
    planned = plan_environment(world.deployer, world.tokens["operator-1"], "hrss-portal")
    applied = apply_plan(world.deployer, world.tokens["operator-1"], "hrss-portal", planned.plan.digest)
    payload = ended_payload(planned.plan, applied.deployment, OUTPUTS, NOON)
    assert payload["instant"] == "2026-03-03T04:00:00Z"
    assert {key: payload[key] for key in ("agency", "system", "project", "fund_source", "terminated")} == {
        "agency": "hrss",
        "system": "portal",
        "project": "P-1",
        "fund_source": "本级财政",
        "terminated": False,
    }
    told = {one["resource"]: (one["cloud_id"], one["plan"], one["attributes"]) for one in payload["resources"]}
    assert told == {
        "hrss-portal/vpc/hrss-portal": ("vpc-1", "", {}),
        "hrss-portal/instance/web-1": ("i-1", "general-2c4g", {"size_gb": "100"}),
        "hrss-portal/instance/web-2": ("i-2", "general-2c4g", {}),
        "hrss-portal/volume/web-1-data": ("vol-1", "", {"size_gb": "100"}),
    }


def test_a_termination_is_agreed_to_by_the_very_ids_it_deletes(spec: EnvironmentSpec) -> None:
    def plan_of(*machines: str) -> str:
        ids = {"guanyun:cloud:Instance": frozenset(machines)}
        return termination(StackState("hrss-portal", ids, {}), "d" * 64).digest

    assert plan_of("i-1", "i-2") == plan_of("i-2", "i-1")
    assert plan_of("i-1") != plan_of("i-2")
