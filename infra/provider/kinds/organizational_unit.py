"""``guanyun:cloud:OrganizationalUnit``: a branch of the organisation. It cannot move: another parent replaces it."""

from __future__ import annotations

from infra.provider.kind import Call, Change, Kind, Property, Shape, always
from infra.provider.kinds.organizing import tags_of, units
from infra.provider.kinds.tagging import retagging

_GONE = ("OrganizationalUnitNotFoundException", "AWSOrganizationsNotInUseException")

ORGANIZATIONAL_UNIT = Kind(
    type_name="guanyun:cloud:OrganizationalUnit",
    service="organizations",
    properties=(
        Property(
            "name",
            path="Name",
            required=True,
            pattern=r".{1,128}",
            pattern_says=("至多 128 字", "should be up to 128 characters"),
        ),
        Property("parent_id", path="parented.Parents[0].Id", required=True, replaces=always),
        Property("tags", Shape.TAGS, path="tagged", default={}),
    ),
    create=Call("CreateOrganizationalUnit", {"ParentId": "$parent_id", "Name": "$name", "Tags": "$tags"}),
    identity="OrganizationalUnit.Id",
    describe=Call("DescribeOrganizationalUnit", {"OrganizationalUnitId": "$id"}, absent=_GONE),
    view_path="OrganizationalUnit",
    looks={"parented": Call("ListParents", {"ChildId": "$id"}), "tagged": tags_of},
    changes=(
        retagging(
            Call("TagResource", {"ResourceId": "$id", "Tags": "$tags"}),
            Call("UntagResource", {"ResourceId": "$id", "TagKeys": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(("name",), (Call("UpdateOrganizationalUnit", {"OrganizationalUnitId": "$id", "Name": "$name"}),)),
    ),
    delete=Call("DeleteOrganizationalUnit", {"OrganizationalUnitId": "$id"}, absent=_GONE),
    sweep=units,
    outputs={"arn": "Arn"},
)
