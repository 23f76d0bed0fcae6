"""``guanyun:cloud:TransitGatewayAttachment``: a VPC on a transit gateway; its subnets change in place."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Properties, Property, Shape, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_SWITCH = ("enable", "disable")
_GONE = ("InvalidTransitGatewayAttachmentID.NotFound",)
_AVAILABLE = "State == 'available'"
_OPTIONS = {"DnsSupport": "dns_support", "ApplianceModeSupport": "appliance_mode_support"}


def _modify(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """All at once: a zone holds one subnet, and the attachment never has none."""
    old, new = set(actual.get("subnet_ids") or []), set(desired.get("subnet_ids") or [])
    changed = {"AddSubnetIds": sorted(new - old), "RemoveSubnetIds": sorted(old - new)}
    context.send(
        "ModifyTransitGatewayVpcAttachment",
        TransitGatewayAttachmentId=identity,
        Options={key: desired[name] for key, name in _OPTIONS.items()},
        **{key: subnets for key, subnets in changed.items() if subnets},
    )
    context.until(identity, _AVAILABLE)


TRANSIT_GATEWAY_ATTACHMENT = Kind(
    type_name="guanyun:cloud:TransitGatewayAttachment",
    service="ec2",
    properties=(
        NAME,
        Property("transit_gateway_id", path="TransitGatewayId", required=True, replaces=always),
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property("subnet_ids", Shape.TEXTS, path="SubnetIds", required=True),
        Property("dns_support", path="Options.DnsSupport", default="enable", choices=_SWITCH),
        Property("appliance_mode_support", path="Options.ApplianceModeSupport", default="disable", choices=_SWITCH),
        TAGS,
    ),
    create=Call(
        "CreateTransitGatewayVpcAttachment",
        {
            "TransitGatewayId": "$transit_gateway_id",
            "VpcId": "$vpc_id",
            "SubnetIds": "$subnet_ids",
            "Options": {key: f"${name}" for key, name in _OPTIONS.items()},
            "TagSpecifications": specification("transit-gateway-attachment"),
        },
    ),
    identity="TransitGatewayVpcAttachment.TransitGatewayAttachmentId",
    describe=Call("DescribeTransitGatewayVpcAttachments", {"TransitGatewayAttachmentIds": ["$id"]}, absent=_GONE),
    view_path="TransitGatewayVpcAttachments[0]",
    ready=_AVAILABLE,
    dying="contains(['deleting', 'deleted', 'failing', 'failed', 'rejecting', 'rejected'], State)",
    gone="contains(['deleted', 'failed', 'rejected'], State)",
    changes=(Change(("subnet_ids", *_OPTIONS.values()), step=_modify), RETAG),
    delete=Call("DeleteTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": "$id"}, absent=_GONE),
    sweep=Call(
        "DescribeTransitGatewayVpcAttachments",
        by_environment(state=["initiating", "pendingAcceptance", "pending", "available", "modifying"]),
    ),
    found="TransitGatewayVpcAttachments[].{id: TransitGatewayAttachmentId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{id}",
)
