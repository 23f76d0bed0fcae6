"""``guanyun:cloud:ControlPolicy``: a service control policy, and the roots, units and accounts it binds."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape
from infra.provider.kinds.listing import Row, owned
from infra.provider.kinds.organizing import in_use, tags_of
from infra.provider.kinds.tagging import retagging

_GONE = ("PolicyNotFoundException", "AWSOrganizationsNotInUseException")
_TYPE = "SERVICE_CONTROL_POLICY"
_CHARACTERS = 5120


def _short_enough(properties: Properties) -> Iterator[tuple[str, str, str]]:
    """Measured on the text that is sent: the normal form, without white space."""
    document = properties.get("policy")
    length = len(document) if isinstance(document, str) else 0
    if length > _CHARACTERS:
        yield (
            "policy",
            f"发送的策略共 {length} 字符,超出上限 {_CHARACTERS} 共 {length - _CHARACTERS};请拆成几个策略",
            f"has {length} characters as sent, {length - _CHARACTERS} over the limit of {_CHARACTERS}; split it",
        )


def _targets(context: Context, identity: str) -> Plain:
    pages = context.pages(Call("ListTargetsForPolicy", {"PolicyId": "$id"}), {}, identity)
    return [target["TargetId"] for page in pages for target in page["Targets"]]


def _found(context: Context) -> Iterator[Row]:
    pages = context.pages(Call("ListPolicies", {"Filter": _TYPE}), {}) if in_use(context) else []
    made = [one["Id"] for page in pages for one in page["Policies"] if not one["AwsManaged"]]
    return owned(context, ({"id": one, "tags": tags_of(context, one)} for one in made))


CONTROL_POLICY = Kind(
    type_name="guanyun:cloud:ControlPolicy",
    service="organizations",
    properties=(
        Property(
            "name",
            path="PolicySummary.Name",
            required=True,
            pattern=r".{1,128}",
            pattern_says=("至多 128 字", "should be up to 128 characters"),
        ),
        Property("policy", Shape.POLICY, path="Content", required=True),
        Property("description", path="PolicySummary.Description", default=""),
        Property("target_ids", Shape.TEXTS, path="targets", default=[]),
        Property("tags", Shape.TAGS, path="tagged", default={}),
    ),
    create=Call(
        "CreatePolicy",
        {"Content": "$policy", "Description": "$description", "Name": "$name", "Type": _TYPE, "Tags": "$tags"},
    ),
    identity="Policy.PolicySummary.Id",
    describe=Call("DescribePolicy", {"PolicyId": "$id"}, absent=_GONE),
    view_path="Policy",
    looks={"targets": _targets, "tagged": tags_of},
    changes=(
        retagging(
            Call("TagResource", {"ResourceId": "$id", "Tags": "$tags"}),
            Call("UntagResource", {"ResourceId": "$id", "TagKeys": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(
            ("name", "policy", "description"),
            (
                Call(
                    "UpdatePolicy",
                    {"PolicyId": "$id", "Name": "$name", "Description": "$description", "Content": "$policy"},
                ),
            ),
        ),
        Change(
            ("target_ids",),
            add=Call(
                "AttachPolicy",
                {"PolicyId": "$id", "TargetId": "$item"},
                present=("DuplicatePolicyAttachmentException",),
            ),
            remove=Call(
                "DetachPolicy",
                {"PolicyId": "$id", "TargetId": "$item"},
                absent=("PolicyNotAttachedException", "TargetNotFoundException"),
            ),
            emptied=True,
        ),
    ),
    check=_short_enough,
    busy=("PolicyInUseException",),
    delete=Call("DeletePolicy", {"PolicyId": "$id"}, absent=_GONE),
    sweep=_found,
    outputs={"arn": "PolicySummary.Arn"},
)
