"""``guanyun:cloud:RouteTable``: where a VPC's traffic goes, and for which subnets. Both change in place.

Not the program's, so never shown: the VPC's own local routes, those that a VPN gateway propagates, and those that a
gateway endpoint writes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Field, Kind, ObjectOf, Plain, Properties, Property, SetOf, Shape, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification
from infra.provider.normal import UNKNOWN

_GONE = ("InvalidRouteTableID.NotFound",)
_DESTINATIONS = {
    "cidr": "DestinationCidrBlock",
    "ipv6_cidr": "DestinationIpv6CidrBlock",
    "prefix_list_id": "DestinationPrefixListId",
}
_TARGETS = {
    "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId",
    "transit_gateway_id": "TransitGatewayId",
    "peering_id": "VpcPeeringConnectionId",
    "endpoint_id": "VpcEndpointId",
    "network_interface_id": "NetworkInterfaceId",
}
_WHICH = {"RouteTableId": "$id", **{key: f"$item.{name}" for name, key in _DESTINATIONS.items()}}
_WHERE = {**_WHICH, **{key: f"$item.{name}" for name, key in _TARGETS.items()}}


def _routes(shown: Plain) -> list[Plain]:
    return [
        {**{name: one.get(key) for name, key in _DESTINATIONS.items()}, **_target(one)}
        for one in shown or []
        if one.get("GatewayId") != "local"
        and one.get("Origin") != "EnableVgwRoutePropagation"
        and not (_by_endpoint(one) and one.get("DestinationPrefixListId"))
    ]


def _by_endpoint(route: Plain) -> bool:
    """The cloud answers an endpoint as a gateway; the id says which it is."""
    return str(route.get("GatewayId")).startswith("vpce-")


def _target(route: Plain) -> dict[str, Plain]:
    if _by_endpoint(route):
        return {"endpoint_id": route["GatewayId"]}
    return next(({name: route[key]} for name, key in _TARGETS.items() if route.get(key)), {})


def _exactly_one(properties: Properties) -> Iterator[tuple[str, str, str]]:
    routes = properties.get("routes") or []
    for index, route in enumerate([] if routes is UNKNOWN else routes):
        for names in (_DESTINATIONS, _TARGETS):
            if route is not UNKNOWN and sum(name in route for name in names) != 1:
                listed = ", ".join(names)
                yield (f"routes[{index}]", f"须且只能填写其中一项:{listed}", f"needs exactly one of {listed}")


def _associate(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """A subnet follows one table: one that follows another is moved, without an instant on the main table."""
    old, new = set(actual.get("subnet_ids") or []), set(desired.get("subnet_ids") or [])
    for subnet in sorted(new - old):
        filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
        tables = context.send("DescribeRouteTables", Filters=filters)["RouteTables"]
        elsewhere = [one for table in tables for one in table["Associations"] if one.get("SubnetId") == subnet]
        if elsewhere:
            association = elsewhere[0]["RouteTableAssociationId"]
            context.send("ReplaceRouteTableAssociation", AssociationId=association, RouteTableId=identity)
        else:
            context.send("AssociateRouteTable", RouteTableId=identity, SubnetId=subnet)
    _dissociate(context, identity, old - new)


def _dissociate(context: Context, identity: str, subnets: set[str] | None = None) -> None:
    """These subnets, or all, back to the VPC's main table."""
    for one in (context.describe(identity) or {}).get("Associations", []):
        if not one.get("Main") and (subnets is None or one.get("SubnetId") in subnets):
            try:
                context.send("DisassociateRouteTable", AssociationId=one["RouteTableAssociationId"])
            except CloudRefused as refusal:
                if refusal.reason != "InvalidAssociationID.NotFound":
                    raise


def _empty(context: Context, identity: str, _state: Properties) -> None:
    _dissociate(context, identity)


ROUTE_TABLE = Kind(
    type_name="guanyun:cloud:RouteTable",
    service="ec2",
    properties=(
        NAME,
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property(
            "routes",
            SetOf(
                ObjectOf(
                    (
                        Field("cidr", Shape.CIDR),
                        Field("ipv6_cidr", Shape.CIDR),
                        Field("prefix_list_id"),
                        *(Field(name) for name in _TARGETS),
                    )
                ),
                key=tuple(_DESTINATIONS),
            ),
            path="Routes",
            read=_routes,
            default=[],
        ),
        Property(
            "subnet_ids",
            Shape.TEXTS,
            path="Associations[?AssociationState.State!='disassociating'].SubnetId",
            default=[],
        ),
        TAGS,
    ),
    create=Call(
        "CreateRouteTable",
        {"VpcId": "$vpc_id", "ClientToken": "$client_token", "TagSpecifications": specification("route-table")},
    ),
    identity="RouteTable.RouteTableId",
    describe=Call("DescribeRouteTables", {"RouteTableIds": ["$id"]}, absent=_GONE),
    view_path="RouteTables[0]",
    changes=(
        Change(
            ("routes",),
            add=Call("CreateRoute", _WHERE),
            replace=Call("ReplaceRoute", _WHERE),
            remove=Call("DeleteRoute", _WHICH, absent=("InvalidRoute.NotFound",)),
        ),
        Change(("subnet_ids",), step=_associate),
        RETAG,
    ),
    before_delete=_empty,
    check=_exactly_one,
    delete=Call("DeleteRouteTable", {"RouteTableId": "$id"}, absent=_GONE),
    sweep=Call("DescribeRouteTables", by_environment()),
    found="RouteTables[].{id: RouteTableId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:route-table/{id}",
)
