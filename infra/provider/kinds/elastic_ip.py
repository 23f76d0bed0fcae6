"""``guanyun:cloud:ElasticIp``: a public address that stays, on a machine or behind a NAT gateway."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Properties, Property, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_GONE = ("InvalidAllocationID.NotFound",)


def _move(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """To the machine that is named, from wherever it is; to none where none is."""
    if desired.get("instance_id"):
        context.send(
            "AssociateAddress", AllocationId=identity, InstanceId=desired["instance_id"], AllowReassociation=True
        )
    else:
        _part(context, identity)


def _part(context: Context, identity: str) -> None:
    association = (context.describe(identity) or {}).get("AssociationId")
    if association:
        try:
            context.send("DisassociateAddress", AssociationId=association)
        except CloudRefused as refusal:
            if refusal.reason != "InvalidAssociationID.NotFound":
                raise


def _free(context: Context, identity: str, state: Properties) -> None:
    """An address on a machine is taken from it; one that a NAT gateway holds goes when the gateway has gone."""
    if state.get("instance_id"):
        _part(context, identity)


ELASTIC_IP = Kind(
    type_name="guanyun:cloud:ElasticIp",
    service="ec2",
    properties=(
        NAME,
        Property("public_ip", path="PublicIp", replaces=always, offered=True),
        Property("public_ipv4_pool", path="PublicIpv4Pool", replaces=always, offered=True),
        Property("instance_id", path="InstanceId", read=lambda shown: shown or None),
        TAGS,
    ),
    create=Call(
        "AllocateAddress",
        {
            "Domain": "vpc",
            "Address": "$public_ip",
            "PublicIpv4Pool": "$public_ipv4_pool",
            "TagSpecifications": specification("elastic-ip"),
        },
    ),
    identity="AllocationId",
    describe=Call("DescribeAddresses", {"AllocationIds": ["$id"]}, absent=_GONE),
    view_path="Addresses[0]",
    changes=(Change(("instance_id",), step=_move), RETAG),
    before_delete=_free,
    busy=("InvalidIPAddress.InUse",),
    delete=Call("ReleaseAddress", {"AllocationId": "$id"}, absent=_GONE),
    sweep=Call("DescribeAddresses", by_environment()),
    found="Addresses[].{id: AllocationId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}",
)
