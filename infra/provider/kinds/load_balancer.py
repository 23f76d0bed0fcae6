"""``guanyun:cloud:LoadBalancer``: an application or network load balancer, internal unless said otherwise.

Its name in the cloud is unique and at most 32 characters, so it is made from the program's; the program's own is a tag.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.balancing import (
    NAME,
    RETAG,
    TAGGED,
    TAGS,
    attribute,
    attributes,
    boolean,
    integer,
    swept,
)
from infra.provider.normal import UNKNOWN

_GONE = ("LoadBalancerNotFound",)
_ACTIVE = "State.Code == 'active' || State.Code == 'active_impaired'"
_LOGS = "access_logs.s3."
_ATTRIBUTES = {
    "deletion_protection": "deletion_protection.enabled",
    "idle_timeout_seconds": "idle_timeout.timeout_seconds",
    "drop_invalid_headers": "routing.http.drop_invalid_header_fields.enabled",
    "cross_zone": "load_balancing.cross_zone.enabled",
}
_APPLICATION_ONLY = ("idle_timeout_seconds", "drop_invalid_headers")


def _some_or_none(old: Plain, new: Plain) -> bool:
    """Security groups change in place, but a network load balancer has them from the start or never."""
    return bool(old) != bool(new)


def _log_bucket(shown: Plain) -> Plain:
    logs = {one["Key"].removeprefix(_LOGS): one["Value"] for one in shown or [] if one["Key"].startswith(_LOGS)}
    return logs.get("bucket") if logs.get("enabled") == "true" else None


def _fits(properties: Properties) -> Iterator[tuple[str, str, str]]:
    if properties.get("load_balancer_type") == "network":
        for name in _APPLICATION_ONLY:
            if properties.get(name) is not None:
                yield (name, "仅用于应用型负载均衡", "goes with an application load balancer only")
    elif properties.get("cross_zone") is False:
        yield ("cross_zone", "应用型负载均衡总是跨区", "is always on in an application load balancer")
    if properties.get("access_logs_prefix") and not properties.get("access_logs_bucket"):
        yield ("access_logs_prefix", "仅在填写 access_logs_bucket 时填写", "goes with access_logs_bucket")
    subnets = properties.get("subnet_ids") or []
    if properties.get("load_balancer_type") == "application" and subnets is not UNKNOWN and len(subnets) == 1:
        yield ("subnet_ids", "应用型负载均衡须有两个可用区的子网", "needs subnets in two zones")


def _tune(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    context.send("ModifyLoadBalancerAttributes", LoadBalancerArn=identity, Attributes=attributes(desired, _ATTRIBUTES))


def _log(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    bucket = desired.get("access_logs_bucket")
    wanted = {"enabled": "true", "bucket": bucket, "prefix": desired.get("access_logs_prefix") or ""}
    pairs = wanted if bucket else {"enabled": "false", "prefix": ""}
    context.send(
        "ModifyLoadBalancerAttributes",
        LoadBalancerArn=identity,
        Attributes=[{"Key": _LOGS + key, "Value": value} for key, value in pairs.items()],
    )


LOAD_BALANCER = Kind(
    type_name="guanyun:cloud:LoadBalancer",
    service="elbv2",
    properties=(
        NAME,
        Property(
            "load_balancer_type",
            path="Type",
            default="application",
            choices=("application", "network"),
            replaces=always,
        ),
        Property("scheme", path="Scheme", default="internal", choices=("internal", "internet-facing"), replaces=always),
        Property("subnet_ids", Shape.TEXTS, path="AvailabilityZones[].SubnetId", required=True),
        Property("security_group_ids", Shape.TEXTS, path="SecurityGroups", offered=True, replaces=_some_or_none),
        Property("ip_address_type", path="IpAddressType", default="ipv4", choices=("ipv4", "dualstack")),
        Property("access_logs_bucket", path="tuned.Attributes", read=_log_bucket),
        Property("access_logs_prefix", path=f"{attribute('tuned', f'{_LOGS}prefix')} || `null`"),
        Property(
            "deletion_protection",
            Shape.BOOLEAN,
            path=attribute("tuned", _ATTRIBUTES["deletion_protection"]),
            read=boolean,
            default=False,
        ),
        Property(
            "idle_timeout_seconds",
            Shape.INTEGER,
            path=attribute("tuned", _ATTRIBUTES["idle_timeout_seconds"]),
            read=integer,
            offered=True,
            minimum=1,
            maximum=4000,
        ),
        Property(
            "drop_invalid_headers",
            Shape.BOOLEAN,
            path=attribute("tuned", _ATTRIBUTES["drop_invalid_headers"]),
            read=boolean,
            offered=True,
        ),
        Property(
            "cross_zone",
            Shape.BOOLEAN,
            path=attribute("tuned", _ATTRIBUTES["cross_zone"]),
            read=boolean,
            offered=True,
        ),
        TAGS,
    ),
    create=Call(
        "CreateLoadBalancer",
        {
            "Name": "$short_name",
            "Type": "$load_balancer_type",
            "Scheme": "$scheme",
            "Subnets": "$subnet_ids",
            "SecurityGroups": "$security_group_ids",
            "IpAddressType": "$ip_address_type",
            "Tags": "$tags",
        },
    ),
    identity="LoadBalancers[0].LoadBalancerArn",
    describe=Call("DescribeLoadBalancers", {"LoadBalancerArns": ["$id"]}, absent=_GONE),
    view_path="LoadBalancers[0]",
    looks={"tagged": TAGGED, "tuned": Call("DescribeLoadBalancerAttributes", {"LoadBalancerArn": "$id"})},
    ready=_ACTIVE,
    changes=(
        Change(("subnet_ids",), (Call("SetSubnets", {"LoadBalancerArn": "$id", "Subnets": "$subnet_ids"}),)),
        Change(
            ("security_group_ids",),
            (Call("SetSecurityGroups", {"LoadBalancerArn": "$id", "SecurityGroups": "$security_group_ids"}),),
        ),
        Change(
            ("ip_address_type",),
            (Call("SetIpAddressType", {"LoadBalancerArn": "$id", "IpAddressType": "$ip_address_type"}),),
        ),
        Change(("access_logs_bucket", "access_logs_prefix"), step=_log),
        Change(tuple(_ATTRIBUTES), step=_tune),
        RETAG,
    ),
    check=_fits,
    delete=Call("DeleteLoadBalancer", {"LoadBalancerArn": "$id"}, absent=_GONE),
    gone="State.Code == 'deleted'",
    sweep=swept("loadbalancer"),
    outputs={
        "arn": "LoadBalancerArn",
        "dns_name": "DNSName",
        "hosted_zone_id": "CanonicalHostedZoneId",
        "vpc_id": "VpcId",
    },
)
