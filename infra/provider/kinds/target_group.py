"""``guanyun:cloud:TargetGroup``: machines or addresses behind a load balancer, and how their health is asked."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Field, Kind, ObjectOf, Properties, Property, SetOf, Shape, always
from infra.provider.kinds.balancing import NAME, RETAG, TAGGED, TAGS, attribute, attributes, integer, swept

_GONE = ("TargetGroupNotFound",)
_ATTRIBUTES = {"deregistration_delay_seconds": "deregistration_delay.timeout_seconds"}
_PROTOCOLS = ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP")
_CHECK = {
    "HealthCheckProtocol": "protocol",
    "HealthCheckPort": "port",
    "HealthCheckPath": "path",
    "HealthCheckIntervalSeconds": "interval_seconds",
    "HealthCheckTimeoutSeconds": "timeout_seconds",
    "HealthyThresholdCount": "healthy_threshold",
    "UnhealthyThresholdCount": "unhealthy_threshold",
    "Matcher.HttpCode": "matcher",
}
_NUMBERS = frozenset({"interval_seconds", "timeout_seconds", "healthy_threshold", "unhealthy_threshold"})
_CHECKED = {
    **{key: f"$health_check.{name}" for key, name in _CHECK.items() if "." not in key},
    "Matcher": {"HttpCode": "$health_check.matcher"},
}


def _tune(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    context.send("ModifyTargetGroupAttributes", TargetGroupArn=identity, Attributes=attributes(desired, _ATTRIBUTES))


def _field(name: str, key: str) -> Field:
    number = name in _NUMBERS
    return Field(name, Shape.INTEGER if number else Shape.TEXT, cloud=key, offered=True, minimum=1 if number else 0)


TARGET_GROUP = Kind(
    type_name="guanyun:cloud:TargetGroup",
    service="elbv2",
    properties=(
        NAME,
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property("protocol", path="Protocol", required=True, choices=_PROTOCOLS, replaces=always),
        Property("port", Shape.INTEGER, path="Port", required=True, minimum=1, maximum=65535, replaces=always),
        Property("protocol_version", path="ProtocolVersion", offered=True, replaces=always),
        Property("target_type", path="TargetType", default="instance", choices=("instance", "ip"), replaces=always),
        Property(
            "health_check", ObjectOf(tuple(_field(name, key) for key, name in _CHECK.items())), path="@", offered=True
        ),
        Property(
            "deregistration_delay_seconds",
            Shape.INTEGER,
            path=attribute("tuned", _ATTRIBUTES["deregistration_delay_seconds"]),
            read=integer,
            default=300,
            maximum=3600,
        ),
        Property(
            "targets",
            SetOf(
                ObjectOf(
                    (
                        Field("id", required=True),
                        Field("port", Shape.INTEGER, required=True, minimum=1, maximum=65535),
                        Field("availability_zone", offered=True),
                    )
                ),
                key=("id", "port"),
            ),
            # One that drains has been taken out already.
            path="health.TargetHealthDescriptions[?TargetHealth.State!='draining'].Target",
            default=[],
        ),
        TAGS,
    ),
    create=Call(
        "CreateTargetGroup",
        {
            "Name": "$short_name",
            "VpcId": "$vpc_id",
            "Protocol": "$protocol",
            "Port": "$port",
            "ProtocolVersion": "$protocol_version",
            "TargetType": "$target_type",
            **_CHECKED,
            "Tags": "$tags",
        },
    ),
    identity="TargetGroups[0].TargetGroupArn",
    describe=Call("DescribeTargetGroups", {"TargetGroupArns": ["$id"]}, absent=_GONE),
    view_path="TargetGroups[0]",
    looks={
        "tagged": TAGGED,
        "tuned": Call("DescribeTargetGroupAttributes", {"TargetGroupArn": "$id"}),
        "health": Call("DescribeTargetHealth", {"TargetGroupArn": "$id"}),
    },
    changes=(
        Change(("health_check",), (Call("ModifyTargetGroup", {"TargetGroupArn": "$id", **_CHECKED}),)),
        Change(tuple(_ATTRIBUTES), step=_tune),
        Change(
            ("targets",),
            add=Call("RegisterTargets", {"TargetGroupArn": "$id", "Targets": "$items"}),
            remove=Call("DeregisterTargets", {"TargetGroupArn": "$id", "Targets": "$items"}, absent=("InvalidTarget",)),
        ),
        RETAG,
    ),
    delete=Call("DeleteTargetGroup", {"TargetGroupArn": "$id"}, absent=_GONE),
    busy=("ResourceInUse",),
    sweep=swept("targetgroup"),
    outputs={"arn": "TargetGroupArn"},
)
