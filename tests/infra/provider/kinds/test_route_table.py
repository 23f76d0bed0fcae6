from __future__ import annotations

from typing import Any

from infra.provider.checking import check
from infra.provider.kinds.route_table import ROUTE_TABLE
from infra.provider.normal import UNKNOWN
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_internet_gateway import EXAMPLE as INTERNET_GATEWAY
from tests.infra.provider.kinds.test_nat_gateway import EXAMPLE as NAT_GATEWAY
from tests.infra.provider.kinds.test_subnet import EXAMPLE as SUBNET
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC


def to_the_internet(made: Made) -> dict[str, Any]:
    return {
        "name": "路由",
        "vpc_id": made["vpc"].id,
        "routes": [
            {"cidr": "0.0.0.0/0", "gateway_id": made["gateway"].id},
            {"cidr": "172.16.0.0/12", "nat_gateway_id": made["nat"].id},
        ],
        "subnet_ids": [made["subnet"].id],
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=ROUTE_TABLE,
    needs={"vpc": VPC, "gateway": INTERNET_GATEWAY, "subnet": SUBNET, "nat": NAT_GATEWAY},
    create=to_the_internet,
    update=lambda made: {
        **to_the_internet(made),
        "routes": [
            {"cidr": "0.0.0.0/0", "nat_gateway_id": made["nat"].id},
            {"ipv6_cidr": "::/0", "gateway_id": made["gateway"].id},
        ],
        "subnet_ids": [],
        "tags": {},
    },
    replace=None,
)


def reasons(*routes: object) -> list[tuple[str, str]]:
    _, failures = check(ROUTE_TABLE, {"name": "r", "vpc_id": "vpc-1", "routes": list(routes)}, "env")
    return [(failure.path, failure.en) for failure in failures]


def test_a_route_needs_exactly_one_destination_and_one_target() -> None:
    assert not reasons({"cidr": "10.0.0.0/8", "gateway_id": "igw-1"}, {"prefix_list_id": "pl-1", "peering_id": "pcx-1"})
    assert [path for path, _ in reasons({"cidr": "10.0.0.0/8"})] == ["routes[0]"]
    both = {"cidr": "10.0.0.0/8", "gateway_id": "igw-1", "nat_gateway_id": "nat-1"}
    assert [path for path, _ in reasons(both)] == ["routes[0]"]
    assert [path for path, _ in reasons({"gateway_id": "igw-1"})] == ["routes[0]"]


def test_two_routes_for_one_network_are_refused() -> None:
    twice = ({"cidr": "10.0.0.0/8", "gateway_id": "igw-1"}, {"cidr": "10.0.0.0/8", "nat_gateway_id": "nat-1"})
    assert reasons(*twice)


def test_a_target_that_is_not_known_yet_is_a_target() -> None:
    assert not reasons({"cidr": "10.0.0.0/8", "gateway_id": UNKNOWN})


def test_what_the_cloud_writes_by_itself_is_no_route_of_the_program() -> None:
    read = ROUTE_TABLE.named_property("routes").read
    assert read is not None
    shown = [
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"},
        {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
        {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "Origin": "CreateRoute"},
        {"DestinationPrefixListId": "pl-2", "GatewayId": "igw-1", "Origin": "CreateRoute"},
        {"DestinationCidrBlock": "10.2.0.0/16", "GatewayId": "vpce-2", "Origin": "CreateRoute"},
    ]
    assert [{name: value for name, value in route.items() if value} for route in read(shown)] == [
        {"prefix_list_id": "pl-2", "gateway_id": "igw-1"},
        {"cidr": "10.2.0.0/16", "endpoint_id": "vpce-2"},
    ]
