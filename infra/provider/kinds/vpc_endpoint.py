"""``guanyun:cloud:VpcEndpoint``: a service of the cloud, reached from a VPC without the internet."""

from __future__ import annotations

import json
from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_GONE = ("InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound")
_SETS = {
    "route_table_ids": "RouteTableIds",
    "subnet_ids": "SubnetIds",
    "security_group_ids": "SecurityGroupIds",
}
_OF_TYPE = {
    "Gateway": ("route_table_ids",),
    "Interface": ("subnet_ids", "security_group_ids", "private_dns"),
}
_EVERYTHING = [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]


def _fits(properties: Properties) -> Iterator[tuple[str, str, str]]:
    own = _OF_TYPE.get(properties.get("endpoint_type", ""))
    for name in (*_SETS, "private_dns"):
        if own is not None and name not in own and properties.get(name):
            yield (name, "不属于此类终端节点", f"goes with no endpoint of the type {properties['endpoint_type']}")


def _policy(shown: Plain) -> Plain:
    """None where everything is allowed, which is how an endpoint without a policy shows."""
    document = json.loads(shown) if isinstance(shown, str) else shown or {}
    return None if document.get("Statement") in (None, _EVERYTHING) else shown


def _ids(name: str, properties: Properties) -> set[str]:
    return set(properties.get(name) or [])


def _modify(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    parameters: dict[str, Plain] = {}
    for name, key in _SETS.items():
        if name in desired:
            changed = {
                "Add": _ids(name, desired) - _ids(name, actual),
                "Remove": _ids(name, actual) - _ids(name, desired),
            }
            parameters |= {f"{verb}{key}": sorted(ids) for verb, ids in changed.items() if ids}
    if desired.get("policy") != actual.get("policy"):
        parameters |= {"PolicyDocument": desired["policy"]} if desired.get("policy") else {"ResetPolicy": True}
    if desired["endpoint_type"] == "Interface":
        parameters["PrivateDnsEnabled"] = desired["private_dns"]
    context.send("ModifyVpcEndpoint", VpcEndpointId=identity, **parameters)
    context.until(identity, VPC_ENDPOINT.ready)


VPC_ENDPOINT = Kind(
    type_name="guanyun:cloud:VpcEndpoint",
    service="ec2",
    properties=(
        NAME,
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property("service_name", path="ServiceName", required=True, replaces=always),
        Property(
            "endpoint_type", path="VpcEndpointType", default="Interface", choices=tuple(_OF_TYPE), replaces=always
        ),
        Property("policy", Shape.POLICY, path="PolicyDocument", read=_policy),
        Property("route_table_ids", Shape.TEXTS, path="RouteTableIds", default=[]),
        Property("subnet_ids", Shape.TEXTS, path="SubnetIds", default=[]),
        Property("security_group_ids", Shape.TEXTS, path="Groups[].GroupId", offered=True),
        Property("private_dns", Shape.BOOLEAN, path="PrivateDnsEnabled", default=False),
        TAGS,
    ),
    create=Call(
        "CreateVpcEndpoint",
        {
            "VpcId": "$vpc_id",
            "ServiceName": "$service_name",
            "VpcEndpointType": "$endpoint_type",
            "PolicyDocument": "$policy",
            **{key: f"${name}" for name, key in _SETS.items()},
            "PrivateDnsEnabled": "$private_dns",
            "ClientToken": "$client_token",
            "TagSpecifications": specification("vpc-endpoint"),
        },
    ),
    identity="VpcEndpoint.VpcEndpointId",
    describe=Call("DescribeVpcEndpoints", {"VpcEndpointIds": ["$id"]}, absent=_GONE),
    view_path="VpcEndpoints[0]",
    # AWS writes its states in small letters, and its documentation in capitals.
    ready="State == 'available' || State == 'Available'",
    dying=" || ".join(
        f"State == '{one}' || State == '{one.title()}'"
        for one in ("deleting", "deleted", "failed", "rejected", "expired")
    ),
    gone="State == 'deleted' || State == 'Deleted'",
    changes=(Change(("policy", *_SETS, "private_dns"), step=_modify), RETAG),
    check=_fits,
    delete=Call("DeleteVpcEndpoints", {"VpcEndpointIds": ["$id"]}, absent=_GONE),
    sweep=Call(
        "DescribeVpcEndpoints", by_environment(vpc_endpoint_state=["pendingAcceptance", "pending", "available"])
    ),
    found="VpcEndpoints[].{id: VpcEndpointId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
    outputs={"dns_name": "DnsEntries[0].DnsName"},
)
