"""``guanyun:cloud:Role``: an IAM role. Named and global; its path says whose it is."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always

_GONE = ("NoSuchEntity",)


def _retag(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    wanted = context.all_tags(desired)
    context.send("TagRole", RoleName=identity, Tags=[{"Key": key, "Value": wanted[key]} for key in sorted(wanted)])
    surplus = sorted(set(actual.get("tags", {})) - set(wanted))
    if surplus:
        context.send("UntagRole", RoleName=identity, TagKeys=surplus)


def _bound(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    if desired.get("permissions_boundary"):
        boundary = desired["permissions_boundary"]
        context.send("PutRolePermissionsBoundary", RoleName=identity, PermissionsBoundary=boundary)
    else:
        context.send("DeleteRolePermissionsBoundary", RoleName=identity)


def _set_inline(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    old, new = actual.get("inline_policies") or {}, desired.get("inline_policies") or {}
    for name in sorted(set(old) - set(new)):
        context.send("DeleteRolePolicy", RoleName=identity, PolicyName=name)
    for name in sorted(name for name in new if new[name] != old.get(name)):
        context.send("PutRolePolicy", RoleName=identity, PolicyName=name, PolicyDocument=new[name])


def _attach(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    old, new = set(actual.get("attached_policy_arns") or []), set(desired.get("attached_policy_arns") or [])
    for verb, arns in (("DetachRolePolicy", old - new), ("AttachRolePolicy", new - old)):
        for arn in sorted(arns):
            context.send(verb, RoleName=identity, PolicyArn=arn)


def _strip(context: Context, identity: str, _state: Properties) -> None:
    """IAM deletes only a role without policies; what it has now is the cloud's to say."""
    view = context.view(identity)
    if view is None:
        return
    for name in view["inline"]:
        context.send("DeleteRolePolicy", RoleName=identity, PolicyName=name)
    for attached in view["attached"]["AttachedPolicies"]:
        try:
            context.send("DetachRolePolicy", RoleName=identity, PolicyArn=attached["PolicyArn"])
        except CloudRefused as refusal:
            if refusal.reason not in _GONE:
                raise


def _inline(context: Context, identity: str) -> dict[str, Plain]:
    names = context.send("ListRolePolicies", RoleName=identity)["PolicyNames"]
    return {name: context.send("GetRolePolicy", RoleName=identity, PolicyName=name)["PolicyDocument"] for name in names}


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
        present=("EntityAlreadyExists",),
    ),
    describe=Call("GetRole", {"RoleName": "$id"}, absent=_GONE),
    view_path="Role",
    looks={
        "inline": _inline,
        "attached": Call("ListAttachedRolePolicies", {"RoleName": "$id"}),
    },
    newborn={"inline": {}, "attached": {"AttachedPolicies": []}},
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
