"""``guanyun:cloud:NetworkPeering``: two VPCs joined, in one account or two; the other side accepts here and now.

Whether two agencies may be joined is decided before: this is what carries it out.
"""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, View, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_GONE = ("InvalidVpcPeeringConnectionID.NotFound",)
_ACTIVE = "Status.Code == 'active'"
_ENDED = "contains(['deleting', 'deleted', 'rejected', 'expired'], Status.Code)"
_DNS = "PeeringOptions.AllowDnsResolutionFromRemoteVpc == `true`"


def _withdrawn(old: Plain, new: Plain) -> bool:
    """What was accepted cannot be un-accepted: only a new request can."""
    return bool(old) and not new


def _accept(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    _other_side(context, desired, "AcceptVpcPeeringConnection", VpcPeeringConnectionId=identity)
    context.until(identity, _ACTIVE)


def _resolve(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """Each side lets its names be asked for by the other; the options of a side are its own account's to set."""
    if desired.get("accepted"):
        allowed = {"AllowDnsResolutionFromRemoteVpc": bool(desired.get("dns_resolution"))}
        operation = "ModifyVpcPeeringConnectionOptions"
        context.send(operation, VpcPeeringConnectionId=identity, RequesterPeeringConnectionOptions=allowed)
        other = {"VpcPeeringConnectionId": identity, "AccepterPeeringConnectionOptions": allowed}
        _other_side(context, {**actual, **desired}, operation, **other)


def _other_side(context: Context, properties: Properties, operation: str, **parameters: Plain) -> None:
    place = {"account": properties.get("peer_account", ""), "region": properties.get("peer_region", "")}
    context.elsewhere(**place).call("ec2", operation, parameters)


def _born(context: Context, answer: View) -> str:
    """The id, once the request stands: of networks that overlap the cloud accepts it first, and fails it then."""
    identity = str(answer["VpcPeeringConnection"]["VpcPeeringConnectionId"])
    view = context.until(identity, "!contains(['initiating-request', 'provisioning'], Status.Code)")
    if view["Status"]["Code"] == "failed":
        message = view["Status"].get("Message", "")
        raise CloudRefused(operation="CreateVpcPeeringConnection", reason="failed", message=message)
    return identity


NETWORK_PEERING = Kind(
    type_name="guanyun:cloud:NetworkPeering",
    service="ec2",
    properties=(
        NAME,
        Property("vpc_id", path="RequesterVpcInfo.VpcId", required=True, replaces=always),
        Property("peer_vpc_id", path="AccepterVpcInfo.VpcId", required=True, replaces=always),
        Property("peer_account", path="AccepterVpcInfo.OwnerId", replaces=always, offered=True),
        Property("peer_region", path="AccepterVpcInfo.Region", replaces=always, offered=True),
        Property("accepted", Shape.BOOLEAN, path=_ACTIVE, default=True, replaces=_withdrawn),
        Property(
            "dns_resolution",
            Shape.BOOLEAN,
            path=f"RequesterVpcInfo.{_DNS} && AccepterVpcInfo.{_DNS}",
            default=False,
        ),
        TAGS,
    ),
    create=Call(
        "CreateVpcPeeringConnection",
        {
            "VpcId": "$vpc_id",
            "PeerVpcId": "$peer_vpc_id",
            "PeerOwnerId": "$peer_account",
            "PeerRegion": "$peer_region",
            "TagSpecifications": specification("vpc-peering-connection"),
        },
    ),
    identity=_born,
    describe=Call("DescribeVpcPeeringConnections", {"VpcPeeringConnectionIds": ["$id"]}, absent=_GONE),
    view_path="VpcPeeringConnections[0]",
    ready=f"{_ACTIVE} || Status.Code == 'pending-acceptance'",
    dying=_ENDED,
    gone="contains(['deleted', 'rejected', 'failed', 'expired'], Status.Code)",
    changes=(Change(("accepted",), step=_accept), Change(("dns_resolution",), step=_resolve), RETAG),
    # Two networks are joined once: a second request is answered with the first.
    exclusive=(("vpc_id", "peer_vpc_id"),),
    delete=Call("DeleteVpcPeeringConnection", {"VpcPeeringConnectionId": "$id"}, absent=_GONE),
    sweep=Call("DescribeVpcPeeringConnections", by_environment()),
    found=f"VpcPeeringConnections[?!{_ENDED} && Status.Code != 'failed'].{{id: VpcPeeringConnectionId, tags: Tags}}",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{id}",
)
