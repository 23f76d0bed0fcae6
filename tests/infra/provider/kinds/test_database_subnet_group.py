from __future__ import annotations

from infra.provider.kinds.database_subnet_group import DATABASE_SUBNET_GROUP
from infra.provider.kinds.subnet import SUBNET
from infra.provider.kinds.vpc import VPC
from infra.provider.naming import name_prefix
from tests.infra.provider.kinds.example import Example


def subnet(vpc: Example, number: int) -> Example:
    return Example(
        kind=SUBNET,
        needs={"vpc": vpc},
        create=lambda made: {
            "name": f"data-{number}",
            "vpc_id": made["vpc"].id,
            "cidr_block": f"10.0.{number}.0/24",
            "availability_zone": f"cn-north-1{'ab'[number % 2]}",
        },
        update=None,
        replace=None,
    )


NETWORK = Example(
    kind=VPC, create=lambda made: {"name": "data", "cidr_block": "10.0.0.0/16"}, update=None, replace=None
)
SUBNETS = {"a": subnet(NETWORK, 0), "b": subnet(NETWORK, 1)}

EXAMPLE = Example(
    kind=DATABASE_SUBNET_GROUP,
    needs=SUBNETS,
    create=lambda made: {
        "name": f"{name_prefix(made.environment)}data",
        "subnet_ids": [made["a"].id, made["b"].id],
        "tags": {"agency": "a"},
    },
    # Not its subnets: the sandbox loses a group whose subnets are changed.
    update=lambda made: {
        "name": f"{name_prefix(made.environment)}data",
        "subnet_ids": [made["a"].id, made["b"].id],
        "tags": {"agency": "b"},
    },
    replace=lambda made: {
        "name": f"{name_prefix(made.environment)}other",
        "subnet_ids": [made["a"].id, made["b"].id],
    },
)


def test_its_subnets_change_in_place() -> None:
    change = next(change for change in DATABASE_SUBNET_GROUP.changes if "subnet_ids" in change.properties)
    assert [call.operation for call in change.calls] == ["ModifyDBSubnetGroup"]
    assert DATABASE_SUBNET_GROUP.named_property("subnet_ids").replaces is None
