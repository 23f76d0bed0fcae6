"""A part of a VPC in one zone."""

from __future__ import annotations

from infra.provider.kinds.subnet import SUBNET
from tests.infra.provider.kinds import test_vpc
from tests.infra.provider.kinds.example import Example, Made


def inputs(made: Made, zone: str = "cn-north-1a", **more: object) -> dict[str, object]:
    vpc = made["vpc"].id
    return {"name": "subnet", "vpc_id": vpc, "cidr_block": "10.0.1.0/24", "availability_zone": zone, **more}


EXAMPLE = Example(
    SUBNET,
    create=inputs,
    update=lambda made: inputs(made, name="another", tags={"agency": "x"}),
    replace=lambda made: inputs(made, zone="cn-north-1b"),
    needs={"vpc": test_vpc.EXAMPLE},
)
