"""The program: what an environment consists of, and that Pulumi.yaml names it."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_pulumi_func

from foundation.values.errors import InvalidValue
from governance.environments import (
    BucketSpec,
    EnvironmentSpec,
    IngressRule,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
)
from infra import program as program_module
from infra.components import Placement
from infra.components.placement import placement_from_document
from infra.components.tenant_environment import cost_tags, device_name
from infra.engine.home import EngineHome, project_file
from infra.program import input_file, program, write_input

PLACEMENT = Placement("aws-cn", "123456789012", ("cn-north-1a", "cn-north-1b"), "arn:aws-cn:iam::aws:policy/Bound")
SPEC = EnvironmentSpec(
    environment="hrss-portal",
    agency="市人力资源和社会保障局",
    system="社保门户",
    project="hrss-2026-01",
    fund_source="一般公共预算",
    zone=Zone.EXTRANET,
    protection=Protection.LEVEL_3,
    cidr="10.20.0.0/16",
    subnets=(SubnetSpec("app", "10.20.1.0/24", 0), SubnetSpec("data", "10.20.2.0/24", 1)),
    ingress=(IngressRule("tcp", 443, "10.0.0.0/8"),),
    instances=(
        InstanceSpec("web-1", "c4", "m5.large", "ami-1", "app"),
        InstanceSpec("db-1", "c8", "m5.xlarge", "ami-1", "data", (VolumeSpec("db-1-a", 50), VolumeSpec("db-1-b", 9))),
    ),
    buckets=(BucketSpec("documents"),),
)


@dataclass
class Recording(mocks.Mocks):  # type: ignore[misc]
    """Takes every resource down instead of making it."""

    made: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    exported: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Give it an id that says what it is."""
        self.made[args.typ.rpartition(":")[2], args.name] = args.inputs
        return f"{args.typ.rpartition(':')[2].lower()}-{args.name}", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> Any:
        """No function is called."""
        raise AssertionError(args.token)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The resources of ``SPEC``."""
    home = tmp_path_factory.mktemp("engine")
    write_input(home, SPEC, PLACEMENT)
    recording = Recording()
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        mocks.set_mocks(recording, project="guanyun", stack=SPEC.environment, preview=False)
        loop.run_until_complete(run_pulumi_func(program(home)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        settings.reset_options()
    return recording


def test_every_part_of_the_spec_becomes_one_resource(built: Recording) -> None:
    kinds = sorted(key for key in built.made if key[0] != "Stack")
    assert kinds == sorted(
        [
            ("TenantEnvironment", "hrss-portal"),
            ("Vpc", "hrss-portal"),
            ("Subnet", "app"),
            ("Subnet", "data"),
            ("SecurityGroup", "baseline"),
            ("Instance", "web-1"),
            ("Instance", "db-1"),
            ("Volume", "db-1-a"),
            ("Volume", "db-1-b"),
            ("Bucket", "documents"),
            ("Role", "operations"),
        ]
    )


def test_every_resource_carries_the_cost_tags_in_the_script_they_were_given_in(built: Recording) -> None:
    resources = {key: made for key, made in built.made.items() if key[0] not in {"Stack", "TenantEnvironment"}}
    assert all(made["tags"] == cost_tags(SPEC) for made in resources.values())
    assert cost_tags(SPEC)["guanyun:fund-source"] == "一般公共预算"


def test_a_bucket_is_private_encrypted_versioned_and_closed_without_tls(built: Recording) -> None:
    bucket = built.made["Bucket", "documents"]
    policy = json.loads(bucket["policy"])["Statement"][0]
    assert bucket["block_public_access"] is True
    assert bucket["encryption"] == "AES256"
    assert bucket["versioning"] is True
    assert (policy["Effect"], policy["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert policy["Resource"][0] == f"arn:aws-cn:s3:::{bucket['name']}"


def test_a_disk_is_attached_to_its_machine_in_the_machine_s_zone(built: Recording) -> None:
    first, second = built.made["Volume", "db-1-a"], built.made["Volume", "db-1-b"]
    assert first["instance_id"] == second["instance_id"] == "instance-db-1"
    assert first["availability_zone"] == built.made["Subnet", "data"]["availability_zone"] == "cn-north-1b"
    assert (first["device"], second["device"]) == ("/dev/sdf", "/dev/sdg")


def test_the_extranet_zone_does_not_reach_the_internet(built: Recording) -> None:
    group = built.made["SecurityGroup", "baseline"]
    assert {rule["cidr"] for rule in group["egress"]} == {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
    assert group["ingress"] == [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}]


def test_the_operations_role_is_bounded_and_acts_on_this_environment_only(built: Recording) -> None:
    role = built.made["Role", "operations"]
    statements = json.loads(role["inline_policies"]["operations"])["Statement"]
    assert role["permissions_boundary"] == PLACEMENT.permissions_boundary
    assert statements[1]["Condition"] == {"StringEquals": {"aws:ResourceTag/guanyun:environment": "hrss-portal"}}


def test_devices_never_repeat_and_go_on_past_z() -> None:
    names = [device_name(index) for index in range(600)]
    assert len(set(names)) == 600
    assert names[20:23] == ["/dev/sdz", "/dev/xvdba", "/dev/xvdbb"]


def test_a_placement_survives_its_document() -> None:
    assert placement_from_document(json.loads(json.dumps(PLACEMENT.document()))) == PLACEMENT


def test_a_zone_index_goes_round_and_is_never_negative() -> None:
    assert PLACEMENT.zone(2) == "cn-north-1a"
    with pytest.raises(InvalidValue):
        PLACEMENT.zone(-1)


def test_the_entry_point_of_pulumi_yaml_is_the_deployer_s_own_program() -> None:
    project = yaml.safe_load(project_file().read_text(encoding="utf-8"))
    entry = project_file().parent / project["main"]
    assert entry.resolve() == Path(program_module.__file__).resolve()
    run = runpy.run_path(str(entry), run_name="not-main")
    assert run["program"].__code__.co_code == program.__code__.co_code
    assert (project["name"], project["runtime"]["name"]) == (program_module.PROJECT, "python")


def test_the_entry_point_run_by_hand_builds_the_same_as_the_deployer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built_with: list[Path] = []

    def get_stack() -> str:
        raise pulumi.RunError("asked for the stack")

    monkeypatch.setenv("GUANYUN_ENGINE_HOME", str(tmp_path))
    monkeypatch.setattr(pulumi, "get_stack", get_stack)
    with pytest.raises(pulumi.RunError, match="asked for the stack"):
        runpy.run_path(program_module.__file__, run_name="__main__")
    assert built_with == []


def test_the_engine_s_home_gets_the_project_with_an_entry_point_that_is_found(tmp_path: Path) -> None:
    home = EngineHome(tmp_path / "engine")
    home.prepare()
    project = yaml.safe_load((home.path / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert Path(project["main"]).is_absolute()
    assert Path(project["main"]).samefile(program_module.__file__)
    assert home.path.stat().st_mode & 0o77 == 0


def test_the_program_s_input_is_the_spec_s_own_document(tmp_path: Path) -> None:
    write_input(tmp_path, SPEC, PLACEMENT)
    assert json.loads(input_file(tmp_path, SPEC.environment).read_bytes())["spec"]["fund_source"] == "一般公共预算"
