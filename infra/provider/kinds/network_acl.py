"""``guanyun:cloud:NetworkAcl``: stateless rules at the edge of subnets; rules and subnets change in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.provider.context import Context
from infra.provider.kind import (
    Call,
    Change,
    Field,
    Kind,
    ObjectOf,
    Plain,
    Properties,
    Property,
    SetOf,
    Shape,
    Step,
    always,
)
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification
from infra.provider.normal import UNKNOWN

_GONE = ("InvalidNetworkAclID.NotFound", "InvalidRouteTableID.NotFound")  # the latter in clouds that are compatible
_NUMBERS = {"icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}
_NAMES = {number: name for name, number in _NUMBERS.items()}
_LAST = 32766  # above it stands the cloud's own "refuse everything else"
_RULES = SetOf(
    ObjectOf(
        (
            Field("rule_number", Shape.INTEGER, required=True, minimum=1, maximum=_LAST),
            Field(
                "protocol",
                required=True,
                pattern=r"-1|icmp|tcp|udp|icmpv6|(?!(1|6|17|58)$)\d{1,3}",
                pattern_says=(
                    "应为 tcp、udp、icmp、icmpv6、-1(全部)或其他协议的编号",
                    "should be tcp, udp, icmp, icmpv6, -1 (all), or another protocol's number",
                ),
            ),
            Field("action", required=True, choices=("allow", "deny")),
            Field("cidr", Shape.CIDR, required=True),
            Field("from_port", Shape.INTEGER, maximum=65535),
            Field("to_port", Shape.INTEGER, maximum=65535),
            Field("icmp_type", Shape.INTEGER, minimum=-1),
            Field("icmp_code", Shape.INTEGER, minimum=-1),
        )
    ),
    key=("rule_number",),
)


def _entries(shown: Plain) -> list[Plain]:
    return [_entry(one) for one in shown or [] if one["RuleNumber"] <= _LAST]


def _entry(shown: Plain) -> dict[str, Plain]:
    ports, icmp = shown.get("PortRange") or {}, shown.get("IcmpTypeCode") or {}
    protocol = _NAMES.get(shown["Protocol"], shown["Protocol"])
    parts = {
        "rule_number": shown["RuleNumber"],
        "protocol": protocol,
        "action": shown["RuleAction"],
        "cidr": shown.get("CidrBlock") or shown.get("Ipv6CidrBlock"),
        "from_port": ports.get("From"),
        "to_port": ports.get("To"),
        "icmp_type": icmp.get("Type"),
        "icmp_code": icmp.get("Code"),
    }
    return {name: value for name, value in parts.items() if value is not None}


def _whole(properties: Properties) -> Iterator[tuple[str, str, str]]:
    for direction in ("ingress", "egress"):
        rules = properties.get(direction) or []
        for index, rule in enumerate([] if rules is UNKNOWN else rules):
            at = f"{direction}[{index}]"
            protocol = UNKNOWN if rule is UNKNOWN else rule["protocol"]
            if protocol is UNKNOWN:
                continue
            if (protocol in ("tcp", "udp")) != ("from_port" in rule and "to_port" in rule):
                yield (at, "tcp、udp 须有起止端口,其他协议没有", "needs both ports for tcp and udp, and none otherwise")
            if protocol.startswith("icmp") != ("icmp_type" in rule and "icmp_code" in rule):
                yield (at, "icmp 须有类型与代码,其他协议没有", "needs type and code for icmp, and none otherwise")


def _parameters(rule: Plain, *, egress: bool) -> dict[str, Any]:
    cidr = {"Ipv6CidrBlock" if ":" in rule["cidr"] else "CidrBlock": rule["cidr"]}
    ports = {"PortRange": {"From": rule["from_port"], "To": rule["to_port"]}} if "from_port" in rule else {}
    icmp = {"IcmpTypeCode": {"Type": rule["icmp_type"], "Code": rule["icmp_code"]}} if "icmp_type" in rule else {}
    protocol = _NUMBERS.get(rule["protocol"], rule["protocol"])
    main = {"RuleNumber": rule["rule_number"], "Protocol": protocol, "RuleAction": rule["action"], "Egress": egress}
    return {**main, **cidr, **ports, **icmp}


def _rules_step(direction: str) -> Step:
    egress = direction == "egress"

    def step(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
        """By number: a rule that stays under its number is replaced, so there is no instant without it."""
        old = {rule["rule_number"]: rule for rule in actual.get(direction) or []}
        new = {rule["rule_number"]: rule for rule in desired.get(direction) or []}
        for number, rule in new.items():
            if rule != old.get(number):
                verb = "Replace" if number in old else "Create"
                context.send(f"{verb}NetworkAclEntry", NetworkAclId=identity, **_parameters(rule, egress=egress))
        for number in sorted(old.keys() - new.keys()):
            context.send("DeleteNetworkAclEntry", NetworkAclId=identity, RuleNumber=number, Egress=egress)

    return step


def _guard(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """A subnet has one list always: it is moved here from the one it has, and from here to the VPC's default."""
    old, new = set(actual.get("subnet_ids") or []), set(desired.get("subnet_ids") or [])
    for subnet in sorted(new - old):
        _move(context, subnet, identity)
    _release(context, identity, old - new)


def _release(context: Context, identity: str, subnets: set[str] | None = None) -> None:
    """These subnets, or all, back to the VPC's default list."""
    view = context.describe(identity) or {}
    held = {one["SubnetId"] for one in view.get("Associations", [])}
    leaving = sorted(held if subnets is None else held & subnets)
    if leaving:
        filters = [{"Name": "vpc-id", "Values": [view["VpcId"]]}, {"Name": "default", "Values": ["true"]}]
        default = context.send("DescribeNetworkAcls", Filters=filters)["NetworkAcls"][0]["NetworkAclId"]
        for subnet in leaving:
            _move(context, subnet, default)


def _move(context: Context, subnet: str, target: str) -> None:
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    for acl in context.send("DescribeNetworkAcls", Filters=filters)["NetworkAcls"]:
        for one in acl["Associations"]:
            if one["SubnetId"] == subnet and acl["NetworkAclId"] != target:
                association = one["NetworkAclAssociationId"]
                context.send("ReplaceNetworkAclAssociation", AssociationId=association, NetworkAclId=target)


def _empty(context: Context, identity: str, _state: Properties) -> None:
    _release(context, identity)


NETWORK_ACL = Kind(
    type_name="guanyun:cloud:NetworkAcl",
    service="ec2",
    properties=(
        NAME,
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property("ingress", _RULES, path="Entries[?!Egress]", read=_entries, default=[]),
        Property("egress", _RULES, path="Entries[?Egress]", read=_entries, default=[]),
        Property("subnet_ids", Shape.TEXTS, path="Associations[].SubnetId", default=[]),
        TAGS,
    ),
    create=Call(
        "CreateNetworkAcl",
        {"VpcId": "$vpc_id", "ClientToken": "$client_token", "TagSpecifications": specification("network-acl")},
    ),
    identity="NetworkAcl.NetworkAclId",
    describe=Call("DescribeNetworkAcls", {"NetworkAclIds": ["$id"]}, absent=_GONE),
    view_path="NetworkAcls[0]",
    # Rules before subnets: none is ever behind a list that refuses everything.
    changes=(
        Change(("ingress",), step=_rules_step("ingress")),
        Change(("egress",), step=_rules_step("egress")),
        Change(("subnet_ids",), step=_guard),
        RETAG,
    ),
    before_delete=_empty,
    check=_whole,
    delete=Call("DeleteNetworkAcl", {"NetworkAclId": "$id"}, absent=_GONE),
    sweep=Call("DescribeNetworkAcls", by_environment()),
    found="NetworkAcls[].{id: NetworkAclId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:network-acl/{id}",
)
