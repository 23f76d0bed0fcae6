"""``guanyun:cloud:Role``: an IAM role. Named and global; its path says whose it is."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always

_GONE = ("NoSuchEntity",)


def _retag(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    context.call(Call("TagRole", {"RoleName": "$id", "Tags": "$tags"}), desired, identity)
    surplus = sorted(set(actual.get("tags", {})) - set(context.all_tags(desired)))
    if surplus:
        context.call(Call("UntagRole", {"RoleName": "$id", "TagKeys": surplus}), desired, identity)


def _bound(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    if desired.get("permissions_boundary"):
        wanted = {"RoleName": "$id", "PermissionsBoundary": "$permissions_boundary"}
        context.call(Call("PutRolePermissionsBoundary", wanted), desired, identity)
    else:
        context.call(Call("DeleteRolePermissionsBoundary", {"RoleName": "$id"}), desired, identity)


def _set_inline(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    old, new = actual.get("inline_policies") or {}, desired.get("inline_policies") or {}
    for name in sorted(set(old) - set(new)):
        context.call(Call("DeleteRolePolicy", {"RoleName": "$id", "PolicyName": name}), desired, identity)
    for name in sorted(name for name in new if new[name] != old.get(name)):
        wanted = {"RoleName": "$id", "PolicyName": name, "PolicyDocument": new[name]}
        context.call(Call("PutRolePolicy", wanted), desired, identity)


def _attach(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    old, new = set(actual.get("attached_policy_arns") or []), set(desired.get("attached_policy_arns") or [])
    for verb, arns in (("DetachRolePolicy", old - new), ("AttachRolePolicy", new - old)):
        for arn in sorted(arns):
            context.call(Call(verb, {"RoleName": "$id", "PolicyArn": arn}), desired, identity)


def _strip(context: Context, identity: str, _state: Properties) -> None:
    """IAM deletes only a role without policies; what it has now is the cloud's to say."""
    view = context.view(identity)
    if view is None:
        return
    for name in view["inline"]:
        context.call(Call("DeleteRolePolicy", {"RoleName": "$id", "PolicyName": name}), {}, identity)
    for attached in view["attached"]["AttachedPolicies"]:
        try:
            gone = Call("DetachRolePolicy", {"RoleName": "$id", "PolicyArn": attached["PolicyArn"]})
            context.call(gone, {}, identity)
        except CloudRefused as refusal:
            if refusal.reason not in _GONE:
                raise


def _inline(context: Context, identity: str) -> dict[str, Plain]:
    names = context.call(Call("ListRolePolicies", {"RoleName": "$id"}), {}, identity)["PolicyNames"]
    wanted = {name: {"RoleName": "$id", "PolicyName": name} for name in names}
    return {
        name: context.call(Call("GetRolePolicy", parameters), {}, identity)["PolicyDocument"]
        for name, parameters in wanted.items()
    }


ROLE = Kind(
    type_name="guanyun:cloud:Role",
    service="iam",
    named=True,
    properties=(
        Property(
            "name",
            path="identity",
            required=True,
            replaces=always,
            pattern=r"[\w+=,.@-]{1,64}",
            pattern_says=("应为 64 个以内的字母、数字和 +=,.@-_", "should be up to 64 letters, digits and +=,.@-_"),
        ),
        Property("assume_role_policy", Shape.POLICY, path="AssumeRolePolicyDocument", required=True),
        Property("description", path="Description", default=""),
        Property("permissions_boundary", path="PermissionsBoundary.PermissionsBoundaryArn"),
        Property("inline_policies", Shape.POLICY_MAP, path="inline", default={}),
        Property("attached_policy_arns", Shape.TEXTS, path="attached.AttachedPolicies[].PolicyArn", default=[]),
        Property("tags", Shape.TAGS, path="Tags", default={}),
    ),
    create=Call(
        "CreateRole",
        {
            "RoleName": "$name",
            "Path": "$path",
            "AssumeRolePolicyDocument": "$assume_role_policy",
            "Description": "$description",
            "PermissionsBoundary": "$permissions_boundary",
            "Tags": "$tags",
        },
    ),
    describe=Call("GetRole", {"RoleName": "$id"}, absent=_GONE),
    view_path="Role",
    looks={
        "inline": _inline,
        "attached": Call("ListAttachedRolePolicies", {"RoleName": "$id"}),
    },
    changes=(
        Change(("tags",), step=_retag),
        Change(
            ("assume_role_policy",),
            (Call("UpdateAssumeRolePolicy", {"RoleName": "$id", "PolicyDocument": "$assume_role_policy"}),),
        ),
        Change(("description",), (Call("UpdateRole", {"RoleName": "$id", "Description": "$description"}),)),
        Change(("permissions_boundary",), step=_bound),
        Change(("inline_policies",), step=_set_inline),
        Change(("attached_policy_arns",), step=_attach),
    ),
    before_delete=_strip,
    delete=Call("DeleteRole", {"RoleName": "$id"}, absent=_GONE),
    sweep=Call("ListRoles", {"PathPrefix": "$path"}),
    found="Roles[].{id: RoleName}",
    outputs={"arn": "Arn"},
)
