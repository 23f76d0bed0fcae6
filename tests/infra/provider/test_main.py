"""The plugin as a process, and under the real engine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from pulumi import automation
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from infra.engine.command import locate
from infra.provider.attached import serve_attached
from infra.provider.clouds import Clouds
from infra.provider.kinds.bucket import BUCKET
from infra.provider.kinds.instance import INSTANCE
from infra.provider.kinds.subnet import SUBNET
from infra.provider.kinds.vpc import VPC
from infra.provider.naming import bucket_name
from infra.provider.record import alive
from infra.provider.service import CloudProvider
from infra.provider.servicer import redacted
from infra.provider.sweep import sweep
from infra.provider.work import Work, Works
from infra.resources import CloudResource
from infra.sandbox import SandboxStatus
from tests.infra.provider.kinds.example import Made

PLUGIN = Path(sys.executable).parent / "pulumi-resource-guanyun"
SECRET = "correct horse battery staple"


def settings(sandbox: SandboxStatus, environment: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": str(sandbox.endpoint),
        "AWS_REGION": "cn-north-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "GUANYUN_ENVIRONMENT": environment,
        "GUANYUN_DEPLOYMENT": "deployment-1",
    }


@pytest.fixture
def plugin(sandbox: SandboxStatus, world: Any, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environ = {
        **os.environ,
        **settings(sandbox, world.environment),
        "GUANYUN_PROVIDER_RECORD": str(tmp_path / "record"),
    }
    process = subprocess.Popen(
        [PLUGIN, "127.0.0.1:1"], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.wait()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.mark.real
def test_the_provider_is_gone_within_a_moment_of_its_engines_death(
    plugin: subprocess.Popen[str], tmp_path: Path
) -> None:
    port_of(plugin)
    assert alive(str(tmp_path / "record")) == plugin.pid
    assert plugin.stdin is not None
    plugin.stdin.close()
    start = time.monotonic()
    plugin.wait(5)
    assert time.monotonic() - start < 0.3
    assert alive(str(tmp_path / "record")) is None


@pytest.mark.real
def test_an_error_is_one_message_in_both_languages_without_traceback_and_secret(
    plugin: subprocess.Popen[str], world: Any
) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port_of(plugin)}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        secret = PropertyValue(f"i-{SECRET}").with_secret(True)
        inputs = {
            "name": PropertyValue("d"),
            "availability_zone": PropertyValue("cn-north-1a"),
            "size_gb": PropertyValue(8.0),
            "instance_id": secret,
            "device": PropertyValue("/dev/sdf"),
        }
        request = provider_pb2.CreateRequest(
            urn=f"urn:pulumi:{world.environment}::p::guanyun:cloud:Volume::d",
            properties=PropertyValue.marshal_map(inputs),
        )
        with pytest.raises(grpc.RpcError) as error:
            stub.Create(request)
    details = error.value.details()
    assert "云拒绝了 AttachVolume" in details
    assert "the cloud refused AttachVolume" in details
    assert "[secret]" in details
    assert SECRET not in details
    assert "Traceback" not in details
    assert not sweep(world.clients, world.environment)["guanyun:cloud:Volume"]


def test_nested_secrets_are_kept_out_of_messages() -> None:
    nested = PropertyValue({"a": PropertyValue([PropertyValue(SECRET).with_secret(True)])})
    request = provider_pb2.CreateRequest(properties=PropertyValue.marshal_map({"inline_policies": nested}))
    assert redacted(f"bad: {SECRET}!", request) == "bad: [secret]!"


class Program:
    """An inline program over a few kinds; its attributes are what a test changes."""

    def __init__(self, environment: str, image: str) -> None:
        self.environment, self.image = environment, image
        self.machine_type = "t3.micro"
        self.imported = ""

    def __call__(self) -> None:
        vpc = CloudResource(VPC, "vpc", name="网络", cidr_block="10.0.0.0/16", tags={"agency": "教育局"})
        subnet = CloudResource(
            SUBNET, "subnet", name="s", vpc_id=vpc.id, cidr_block="10.0.1.0/24", availability_zone="cn-north-1a"
        )
        machine = CloudResource(
            INSTANCE,
            "machine",
            name="m",
            image_id=self.image,
            instance_type=self.machine_type,
            subnet_id=subnet.id,
            # Given plain: the kind declares it secret.
            user_data=SECRET,
        )
        CloudResource(BUCKET, "logs", name=bucket_name(self.environment, "logs"), versioning=True)
        if self.imported:
            options = pulumi.ResourceOptions(import_=self.imported)
            CloudResource(VPC, "imported", options, name="old", cidr_block="10.5.0.0/16")
        pulumi.export("private_ip", machine.output("private_ip"))
        pulumi.export("vpc", vpc.id)


def attach(world: Any) -> tuple[int, Callable[[], None]]:
    """A provider in this very process, that works on the stack ``env`` as the world's environment is called."""
    works = Works()
    works.begin(Work(world.environment, "deployment-1"))
    return serve_attached(CloudProvider(works, Clouds(world.clients)))


@pytest.mark.real
@pytest.mark.parametrize("attached", [False, True], ids=["plugin", "attached"])
def test_under_the_real_engine_create_drift_change_import_and_destroy(
    attached: bool, sandbox: SandboxStatus, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = locate()
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(PLUGIN.parent), str(Path(command.path).parent), os.environ["PATH"]])
    )
    attached_to = attach(world) if attached else None
    (tmp_path / "state").mkdir()
    environ = {
        **settings(sandbox, world.environment),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_HOME": str(tmp_path / "home"),
        **({"PULUMI_DEBUG_PROVIDERS": f"guanyun:{attached_to[0]}"} if attached_to else {}),
    }
    program = Program(world.environment, Made(world.clients, world.environment).image())
    stack = automation.create_or_select_stack(
        world.environment, "guanyun", program, opts=automation.LocalWorkspaceOptions(env_vars=environ)
    )

    def in_state() -> dict[str, set[str]]:
        ids: dict[str, set[str]] = {}
        for one in stack.export_stack().deployment.get("resources", []):
            if one["type"].startswith("guanyun:cloud:"):
                ids.setdefault(one["type"], set()).add(one["id"])
        return ids

    def in_the_cloud() -> dict[str, set[str]]:
        return {name: set(ids) for name, ids in sweep(world.clients, world.environment).items() if ids}

    assert stack.preview().change_summary == {"create": 5}
    assert in_the_cloud() == {}
    outputs = stack.up().outputs
    assert outputs["private_ip"].value.startswith("10.0.1.")
    assert in_state() == in_the_cloud()
    written = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]
    assert stack.preview(refresh=True).change_summary == {"same": 5}

    # drift: a tag changed and a bucket gone behind our back
    vpc = outputs["vpc"].value
    world.clients.call("ec2", "CreateTags", {"Resources": [vpc], "Tags": [{"Key": "agency", "Value": "别人"}]})
    world.clients.call("s3", "DeleteBucket", {"Bucket": bucket_name(world.environment, "logs")})
    program.machine_type = "t3.large"
    drift = stack.preview(refresh=True).change_summary
    assert drift == {"create": 1, "update": 2, "same": 2}
    stack.up(refresh=True)
    assert in_state() == in_the_cloud()
    assert stack.preview(refresh=True).change_summary == {"same": 5}

    old = world.clients.call("ec2", "CreateVpc", {"CidrBlock": "10.5.0.0/16"})["Vpc"]["VpcId"]
    world.clients.call("ec2", "CreateTags", {"Resources": [old], "Tags": [{"Key": "Name", "Value": "old"}]})
    program.imported = old
    assert stack.up().summary.resource_changes == {"import": 1, "same": 5}
    assert old in in_state()["guanyun:cloud:Vpc"]

    stack.destroy()
    assert in_state() == {}
    assert in_the_cloud() == {}
    if attached_to:
        attached_to[1]()
