"""The short form: twenty lines become an exact spec, the same one every time."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.environments import (
    EnvironmentSpec,
    PersonRole,
    Purpose,
    read_environment,
    read_published,
    spec_document,
    spec_from_document,
)
from tests.governance.environments.plans import PlanInMemory

EXAMPLES = Path(__file__).parents[3] / "examples" / "environments"
LEVELS = Path(__file__).parents[3] / "governance" / "environments" / "levels.yaml"


@pytest.fixture
def plan() -> PlanInMemory:
    return PlanInMemory(IPv4Network("10.72.0.0/16"))


@pytest.fixture
def spec(plan: PlanInMemory) -> EnvironmentSpec:
    read, findings = read_environment(EXAMPLES / "social-insurance.yaml", addresses=plan)
    assert read is not None, findings
    return read


@pytest.fixture
def written() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXAMPLES / "reporting.yaml").read_text(encoding="utf-8"))
    return document


def test_twenty_lines_are_enough() -> None:
    lines = (EXAMPLES / "social-insurance.yaml").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("#")]) <= 20


def test_the_block_comes_from_the_address_plan_just_large_enough(spec: EnvironmentSpec, plan: PlanInMemory) -> None:
    assert spec.cidr == "10.72.0.0/23"
    (asked,) = plan.asked
    assert (asked.prefix, asked.agency, asked.protection) == (23, "hrss", spec.protection)


def test_each_purpose_gets_a_subnet_in_every_zone(spec: EnvironmentSpec) -> None:
    assert [(one.name, one.cidr, one.zone_index) for one in spec.subnets] == [
        ("web-1", "10.72.0.0/26", 0),
        ("web-2", "10.72.0.64/26", 1),
        ("app-1", "10.72.0.128/26", 0),
        ("app-2", "10.72.0.192/26", 1),
        ("data-1", "10.72.1.0/26", 0),
        ("data-2", "10.72.1.64/26", 1),
    ]


def test_sizes_are_plans_and_types_and_machines_are_spread_over_zones(spec: EnvironmentSpec) -> None:
    assert [(one.name, one.plan, one.instance_type, one.subnet) for one in spec.instances] == [
        ("web-1", "general-2c4g", "c5.large", "web-1"),
        ("web-2", "general-2c4g", "c5.large", "web-2"),
        ("app-1", "general-4c8g", "c5.xlarge", "app-1"),
        ("app-2", "general-4c8g", "c5.xlarge", "app-2"),
    ]
    assert [volume.name for one in spec.instances for volume in one.volumes] == [
        "web-1-system",
        "web-2-system",
        "app-1-system",
        "app-2-system",
    ]
    assert spec.load_balancers[0].targets == ("web-1", "web-2")
    assert (spec.databases[0].instance_class, spec.databases[0].multi_zone) == ("db.m5.2xlarge", True)


def test_the_protection_level_gives_what_the_spec_does_not_say(spec: EnvironmentSpec) -> None:
    assert spec.backup is not None
    assert spec.flow_logs is not None
    assert spec.backup.retention_days == 35
    assert spec.flow_logs.retention_days == 180
    assert spec.roles == (PersonRole.OPERATE, PersonRole.READ, PersonRole.AUDIT)


def test_what_was_resolved_reads_back_as_itself(spec: EnvironmentSpec) -> None:
    assert spec_from_document(spec_document(spec)) == (spec, ())


def test_the_same_file_gives_the_same_spec(spec: EnvironmentSpec, plan: PlanInMemory) -> None:
    again, _ = read_environment(EXAMPLES / "social-insurance.yaml", addresses=plan)
    assert again == spec


def test_another_cloud_s_sizes_give_its_own_types(written: dict[str, Any]) -> None:
    published, findings = read_published(EXAMPLES / "sizes-private-cloud.yaml", LEVELS)
    assert published is not None, findings
    written["databases"] = []
    spec, findings = spec_from_document(written, published=published)
    assert spec is not None, findings
    assert spec.instances[0].instance_type == "gv1.large"


def test_what_stands_does_not_move_when_a_purpose_is_put_before_it(written: dict[str, Any]) -> None:
    standing, _ = spec_from_document(written)
    assert standing is not None
    written["subnets"] = [{"purpose": "web", "prefix": 27}, *written["subnets"]]
    changed, findings = spec_from_document(written, standing=standing)
    assert changed is not None, findings
    before = {one.name: one.cidr for one in standing.subnets}
    after = {one.name: one.cidr for one in changed.subnets}
    assert before.items() <= after.items()
    assert [one.cidr for one in changed.subnets_for(Purpose.WEB)] == ["10.64.8.128/27", "10.64.8.160/27"]


def test_a_peer_s_addresses_come_from_the_address_plan(written: dict[str, Any], plan: PlanInMemory) -> None:
    plan.held["hrss-insurance"] = IPv4Network("10.72.0.0/23")
    del written["peers"][0]["cidr"]
    spec, findings = spec_from_document(written, addresses=plan)
    assert spec is not None, findings
    assert spec.peers[0].cidr == "10.72.0.0/23"


def test_machines_may_stay_in_one_zone(written: dict[str, Any]) -> None:
    written["instances"][0] |= {"count": 3, "spread": False}
    spec, findings = spec_from_document(written)
    assert spec is not None, findings
    assert {one.subnet for one in spec.instances} == {"app-1"}


def test_the_guide_shows_the_example_itself(spec: EnvironmentSpec, plan: PlanInMemory) -> None:
    guide = (EXAMPLES.parents[1] / "docs" / "infrastructure.md").read_text(encoding="utf-8")
    shown = yaml.safe_load(guide.split("```yaml")[1].split("```")[0])
    assert spec_from_document(shown, addresses=plan) == (spec, ())
