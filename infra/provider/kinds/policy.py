"""``guanyun:cloud:Policy``: an IAM managed policy, filed under its environment's path.

A change of its document is a new default version; the cloud holds five, so the oldest goes first.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.tagging import retagging

_GONE = ("NoSuchEntity",)
_VERSIONS = 5
_CHARACTERS = 6144  # as IAM counts: without white space, and the normal form has none outside its texts


def _short_enough(properties: Properties) -> Iterator[tuple[str, str, str]]:
    document = properties.get("policy")
    length = len(document) if isinstance(document, str) else 0
    if length > _CHARACTERS:
        yield (
            "policy",
            f"共 {length} 字符,至多 {_CHARACTERS}",
            f"has {length} characters, and {_CHARACTERS} are the limit",
        )


def _versions(context: Context, arn: str) -> list[dict[str, Plain]]:
    """Newest first."""
    found: list[dict[str, Plain]] = context.send("ListPolicyVersions", PolicyArn=arn)["Versions"]
    return sorted(found, key=lambda version: int(str(version["VersionId"])[1:]), reverse=True)


def _document(context: Context, arn: str) -> Plain:
    current = next(version["VersionId"] for version in _versions(context, arn) if version["IsDefaultVersion"])
    return context.send("GetPolicyVersion", PolicyArn=arn, VersionId=current)["PolicyVersion"]["Document"]


def _replace(context: Context, arn: str, _actual: Properties, desired: Properties) -> None:
    held = _versions(context, arn)
    if len(held) >= _VERSIONS:
        oldest = next(version for version in reversed(held) if not version["IsDefaultVersion"])
        context.send("DeletePolicyVersion", PolicyArn=arn, VersionId=oldest["VersionId"])
    context.send("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=desired["policy"], SetAsDefault=True)


def _strip(context: Context, arn: str, _state: Properties) -> None:
    """The default version goes with the policy, the others must go first."""
    if context.describe(arn) is None:
        return
    for version in _versions(context, arn):
        if not version["IsDefaultVersion"]:
            context.send("DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])


def _found(context: Context) -> Iterator[dict[str, Plain]]:
    """The listing shows paths and no tags."""
    for page in context.pages(Call("ListPolicies", {"Scope": "Local", "PathPrefix": "$path"}), {}):
        for one in page["Policies"]:
            yield {"id": one["Arn"], "tags": context.send("ListPolicyTags", PolicyArn=one["Arn"])["Tags"]}


POLICY = Kind(
    type_name="guanyun:cloud:Policy",
    service="iam",
    properties=(
        Property(
            "name",
            path="PolicyName",
            required=True,
            replaces=always,
            pattern=r"[\w+=,.@-]{1,128}",
            pattern_says=("应为 128 个以内的字母、数字和 +=,.@-_", "should be up to 128 letters, digits and +=,.@-_"),
        ),
        Property("policy", Shape.POLICY, path="document", required=True),
        Property("description", path="Description || ''", default="", replaces=always),
        Property("tags", Shape.TAGS, path="Tags", default={}),
    ),
    create=Call(
        "CreatePolicy",
        {
            "PolicyName": "$name",
            "Path": "$path",
            "PolicyDocument": "$policy",
            "Description": "$description",
            "Tags": "$tags",
        },
    ),
    identity="Policy.Arn",
    describe=Call("GetPolicy", {"PolicyArn": "$id"}, absent=_GONE),
    view_path="Policy",
    looks={"document": _document},
    changes=(
        retagging(
            Call("TagPolicy", {"PolicyArn": "$id", "Tags": "$tags"}),
            Call("UntagPolicy", {"PolicyArn": "$id", "TagKeys": "$surplus"}),
        ),
        Change(("policy",), step=_replace),
    ),
    check=_short_enough,
    exclusive=(("name",),),
    before_delete=_strip,
    delete=Call("DeletePolicy", {"PolicyArn": "$id"}, absent=_GONE),
    sweep=_found,
    outputs={"arn": "Arn"},
)
