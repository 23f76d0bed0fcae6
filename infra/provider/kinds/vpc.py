"""``guanyun:cloud:Vpc``: a private network."""

from __future__ import annotations

from infra.provider.kind import Call, Change, Kind, Property, Shape, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

VPC = Kind(
    type_name="guanyun:cloud:Vpc",
    service="ec2",
    properties=(
        NAME,
        Property(
            "cidr_block",
            path="CidrBlock",
            required=True,
            replaces=always,
            pattern=r"\d+\.\d+\.\d+\.\d+/(1[6-9]|2[0-8])",
            pattern_says=("应为 /16 至 /28 的网段", "should be a network from /16 to /28"),
        ),
        Property("dns_hostnames", Shape.BOOLEAN, path="hostnames.EnableDnsHostnames.Value", default=False),
        TAGS,
    ),
    create=Call("CreateVpc", {"CidrBlock": "$cidr_block", "TagSpecifications": specification("vpc")}),
    identity="Vpc.VpcId",
    describe=Call("DescribeVpcs", {"VpcIds": ["$id"]}, absent=("InvalidVpcID.NotFound",)),
    view_path="Vpcs[0]",
    looks={"hostnames": Call("DescribeVpcAttribute", {"VpcId": "$id", "Attribute": "enableDnsHostnames"})},
    newborn={"hostnames": {"EnableDnsHostnames": {"Value": False}}},
    ready="State == 'available'",
    changes=(
        Change(
            ("dns_hostnames",),
            (Call("ModifyVpcAttribute", {"VpcId": "$id", "EnableDnsHostnames": {"Value": "$dns_hostnames"}}),),
        ),
        RETAG,
    ),
    delete=Call("DeleteVpc", {"VpcId": "$id"}, absent=("InvalidVpcID.NotFound",)),
    sweep=Call("DescribeVpcs", by_environment()),
    found="Vpcs[].{id: VpcId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:vpc/{id}",
)
