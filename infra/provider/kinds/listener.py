"""``guanyun:cloud:Listener``: a port of a load balancer, and what happens to what comes in there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Field, Kind, ObjectOf, Properties, Property, Shape, always
from infra.provider.kinds.balancing import NAME, RETAG, TAGGED, TAGS
from infra.provider.naming import ENVIRONMENT_TAG
from infra.provider.normal import UNKNOWN

_GONE = ("ListenerNotFound", "LoadBalancerNotFound")
_AT_ONCE = 20  # ARNs in one DescribeTags
_ENCRYPTED = ("HTTPS", "TLS")
_ACTION = ObjectOf(
    (
        Field("type", required=True, choices=("forward", "redirect", "fixed-response")),
        Field("target_group_arn"),
        Field(
            "redirect",
            ObjectOf(
                (
                    Field("protocol", default="HTTPS", choices=("HTTP", "HTTPS")),
                    Field("port", default="443"),
                    Field("status_code", default="HTTP_301", choices=("HTTP_301", "HTTP_302")),
                )
            ),
            cloud="RedirectConfig",
        ),
        Field(
            "fixed_response",
            ObjectOf(
                (
                    Field(
                        "status_code",
                        required=True,
                        pattern=r"[245]\d\d",
                        pattern_says=("应为状态码", "should be 2xx, 4xx or 5xx"),
                    ),
                    Field("content_type", default="text/plain"),
                    Field("message_body"),
                )
            ),
            cloud="FixedResponseConfig",
        ),
    )
)
_OF_TYPE = {"forward": "target_group_arn", "redirect": "redirect", "fixed-response": "fixed_response"}
_CONTENT = {
    "Port": "$port",
    "Protocol": "$protocol",
    "SslPolicy": "$ssl_policy",
    "Certificates": [{"CertificateArn": "$certificate_arn"}],
    "DefaultActions": ["$default_action"],
}


def _whole(properties: Properties) -> Iterator[tuple[str, str, str]]:
    action, protocol = properties.get("default_action"), properties.get("protocol")
    if action is not None and action is not UNKNOWN and action.get("type") in _OF_TYPE:
        for kind, name in _OF_TYPE.items():
            if (name in action) != (kind == action["type"]):
                yield (f"default_action.{name}", f"类型为 {kind} 时须填写,否则不填", f"goes with the type {kind}")
    if protocol is None or protocol is UNKNOWN:
        return
    for name in ("ssl_policy", "certificate_arn"):
        if bool(properties.get(name)) != (protocol in _ENCRYPTED):
            yield (name, "HTTPS、TLS 须填写,其他协议不填", "is required of HTTPS and TLS, and goes with no other")


_BALANCERS = Call(
    "GetResources",
    {
        "TagFilters": [{"Key": ENVIRONMENT_TAG, "Values": ["$environment"]}],
        "ResourceTypeFilters": ["elasticloadbalancing:loadbalancer"],
    },
    service="resourcegroupstaggingapi",
)
_LISTENERS = Call("DescribeListeners", {"LoadBalancerArn": "$id"}, absent=_GONE)


def _sweep(context: Context) -> Iterator[dict[str, Any]]:
    """Those of the environment's load balancers: not every tagging service knows listeners."""
    balancers = [row["ResourceARN"] for page in context.pages(_BALANCERS, {}) for row in page["ResourceTagMappingList"]]
    for balancer in balancers:
        arns = [row["ListenerArn"] for page in _listed(context, balancer) for row in page["Listeners"]]
        for start in range(0, len(arns), _AT_ONCE):
            described = context.send("DescribeTags", ResourceArns=arns[start : start + _AT_ONCE])
            for one in described["TagDescriptions"]:
                if {"Key": ENVIRONMENT_TAG, "Value": context.environment} in one["Tags"]:
                    yield {"id": one["ResourceArn"], "tags": one["Tags"]}


def _listed(context: Context, balancer: str) -> list[dict[str, Any]]:
    try:
        return context.pages(_LISTENERS, {}, balancer)
    except CloudRefused as refusal:
        if refusal.reason not in _LISTENERS.absent:
            raise
        return []


LISTENER = Kind(
    type_name="guanyun:cloud:Listener",
    service="elbv2",
    properties=(
        NAME,
        Property("load_balancer_arn", path="LoadBalancerArn", required=True, replaces=always),
        Property("port", Shape.INTEGER, path="Port", required=True, minimum=1, maximum=65535),
        Property("protocol", path="Protocol", required=True, choices=("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP")),
        Property(
            "ssl_policy",
            # Some clouds name their default on a port that is not encrypted, too.
            path="contains(['HTTPS', 'TLS'], Protocol) && SslPolicy || `null`",
            pattern=r"ELBSecurityPolicy-.+",
            pattern_says=("应为 TLS 策略名", "should be the name of a TLS policy"),
        ),
        Property("certificate_arn", path="Certificates[0].CertificateArn"),
        Property("default_action", _ACTION, path="DefaultActions[0]", required=True),
        TAGS,
    ),
    create=Call("CreateListener", {"LoadBalancerArn": "$load_balancer_arn", **_CONTENT, "Tags": "$tags"}),
    identity="Listeners[0].ListenerArn",
    describe=Call("DescribeListeners", {"ListenerArns": ["$id"]}, absent=_GONE),
    view_path="Listeners[0]",
    looks={"tagged": TAGGED},
    changes=(
        Change(
            ("port", "protocol", "ssl_policy", "certificate_arn", "default_action"),
            (Call("ModifyListener", {"ListenerArn": "$id", **_CONTENT}),),
        ),
        RETAG,
    ),
    check=_whole,
    delete=Call("DeleteListener", {"ListenerArn": "$id"}, absent=_GONE),
    sweep=_sweep,
    outputs={"arn": "ListenerArn"},
)
