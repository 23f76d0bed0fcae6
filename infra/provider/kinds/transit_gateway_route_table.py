"""``guanyun:cloud:TransitGatewayRouteTable``: who on a transit gateway reaches whom.

An attachment's traffic follows the one table it is associated with; a table knows the networks of the attachments that
propagate into it, its static routes and its prefix lists, and nothing else. All four are read from the cloud whole,
page by page, so that a way which somebody opened by hand is found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import (
    Call,
    Change,
    Field,
    Kind,
    Look,
    ObjectOf,
    Plain,
    Properties,
    Property,
    SetOf,
    Shape,
    always,
)
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification
from infra.provider.normal import UNKNOWN

_GONE = ("InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound")
_LEFT = ("InvalidAssociation.NotFound", "TransitGatewayRouteTablePropagation.NotFound", "InvalidRoute.NotFound")
_TAKEN = ("Resource.AlreadyAssociated", "IncorrectState")
_PAUSE = 1.0
_ONE = {"TransitGatewayRouteTableId": "$id", "TransitGatewayAttachmentId": "$item"}
_ROUTE = {"TransitGatewayRouteTableId": "$id", "DestinationCidrBlock": "$item.cidr"}
_LIST = {"TransitGatewayRouteTableId": "$id", "PrefixListId": "$item.prefix_list_id"}
_TARGET = {"TransitGatewayAttachmentId": "$item.attachment_id", "Blackhole": "$item.blackhole"}
_TARGET_FIELDS = (Field("attachment_id"), Field("blackhole", Shape.BOOLEAN, default=False))


def _every(operation: str, rows: str, **filters: Any) -> Look:
    """Every page of a listing about one table."""

    def look(context: Context, identity: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        following: dict[str, str] = {}
        while True:
            page = context.send(operation, TransitGatewayRouteTableId=identity, **filters, **following)
            found += page.get(rows) or []
            if not page.get("NextToken"):
                return found
            following = {"NextToken": page["NextToken"]}

    return look


def _routes(shown: Plain) -> list[Plain]:
    return [{"cidr": one["DestinationCidrBlock"], **_target(one)} for one in shown or []]


def _lists(shown: Plain) -> list[Plain]:
    """A prefix list shows as a route for each of its networks."""
    return [{"prefix_list_id": one["PrefixListId"], **_target(one)} for one in shown or []]


def _target(route: Plain) -> dict[str, Plain]:
    attachments = route.get("TransitGatewayAttachments") or []
    if attachments:
        return {"attachment_id": attachments[0]["TransitGatewayAttachmentId"], "blackhole": False}
    return {"blackhole": route.get("State") == "blackhole"}


def _one_target(properties: Properties) -> Iterator[tuple[str, str, str]]:
    for name in ("routes", "prefix_lists"):
        rows = properties.get(name) or []
        for index, row in enumerate([] if rows is UNKNOWN else rows):
            if row is UNKNOWN or row["blackhole"] is UNKNOWN:
                continue
            if row["blackhole"] == ("attachment_id" in row):
                yield (
                    f"{name}[{index}]",
                    "attachment_id 与 blackhole: true 须且只能填写一个",
                    "needs either attachment_id or blackhole: true",
                )


def _associate(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    old, new = (set(one.get("associated_attachment_ids") or []) for one in (actual, desired))
    for attachment in sorted(old - new):
        _leave(context, identity, attachment)
    for attachment in sorted(new - old):
        _join(context, identity, attachment)
    context.until(identity, _settled("associations"))


def _join(context: Context, identity: str, attachment: str) -> None:
    """An attachment follows one table: it leaves the one it has, and joins this as soon as the cloud lets it."""
    deadline = time.monotonic() + context.kind.seconds
    while True:
        try:
            context.send(
                "AssociateTransitGatewayRouteTable",
                TransitGatewayRouteTableId=identity,
                TransitGatewayAttachmentId=attachment,
            )
            return
        except CloudRefused as refusal:
            if refusal.reason not in _TAKEN or time.monotonic() > deadline:
                raise
        shown = context.send("DescribeTransitGatewayAttachments", TransitGatewayAttachmentIds=[attachment])
        association = shown["TransitGatewayAttachments"][0].get("Association") or {}
        if association.get("State") == "associated":
            _leave(context, association["TransitGatewayRouteTableId"], attachment)
        context.sleep(_PAUSE)


def _leave(context: Context, identity: str, attachment: str) -> None:
    try:
        context.send(
            "DisassociateTransitGatewayRouteTable",
            TransitGatewayRouteTableId=identity,
            TransitGatewayAttachmentId=attachment,
        )
    except CloudRefused as refusal:
        if refusal.reason not in _LEFT:
            raise


def _settled(listing: str) -> str:
    """Nothing in it is on its way in or out."""
    return f"!({listing}[?ends_with(State, 'ing')])"


def _empty(context: Context, identity: str, _state: Properties) -> None:
    """Only a table that nothing follows can be deleted; what does now is the cloud's to say."""
    view = context.view(identity)
    if view is not None:
        for row in view["associations"]:
            _leave(context, identity, row["TransitGatewayAttachmentId"])
        context.until(identity, _settled("associations"))


TRANSIT_GATEWAY_ROUTE_TABLE = Kind(
    type_name="guanyun:cloud:TransitGatewayRouteTable",
    service="ec2",
    properties=(
        NAME,
        Property("transit_gateway_id", path="TransitGatewayId", required=True, replaces=always),
        Property(
            "associated_attachment_ids",
            Shape.TEXTS,
            path="associations[?!starts_with(State, 'disassociat')].TransitGatewayAttachmentId",
            default=[],
        ),
        Property(
            "propagated_attachment_ids",
            Shape.TEXTS,
            path="propagations[?!starts_with(State, 'disabl')].TransitGatewayAttachmentId",
            default=[],
        ),
        Property(
            "routes",
            SetOf(ObjectOf((Field("cidr", Shape.CIDR, required=True), *_TARGET_FIELDS)), key=("cidr",)),
            path="static[?!PrefixListId && !starts_with(State, 'delet')]",
            read=_routes,
            default=[],
        ),
        Property(
            "prefix_lists",
            SetOf(ObjectOf((Field("prefix_list_id", required=True), *_TARGET_FIELDS)), key=("prefix_list_id",)),
            path="static[?PrefixListId && !starts_with(State, 'delet')]",
            read=_lists,
            default=[],
        ),
        TAGS,
    ),
    create=Call(
        "CreateTransitGatewayRouteTable",
        {
            "TransitGatewayId": "$transit_gateway_id",
            "TagSpecifications": specification("transit-gateway-route-table"),
        },
    ),
    identity="TransitGatewayRouteTable.TransitGatewayRouteTableId",
    describe=Call("DescribeTransitGatewayRouteTables", {"TransitGatewayRouteTableIds": ["$id"]}, absent=_GONE),
    view_path="TransitGatewayRouteTables[0]",
    looks={
        "associations": _every("GetTransitGatewayRouteTableAssociations", "Associations"),
        "propagations": _every("GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTablePropagations"),
        "static": _every("SearchTransitGatewayRoutes", "Routes", Filters=[{"Name": "type", "Values": ["static"]}]),
    },
    ready="State == 'available'",
    dying="State == 'deleting' || State == 'deleted'",
    gone="State == 'deleted'",
    # Routes before followers: who joins finds the table as it should be.
    changes=(
        Change(
            ("routes",),
            add=Call("CreateTransitGatewayRoute", {**_ROUTE, **_TARGET}),
            replace=Call("ReplaceTransitGatewayRoute", {**_ROUTE, **_TARGET}),
            remove=Call("DeleteTransitGatewayRoute", _ROUTE, absent=_LEFT),
        ),
        Change(
            ("prefix_lists",),
            add=Call("CreateTransitGatewayPrefixListReference", {**_LIST, **_TARGET}),
            replace=Call("ModifyTransitGatewayPrefixListReference", {**_LIST, **_TARGET}),
            remove=Call("DeleteTransitGatewayPrefixListReference", _LIST, absent=_LEFT),
        ),
        Change(
            ("propagated_attachment_ids",),
            add=Call("EnableTransitGatewayRouteTablePropagation", _ONE),
            remove=Call("DisableTransitGatewayRouteTablePropagation", _ONE, absent=_LEFT),
            emptied=True,
            until=_settled("propagations"),
        ),
        Change(("associated_attachment_ids",), step=_associate),
        RETAG,
    ),
    before_delete=_empty,
    check=_one_target,
    delete=Call("DeleteTransitGatewayRouteTable", {"TransitGatewayRouteTableId": "$id"}, absent=_GONE),
    sweep=Call("DescribeTransitGatewayRouteTables", by_environment(state=["pending", "available"])),
    found="TransitGatewayRouteTables[].{id: TransitGatewayRouteTableId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-route-table/{id}",
)
