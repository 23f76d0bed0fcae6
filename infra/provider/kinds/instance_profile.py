"""``guanyun:cloud:InstanceProfile``: what gives a machine its role. Named and global; its path says whose it is."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Properties, Property, Shape, always
from infra.provider.kinds.tagging import retagging

_GONE = ("NoSuchEntity",)


def _assume(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """A profile holds one role."""
    if actual.get("role_name"):
        context.send("RemoveRoleFromInstanceProfile", InstanceProfileName=identity, RoleName=actual["role_name"])
    if desired.get("role_name"):
        context.send("AddRoleToInstanceProfile", InstanceProfileName=identity, RoleName=desired["role_name"])


def _strip(context: Context, identity: str, _state: Properties) -> None:
    view = context.describe(identity)
    for role in view["Roles"] if view else ():
        context.send("RemoveRoleFromInstanceProfile", InstanceProfileName=identity, RoleName=role["RoleName"])


INSTANCE_PROFILE = Kind(
    type_name="guanyun:cloud:InstanceProfile",
    service="iam",
    named=True,
    properties=(
        Property(
            "name",
            path="identity",
            required=True,
            replaces=always,
            pattern=r"[\w+=,.@-]{1,128}",
            pattern_says=("应为 128 个以内的字母、数字和 +=,.@-_", "should be up to 128 letters, digits and +=,.@-_"),
        ),
        Property("role_name", path="Roles[0].RoleName"),
        Property("tags", Shape.TAGS, path="Tags", default={}),
    ),
    create=Call("CreateInstanceProfile", {"InstanceProfileName": "$name", "Path": "$path", "Tags": "$tags"}),
    describe=Call("GetInstanceProfile", {"InstanceProfileName": "$id"}, absent=_GONE),
    view_path="InstanceProfile",
    changes=(
        retagging(
            Call("TagInstanceProfile", {"InstanceProfileName": "$id", "Tags": "$tags"}),
            Call("UntagInstanceProfile", {"InstanceProfileName": "$id", "TagKeys": "$surplus"}),
        ),
        Change(("role_name",), step=_assume),
    ),
    before_delete=_strip,
    delete=Call("DeleteInstanceProfile", {"InstanceProfileName": "$id"}, absent=_GONE),
    sweep=Call("ListInstanceProfiles", {"PathPrefix": "$path"}),
    found="InstanceProfiles[].{id: InstanceProfileName}",
    outputs={"arn": "Arn"},
)
