"""``guanyun:cloud:TransitGateway``: the hub between networks.

By default nothing attached is associated with a route table, and no route is learnt: who reaches whom is said by
``TransitGatewayRouteTable`` alone.
"""

from __future__ import annotations

from infra.provider.kind import Call, Change, Kind, Property, Shape, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_SWITCH = ("enable", "disable")
_GONE = ("InvalidTransitGatewayID.NotFound",)
_CHANGING = {
    "AmazonSideAsn": "$amazon_side_asn",
    "AutoAcceptSharedAttachments": "$auto_accept_shared_attachments",
    "DefaultRouteTableAssociation": "$default_route_table_association",
    "DefaultRouteTablePropagation": "$default_route_table_propagation",
    "DnsSupport": "$dns_support",
    "VpnEcmpSupport": "$vpn_ecmp_support",
}


def _switch(name: str, key: str, default: str) -> Property:
    return Property(name, path=f"Options.{key}", default=default, choices=_SWITCH)


TRANSIT_GATEWAY = Kind(
    type_name="guanyun:cloud:TransitGateway",
    service="ec2",
    properties=(
        NAME,
        Property("description", path="Description", default=""),
        Property("amazon_side_asn", Shape.INTEGER, path="Options.AmazonSideAsn", default=64512, minimum=1),
        _switch("auto_accept_shared_attachments", "AutoAcceptSharedAttachments", "disable"),
        _switch("default_route_table_association", "DefaultRouteTableAssociation", "disable"),
        _switch("default_route_table_propagation", "DefaultRouteTablePropagation", "disable"),
        _switch("dns_support", "DnsSupport", "enable"),
        _switch("vpn_ecmp_support", "VpnEcmpSupport", "enable"),
        Property(
            "multicast_support",
            path="Options.MulticastSupport",
            default="disable",
            choices=_SWITCH,
            replaces=always,
        ),
        TAGS,
    ),
    create=Call(
        "CreateTransitGateway",
        {
            "Description": "$description",
            "Options": {**_CHANGING, "MulticastSupport": "$multicast_support"},
            "TagSpecifications": specification("transit-gateway"),
        },
    ),
    identity="TransitGateway.TransitGatewayId",
    describe=Call("DescribeTransitGateways", {"TransitGatewayIds": ["$id"]}, absent=_GONE),
    view_path="TransitGateways[0]",
    ready="State == 'available'",
    dying="State == 'deleting' || State == 'deleted'",
    gone="State == 'deleted'",
    changes=(
        Change(
            (
                "description",
                "amazon_side_asn",
                "auto_accept_shared_attachments",
                "default_route_table_association",
                "default_route_table_propagation",
                "dns_support",
                "vpn_ecmp_support",
            ),
            (
                Call(
                    "ModifyTransitGateway",
                    {"TransitGatewayId": "$id", "Description": "$description", "Options": _CHANGING},
                ),
            ),
        ),
        RETAG,
    ),
    delete=Call("DeleteTransitGateway", {"TransitGatewayId": "$id"}, absent=_GONE),
    sweep=Call("DescribeTransitGateways", by_environment(state=["pending", "available", "modifying"])),
    found="TransitGateways[].{id: TransitGatewayId, tags: Tags}",
    outputs={"arn": "TransitGatewayArn", "owner_account": "OwnerId"},
)
