"""``guanyun:cloud:NatGateway``: the way out for subnets that nothing may reach from outside."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Kind, Properties, Property, View, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, specification

_GONE = ("NatGatewayNotFound",)
_LIVING = [
    {"Name": "tag:guanyun:environment", "Values": ["$environment"]},
    {"Name": "state", "Values": ["pending", "available"]},
]


def _address_fits(properties: Properties) -> Iterator[tuple[str, str, str]]:
    public = properties.get("connectivity_type") == "public"
    if public and not properties.get("allocation_id"):
        yield ("allocation_id", "公网 NAT 网关须有弹性公网地址", "is required of a public gateway")
    if not public and properties.get("allocation_id"):
        yield ("allocation_id", "私网 NAT 网关没有公网地址", "goes with the connectivity type public only")


def _born(context: Context, answer: View) -> str:
    """The id, once it is clear that the gateway can live: the cloud accepts one first, and says then why it cannot."""
    identity = str(answer["NatGateway"]["NatGatewayId"])
    view = context.until(identity, "State != 'pending'")
    if view["State"] == "failed":
        reason, message = view.get("FailureCode", "failed"), view.get("FailureMessage", "")
        raise CloudRefused(operation="CreateNatGateway", reason=reason, message=message)
    return identity


NAT_GATEWAY = Kind(
    type_name="guanyun:cloud:NatGateway",
    service="ec2",
    properties=(
        NAME,
        Property("subnet_id", path="SubnetId", required=True, replaces=always),
        Property(
            "connectivity_type",
            path="ConnectivityType",
            default="public",
            choices=("public", "private"),
            replaces=always,
        ),
        Property("allocation_id", path="NatGatewayAddresses[0].AllocationId", replaces=always),
        Property("private_ip", path="NatGatewayAddresses[0].PrivateIp", replaces=always, offered=True),
        TAGS,
    ),
    create=Call(
        "CreateNatGateway",
        {
            "SubnetId": "$subnet_id",
            "ConnectivityType": "$connectivity_type",
            "AllocationId": "$allocation_id",
            "PrivateIpAddress": "$private_ip",
            "ClientToken": "$client_token",
            "TagSpecifications": specification("natgateway"),
        },
    ),
    identity=_born,
    describe=Call("DescribeNatGateways", {"NatGatewayIds": ["$id"]}, absent=_GONE),
    view_path="NatGateways[0]",
    ready="State == 'available'",
    dying="State == 'deleting' || State == 'deleted'",
    gone="State == 'deleted' || State == 'failed'",
    changes=(RETAG,),
    # An address is held until the gateway that has it is gone.
    exclusive=(("allocation_id",), ("private_ip",)),
    check=_address_fits,
    delete=Call("DeleteNatGateway", {"NatGatewayId": "$id"}, absent=_GONE),
    sweep=Call("DescribeNatGateways", {"Filter": _LIVING}),
    found="NatGateways[].{id: NatGatewayId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
    outputs={
        "public_ip": "NatGatewayAddresses[0].PublicIp",
        "network_interface_id": "NatGatewayAddresses[0].NetworkInterfaceId",
        "vpc_id": "VpcId",
    },
)
