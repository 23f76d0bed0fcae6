"""A provider inside this process, for many engines at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from infra.provider.attached import serve_attached
from infra.provider.clouds import Clouds
from infra.provider.plain import to_plain, to_struct
from infra.provider.service import CloudProvider
from infra.provider.work import Work, Works

TYPE = "guanyun:cloud:Vpc"


class Attached:
    """The provider, the works it looks at, and a line to it as an engine has one."""

    def __init__(self, world: Any) -> None:
        self.works = Works()
        self.port, self.stop = serve_attached(CloudProvider(self.works, Clouds(world.clients)))
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def create(self, environment: str, name: str = "n") -> tuple[str, dict[str, Any]]:
        urn = f"urn:pulumi:{environment}::guanyun::{TYPE}::{name}"
        given = to_struct({"name": name, "cidr_block": "10.0.0.0/16"})
        checked = self.stub.Check(provider_pb2.CheckRequest(urn=urn, news=given))
        made = self.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))
        return made.id, to_plain(made.properties)

    def delete(self, environment: str, identity: str, state: dict[str, Any]) -> None:
        urn = f"urn:pulumi:{environment}::guanyun::{TYPE}::n"
        properties = to_struct(state)
        self.stub.Delete(provider_pb2.DeleteRequest(urn=urn, id=identity, properties=properties))


@pytest.fixture
def attached(world: Any) -> Iterator[Attached]:
    one = Attached(world)
    yield one
    one.channel.close()
    one.stop()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as error:
        act()
    return str(error.value.details())  # type: ignore[attr-defined]


@pytest.mark.real
def test_each_environment_is_served_while_it_is_worked_on_and_alone_ends(attached: Attached, world: Any) -> None:
    one, other = world.environment, f"{world.environment}_b"
    assert "provider.no-work" in refused(lambda: attached.create(one))
    attached.works.begin(Work(one, "deployment-1"))
    attached.works.begin(Work(other, "deployment-2"))
    first, second = attached.create(one), attached.create(other)
    assert first[1]["token"] != second[1]["token"]
    attached.works.end(one)
    assert one in refused(lambda: attached.create(one, "again"))
    attached.delete(other, *second)
    attached.works.begin(Work(one, "deployment-3"))
    attached.delete(one, *first)


@pytest.mark.real
def test_one_engines_cancel_stops_no_other_and_attach_is_answered(attached: Attached, world: Any) -> None:
    attached.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
    attached.stub.Cancel(empty_pb2.Empty())
    attached.works.begin(Work(world.environment, "deployment-1"))
    attached.delete(world.environment, *attached.create(world.environment))


@pytest.mark.real
def test_many_environments_at_once_get_their_own(attached: Attached, world: Any) -> None:
    environments = [f"{world.environment}_{index}" for index in range(24)]
    for environment in environments:
        attached.works.begin(Work(environment, "deployment-1"))
    with ThreadPoolExecutor(24) as pool:
        made = dict(zip(environments, pool.map(attached.create, environments), strict=True))
        assert len({identity for identity, _ in made.values()}) == len(environments)
        for environment, (identity, _) in made.items():
            found = world.clients.call("ec2", "DescribeVpcs", {"VpcIds": [identity]})["Vpcs"][0]
            assert {"Key": "guanyun:environment", "Value": environment} in found["Tags"]
        list(pool.map(lambda one: attached.delete(one, *made[one]), environments))


def test_it_ends_and_can_be_ended_twice(world: Any) -> None:
    before = set(threading.enumerate())
    one = Attached(world)
    one.stop()
    one.stop()
    with pytest.raises(grpc.RpcError):
        one.stub.Attach(plugin_pb2.PluginAttach(), timeout=2)
    one.channel.close()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("cloud")]
