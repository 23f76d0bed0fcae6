"""``guanyun:cloud:DatabaseSubnetGroup``: the subnets in which databases may stand, in two zones at least."""

from __future__ import annotations

from infra.provider.kind import Call, Change, Kind, Property, Shape
from infra.provider.kinds.database_names import DATABASE_NAME
from infra.provider.kinds.tagging import retagging
from infra.provider.naming import name_prefix

_GONE = ("DBSubnetGroupNotFoundFault",)

DATABASE_SUBNET_GROUP = Kind(
    type_name="guanyun:cloud:DatabaseSubnetGroup",
    service="rds",
    named=True,
    prefix=name_prefix,
    properties=(
        DATABASE_NAME,
        Property("description", path="DBSubnetGroupDescription", default="guanyun"),
        Property("subnet_ids", Shape.TEXTS, path="Subnets[].SubnetIdentifier", required=True),
        Property("tags", Shape.TAGS, path="tagged.TagList", default={}),
    ),
    create=Call(
        "CreateDBSubnetGroup",
        {
            "DBSubnetGroupName": "$name",
            "DBSubnetGroupDescription": "$description",
            "SubnetIds": "$subnet_ids",
            "Tags": "$tags",
        },
    ),
    describe=Call("DescribeDBSubnetGroups", {"DBSubnetGroupName": "$id"}, absent=_GONE),
    view_path="DBSubnetGroups[0]",
    looks={"tagged": Call("ListTagsForResource", {"ResourceName": "$arn"}, absent=_GONE)},
    changes=(
        retagging(
            Call("AddTagsToResource", {"ResourceName": "$arn", "Tags": "$tags"}),
            Call("RemoveTagsFromResource", {"ResourceName": "$arn", "TagKeys": "$surplus"}),
        ),
        Change(
            ("description", "subnet_ids"),
            (
                Call(
                    "ModifyDBSubnetGroup",
                    {
                        "DBSubnetGroupName": "$id",
                        "DBSubnetGroupDescription": "$description",
                        "SubnetIds": "$subnet_ids",
                    },
                ),
            ),
        ),
    ),
    exclusive=(("name",),),
    # A database that is just going still holds its group.
    busy=("InvalidDBSubnetGroupStateFault",),
    delete=Call("DeleteDBSubnetGroup", {"DBSubnetGroupName": "$id"}, absent=_GONE),
    sweep=Call("DescribeDBSubnetGroups"),
    found="DBSubnetGroups[?starts_with(DBSubnetGroupName, $prefix)].{id: DBSubnetGroupName}",
    arn="arn:{partition}:rds:{region}:{account}:subgrp:{id}",
    outputs={"vpc_id": "VpcId"},
)
