"""``guanyun:cloud:SecurityGroup``: a firewall round instances; its rules change in place."""

from __future__ import annotations

from typing import Any

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, Step, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification


def _rules(permissions: Plain) -> list[Plain]:
    """The cloud gathers targets under a protocol and ports; here each target is a rule."""
    rules: list[Plain] = []
    for one in permissions or []:
        ports = {key: one[name] for name, key in (("FromPort", "from_port"), ("ToPort", "to_port")) if name in one}
        targets = [("cidr", target["CidrIp"], target) for target in one.get("IpRanges", [])]
        targets += [("cidr", target["CidrIpv6"], target) for target in one.get("Ipv6Ranges", [])]
        targets += [("group", target["GroupId"], target) for target in one.get("UserIdGroupPairs", [])]
        targets += [("group", target["PrefixListId"], target) for target in one.get("PrefixListIds", [])]
        rules += [
            {"protocol": one["IpProtocol"], **ports, name: value, "description": target.get("Description", "")}
            for name, value, target in targets
        ]
    return rules


def _permission(rule: Plain) -> dict[str, Any]:
    note = {"Description": rule["description"]} if rule.get("description") else {}
    target: dict[str, Any]
    if str(rule.get("group", "")).startswith("pl-"):
        target = {"PrefixListIds": [{"PrefixListId": rule["group"], **note}]}
    elif "group" in rule:
        target = {"UserIdGroupPairs": [{"GroupId": rule["group"], **note}]}
    elif ":" in rule["cidr"]:
        target = {"Ipv6Ranges": [{"CidrIpv6": rule["cidr"], **note}]}
    else:
        target = {"IpRanges": [{"CidrIp": rule["cidr"], **note}]}
    ports = {name: rule[key] for name, key in (("FromPort", "from_port"), ("ToPort", "to_port")) if key in rule}
    return {"IpProtocol": rule["protocol"], **ports, **target}


def _rules_step(direction: str) -> Step:
    name = direction.lower()

    def step(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
        """What must go goes first: the cloud holds a rule once, whatever its description."""
        old, new = actual.get(name) or [], desired.get(name) or []
        surplus = [_permission(rule) for rule in old if rule not in new]
        missing = [_permission(rule) for rule in new if rule not in old]
        for verb, permissions in (("Revoke", surplus), ("Authorize", missing)):
            if permissions:
                context.send(f"{verb}SecurityGroup{direction}", GroupId=identity, IpPermissions=permissions)

    return step


SECURITY_GROUP = Kind(
    type_name="guanyun:cloud:SecurityGroup",
    service="ec2",
    properties=(
        NAME,
        Property(
            "description",
            path="Description",
            required=True,
            replaces=always,
            pattern=r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}",
            pattern_says=(
                "云只接受 255 个以内的英文字母、数字和常用符号",
                "may hold up to 255 ASCII letters, digits and common signs",
            ),
        ),
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property("ingress", Shape.RULES, path="IpPermissions", default=[], read=_rules),
        Property("egress", Shape.RULES, path="IpPermissionsEgress", default=[], read=_rules),
        TAGS,
    ),
    create=Call(
        "CreateSecurityGroup",
        {
            "GroupName": "$unique_name",
            "Description": "$description",
            "VpcId": "$vpc_id",
            "TagSpecifications": specification("security-group"),
        },
    ),
    identity="GroupId",
    describe=Call("DescribeSecurityGroups", {"GroupIds": ["$id"]}, absent=("InvalidGroup.NotFound",)),
    view_path="SecurityGroups[0]",
    changes=(
        Change(("ingress",), step=_rules_step("Ingress")),
        Change(("egress",), step=_rules_step("Egress")),
        RETAG,
    ),
    delete=Call("DeleteSecurityGroup", {"GroupId": "$id"}, absent=("InvalidGroup.NotFound",)),
    sweep=Call("DescribeSecurityGroups", by_environment()),
    found="SecurityGroups[].{id: GroupId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:security-group/{id}",
    outputs={"group_name": "GroupName"},
)
