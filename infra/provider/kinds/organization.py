"""``guanyun:cloud:Organization``: the one organisation of a management account; taken over where it exists.

The organisation cannot carry tags, its root does. A delete is refused by the cloud while other accounts are in it
(closed ones stay for 90 days); with ``keep`` it is only let go.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape
from infra.provider.kinds.listing import Row, owned
from infra.provider.kinds.organizing import NO_ORGANIZATION, in_use, root_of, tags_of
from infra.provider.naming import OWN_TAGS

SHARING = "ram.amazonaws.com"
"""The service that shares resources inside the organisation, as one of ``trusted_services``."""

_ORGANIZATION = Call("DescribeOrganization", absent=NO_ORGANIZATION)


def _there(context: Context, _inputs: Properties) -> str | None:
    try:
        return str(context.send("DescribeOrganization")["Organization"]["Id"])
    except CloudRefused as refusal:
        if refusal.reason in NO_ORGANIZATION:
            return None
        raise


def _rooted(context: Context, _identity: str) -> Plain:
    root = context.send("ListRoots")["Roots"][0]
    return {**root, "Tags": tags_of(context, root["Id"])}


def _retag(context: Context, _identity: str, actual: Properties, desired: Properties) -> None:
    root, wanted = root_of(context), context.all_tags(desired)
    surplus = sorted(set(actual.get("tags") or {}) - set(wanted))
    context.send("TagResource", ResourceId=root, Tags=context.tags(wanted))
    if surplus:
        context.send("UntagResource", ResourceId=root, TagKeys=surplus)


def _allow(context: Context, _identity: str, actual: Properties, desired: Properties) -> None:
    root = root_of(context)
    old, new = set(actual.get("policy_types") or []), set(desired.get("policy_types") or [])
    for verb, types in (("EnablePolicyType", new - old), ("DisablePolicyType", old - new)):
        for policy_type in sorted(types):
            context.send(verb, RootId=root, PolicyType=policy_type)


def _let_share(context: Context, _identity: str, actual: Properties, desired: Properties) -> None:
    """Sharing is trusted by its own call, which makes its role too; before the trust is seen, so that none is left."""
    added = set(desired.get("trusted_services") or []) - set(actual.get("trusted_services") or [])
    if SHARING in added:
        context.send_to("ram", "EnableSharingWithAwsOrganization")


def _delete(context: Context, _identity: str, state: Properties) -> None:
    if not in_use(context):
        return
    if not state.get("keep"):
        context.send("DeleteOrganization")
        return
    root = root_of(context)
    ours = sorted(tag["Key"] for tag in tags_of(context, root) if tag["Key"] in OWN_TAGS)
    if ours:
        context.send("UntagResource", ResourceId=root, TagKeys=ours)


def _found(context: Context) -> Iterator[Row]:
    identity = _there(context, {})
    return owned(context, [{"id": identity, "tags": tags_of(context, root_of(context))}] if identity else ())


ORGANIZATION = Kind(
    type_name="guanyun:cloud:Organization",
    service="organizations",
    properties=(
        Property("feature_set", path="FeatureSet", default="ALL", choices=("ALL",)),
        Property(
            "policy_types",
            Shape.TEXTS,
            path="rooted.PolicyTypes[?Status == 'ENABLED'].Type",
            default=["SERVICE_CONTROL_POLICY"],
        ),
        Property(
            "trusted_services", Shape.TEXTS, path="trusted.EnabledServicePrincipals[].ServicePrincipal", default=[]
        ),
        Property("keep", Shape.BOOLEAN, default=False),
        Property("tags", Shape.TAGS, path="rooted.Tags", default={}),
    ),
    create=Call("CreateOrganization", {"FeatureSet": "$feature_set"}),
    existing=_there,
    identity="Organization.Id",
    describe=_ORGANIZATION,
    view_path="Organization | [@][?Id == $id] | [0]",
    looks={"rooted": _rooted, "trusted": Call("ListAWSServiceAccessForOrganization")},
    changes=(
        Change(("tags",), step=_retag),
        Change(("feature_set",), (Call("EnableAllFeatures"),)),
        Change(("policy_types",), step=_allow),
        Change(
            ("trusted_services",),
            step=_let_share,
            carried=(Call("EnableSharingWithAwsOrganization", service="ram"),),
        ),
        Change(
            ("trusted_services",),
            add=Call("EnableAWSServiceAccess", {"ServicePrincipal": "$item"}),
            remove=Call("DisableAWSServiceAccess", {"ServicePrincipal": "$item"}),
        ),
    ),
    delete=_delete,
    sweep=_found,
    outputs={"arn": "Arn", "root_id": "rooted.Id", "management_account_id": "MasterAccountId"},
)
