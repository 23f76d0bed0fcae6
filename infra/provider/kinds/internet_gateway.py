"""``guanyun:cloud:InternetGateway``: a VPC's way to and from the internet."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Properties, Property
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_GONE = ("InvalidInternetGatewayID.NotFound",)


def _reattach(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """Leave the VPC it is attached to, then join the one it belongs to."""
    if actual.get("vpc_id"):
        _detach(context, identity, actual["vpc_id"])
    if desired.get("vpc_id"):
        context.send("AttachInternetGateway", InternetGatewayId=identity, VpcId=desired["vpc_id"])


def _detach(context: Context, identity: str, vpc_id: str) -> None:
    try:
        context.send("DetachInternetGateway", InternetGatewayId=identity, VpcId=vpc_id)
    except CloudRefused as refusal:
        if refusal.reason != "Gateway.NotAttached":
            raise


def _let_go(context: Context, identity: str, _state: Properties) -> None:
    """Only a detached gateway can be deleted; what it is attached to is the cloud's to say."""
    view = context.describe(identity) or {}
    for attachment in view.get("Attachments", []):
        _detach(context, identity, attachment["VpcId"])


INTERNET_GATEWAY = Kind(
    type_name="guanyun:cloud:InternetGateway",
    service="ec2",
    properties=(NAME, Property("vpc_id", path="Attachments[?State!='detached'].VpcId | [0]"), TAGS),
    create=Call("CreateInternetGateway", {"TagSpecifications": specification("internet-gateway")}),
    identity="InternetGateway.InternetGatewayId",
    describe=Call("DescribeInternetGateways", {"InternetGatewayIds": ["$id"]}, absent=_GONE),
    view_path="InternetGateways[0]",
    changes=(Change(("vpc_id",), step=_reattach), RETAG),
    before_delete=_let_go,
    delete=Call("DeleteInternetGateway", {"InternetGatewayId": "$id"}, absent=_GONE),
    sweep=Call("DescribeInternetGateways", by_environment()),
    found="InternetGateways[].{id: InternetGatewayId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}",
)
