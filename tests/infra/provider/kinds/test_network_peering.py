from __future__ import annotations

from typing import Any

import pytest

from infra.provider.clouds import Clouds
from infra.provider.differing import differ
from infra.provider.kinds.network_peering import NETWORK_PEERING
from infra.provider.kinds.vpc import VPC as VPC_KIND
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_transit_gateway_attachment import OTHER_VPC
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC

THIRD_VPC = Example(
    kind=VPC_KIND, create=lambda _: {"name": "third", "cidr_block": "10.88.0.0/16"}, update=None, replace=None
)


def joined(made: Made) -> dict[str, Any]:
    return {
        "name": "对等连接",
        "vpc_id": made["vpc"].id,
        "peer_vpc_id": made["other"].id,
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=NETWORK_PEERING,
    needs={"vpc": VPC, "other": OTHER_VPC, "third": THIRD_VPC},
    create=joined,
    update=lambda made: {**joined(made), "name": "joined", "dns_resolution": True, "tags": {}},
    replace=lambda made: {**joined(made), "peer_vpc_id": made["third"].id},
)


def test_what_was_accepted_is_withdrawn_by_a_new_request_only() -> None:
    old = {"name": "p", "vpc_id": "vpc-1", "peer_vpc_id": "vpc-2", "accepted": True}
    withdrawn = differ(NETWORK_PEERING, old, {**old, "accepted": False})
    assert withdrawn.replaces == ("accepted",)
    assert withdrawn.delete_first
    assert not differ(NETWORK_PEERING, {**old, "accepted": False}, old).replaces


@pytest.mark.real
def test_another_account_accepts_what_it_is_asked(world: Any) -> None:
    made = world.standing(EXAMPLE)
    there = Clouds(world.clients).at("210987654321", "cn-north-1")
    peer = there.call("ec2", "CreateVpc", {"CidrBlock": "10.99.0.0/16"})["Vpc"]["VpcId"]
    kind, lifecycle = NETWORK_PEERING, world.lifecycle()
    given = {**joined(made), "peer_vpc_id": peer, "peer_account": "210987654321"}
    pending = world.checked(kind, {**given, "accepted": False})
    first = lifecycle.create(kind, world.urn(kind), pending)
    asked = {"VpcPeeringConnectionIds": [first.id]}
    (shown,) = there.call("ec2", "DescribeVpcPeeringConnections", asked)["VpcPeeringConnections"]
    assert shown["Status"]["Code"] == "pending-acceptance"
    inputs = world.checked(kind, {**given, "dns_resolution": True})
    first = lifecycle.update(kind, world.urn(kind), first.id, first.properties, inputs)
    (shown,) = there.call("ec2", "DescribeVpcPeeringConnections", asked)["VpcPeeringConnections"]
    assert shown["Status"]["Code"] == "active"
    assert shown["AccepterVpcInfo"]["OwnerId"] == "210987654321"
    assert lifecycle.read(kind, first.id, first.properties) == first
    lifecycle.delete(kind, first.id, first.properties)
    assert lifecycle.read(kind, first.id, first.properties) is None
