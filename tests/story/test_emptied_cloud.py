"""The cloud is not what it was: changed by hand between plan and apply, or emptied behind the environment's back."""

from __future__ import annotations

import pytest

from infra import sandbox
from tests.story.conftest import ENVIRONMENT, PLANNER, SPEC, Installation, request

pytestmark = pytest.mark.real
STOPPED = 3
"""The exit code where something stands in the way that the person must look at first."""


def test_a_plan_is_refused_when_the_cloud_was_changed_by_hand_since(installation: Installation) -> None:
    installation.do("apply", ENVIRONMENT, account=PLANNER)
    (machine,) = SPEC["instances"]
    larger = {**SPEC, "instances": [{**machine, "plan": "general-4c8g", "instance_type": "c5.xlarge"}]}
    request(installation, larger, "REQ-2026-0002", "change")
    planned = installation.read("plan", "create", ENVIRONMENT)
    assert [step["operation"] for step in planned["steps"]] == ["update"]
    vpc = network(installation)
    installation.aws("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    before = everything(installation)

    code, said = installation.run("apply", ENVIRONMENT, account=PLANNER)
    assert code == STOPPED, said
    assert planned["digest"][:12] in said
    assert "[infra.plan-changed]" in said
    assert "计划已变" in said
    assert "plan again" in said
    assert everything(installation) == before
    assert types(installation) == ["c5.large"]
    audited = [entry["event"] for entry in installation.read("audit", "list")]
    assert "plan.refused" in audited

    anew = installation.read("plan", "create", ENVIRONMENT)
    assert anew["digest"] != planned["digest"]
    assert sorted(step["kind"] for step in anew["steps"]) == ["Instance", "Vpc"]
    installation.do("apply", ENVIRONMENT, account=PLANNER)
    assert types(installation) == ["c5.xlarge"]
    attribute = installation.aws("ec2").describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    assert attribute["EnableDnsHostnames"]["Value"]


def test_an_emptied_cloud_is_noticed_before_anything_is_planned_or_built(installation: Installation) -> None:
    installation.do("apply", ENVIRONMENT, account=PLANNER)
    state = installation.checkpoint
    sandbox.reset(installation.home / "sandbox")
    commands = (("plan", "create", ENVIRONMENT), ("apply", ENVIRONMENT), ("env", "compare", ENVIRONMENT))
    for words in commands:
        code, said = installation.run(*words, account=PLANNER)
        assert code == STOPPED, said
        assert "this is a different or emptied cloud" in said
        assert "这是另一个云,或已被清空的云" in said
        assert "[infra.different-cloud]" in said
        assert "Traceback" not in said
    assert installation.checkpoint == state
    assert everything(installation) == []
    assert installation.locks == []


def test_an_environment_planned_in_one_cloud_is_not_built_in_another(
    installation: Installation,
) -> None:
    """The plan was made, the cloud reset, and only then is it applied."""
    sandbox.reset(installation.home / "sandbox")
    code, said = installation.run("apply", ENVIRONMENT, account=PLANNER)
    assert code == STOPPED, said
    assert "this is a different or emptied cloud" in said
    assert everything(installation) == []


def network(installation: Installation) -> str:
    (vpc,) = [one["VpcId"] for one in installation.aws("ec2").describe_vpcs()["Vpcs"] if not one["IsDefault"]]
    return str(vpc)


def types(installation: Installation) -> list[str]:
    found = installation.aws("ec2").describe_instances()["Reservations"]
    return [machine["InstanceType"] for group in found for machine in group["Instances"]]


def everything(installation: Installation) -> list[str]:
    """Ids of all that carries the environment's tag."""
    pages = installation.aws("resourcegroupstaggingapi").get_paginator("get_resources")
    wanted = [{"Key": "guanyun:environment", "Values": [ENVIRONMENT]}]
    return sorted(
        one["ResourceARN"] for page in pages.paginate(TagFilters=wanted) for one in page["ResourceTagMappingList"]
    )
