"""``guanyun:cloud:Subnet``: a part of a VPC in one zone."""

from __future__ import annotations

from infra.provider.kind import Call, Kind, Property, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

SUBNET = Kind(
    type_name="guanyun:cloud:Subnet",
    service="ec2",
    properties=(
        NAME,
        Property("vpc_id", path="VpcId", required=True, replaces=always),
        Property(
            "cidr_block",
            path="CidrBlock",
            required=True,
            replaces=always,
            pattern=r"\d+\.\d+\.\d+\.\d+/(1[6-9]|2[0-8])",
            pattern_says=("应为 /16 至 /28 的网段", "should be a network from /16 to /28"),
        ),
        Property("availability_zone", path="AvailabilityZone", required=True, replaces=always),
        TAGS,
    ),
    create=Call(
        "CreateSubnet",
        {
            "VpcId": "$vpc_id",
            "CidrBlock": "$cidr_block",
            "AvailabilityZone": "$availability_zone",
            "TagSpecifications": specification("subnet"),
        },
    ),
    identity="Subnet.SubnetId",
    describe=Call("DescribeSubnets", {"SubnetIds": ["$id"]}, absent=("InvalidSubnetID.NotFound",)),
    view_path="Subnets[0]",
    ready="State == 'available'",
    changes=(RETAG,),
    delete=Call("DeleteSubnet", {"SubnetId": "$id"}, absent=("InvalidSubnetID.NotFound",)),
    sweep=Call("DescribeSubnets", by_environment()),
    found="Subnets[].{id: SubnetId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:subnet/{id}",
    exclusive=(("vpc_id", "cidr_block"),),
)
