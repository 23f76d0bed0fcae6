"""``guanyun:cloud:ResourceShare``: what other accounts may use of this one's, such as the hub's transit gateway.

Inside an organisation that lets its services share, nobody has to accept it.
"""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Property, Shape, TagStyle
from infra.provider.kinds.tagging import retagging

_GONE = ("UnknownResourceException", "ResourceArnNotFoundException")
_STANDS = frozenset({"ASSOCIATING", "ASSOCIATED"})


def _associated(context: Context, identity: str, what: str) -> Plain:
    """The other ends of the share: an association that ended, or failed, is listed on for a while."""
    call = Call("GetResourceShareAssociations", {"associationType": what, "resourceShareArns": ["$id"]}, absent=_GONE)
    listed = (one for page in context.pages(call, {}, identity) for one in page.get("resourceShareAssociations", ()))
    return sorted({one["associatedEntity"] for one in listed if one["status"] in _STANDS})


def _resources(context: Context, identity: str) -> Plain:
    return _associated(context, identity, "RESOURCE")


def _principals(context: Context, identity: str) -> Plain:
    return _associated(context, identity, "PRINCIPAL")


def _members(name: str, member: str) -> Change:
    given = {"resourceShareArn": "$id", member: "$items"}
    return Change(
        (name,),
        add=Call("AssociateResourceShare", given),
        remove=Call("DisassociateResourceShare", given, absent=_GONE),
    )


RESOURCE_SHARE = Kind(
    type_name="guanyun:cloud:ResourceShare",
    service="ram",
    tag_style=TagStyle.LOWER,
    properties=(
        Property("name", path="name", required=True),
        Property("resource_arns", Shape.TEXTS, path="resources", default=[]),
        Property("principals", Shape.TEXTS, path="principals", default=[]),
        Property("allow_external_principals", Shape.BOOLEAN, path="allowExternalPrincipals", default=False),
        Property("tags", Shape.TAGS, path="tags", default={}),
    ),
    create=Call(
        "CreateResourceShare",
        {
            "name": "$name",
            "resourceArns": "$resource_arns",
            "principals": "$principals",
            "allowExternalPrincipals": "$allow_external_principals",
            "tags": "$tags",
            "clientToken": "$client_token",
        },
    ),
    identity="resourceShare.resourceShareArn",
    describe=Call("GetResourceShares", {"resourceOwner": "SELF", "resourceShareArns": ["$id"]}, absent=_GONE),
    view_path="resourceShares[?resourceShareArn == $id] | [0]",
    looks={"resources": _resources, "principals": _principals},
    ready="status == 'ACTIVE'",
    dying="status == 'DELETING' || status == 'DELETED'",
    gone="status == 'DELETED'",
    changes=(
        Change(
            ("name", "allow_external_principals"),
            (
                Call(
                    "UpdateResourceShare",
                    {
                        "resourceShareArn": "$id",
                        "name": "$name",
                        "allowExternalPrincipals": "$allow_external_principals",
                    },
                ),
            ),
        ),
        _members("resource_arns", "resourceArns"),
        _members("principals", "principals"),
        retagging(
            Call("TagResource", {"resourceShareArn": "$id", "tags": "$tags"}),
            Call("UntagResource", {"resourceShareArn": "$id", "tagKeys": "$surplus"}),
        ),
    ),
    delete=Call("DeleteResourceShare", {"resourceShareArn": "$id"}, absent=_GONE),
    sweep=Call(
        "GetResourceShares",
        {"resourceOwner": "SELF", "tagFilters": [{"tagKey": "guanyun:environment", "tagValues": ["$environment"]}]},
    ),
    found="resourceShares[?status == 'ACTIVE' || status == 'PENDING'].{id: resourceShareArn, tags: tags}",
    outputs={"arn": "resourceShareArn"},
)
