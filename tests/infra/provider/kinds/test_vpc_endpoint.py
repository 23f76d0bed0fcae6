from __future__ import annotations

import json
from typing import Any

from infra.provider.checking import check
from infra.provider.kinds.vpc_endpoint import VPC_ENDPOINT
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_security_group import EXAMPLE as SECURITY_GROUP
from tests.infra.provider.kinds.test_subnet import EXAMPLE as SUBNET
from tests.infra.provider.kinds.test_transit_gateway_attachment import OTHER_ZONE
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["kms:Decrypt"], "Resource": "*"}],
}


def inside(made: Made) -> dict[str, Any]:
    return {
        "name": "密钥服务",
        "vpc_id": made["vpc"].id,
        "service_name": "com.amazonaws.cn-north-1.kms",
        "subnet_ids": [made["subnet"].id],
        "security_group_ids": [made["group"].id],
        "private_dns": True,
        "policy": json.dumps(POLICY),
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=VPC_ENDPOINT,
    needs={"vpc": VPC, "subnet": SUBNET, "other_zone": OTHER_ZONE, "group": SECURITY_GROUP},
    create=inside,
    update=lambda made: {
        **inside(made),
        "name": "kms",
        "subnet_ids": [made["other_zone"].id],
        # The sandbox accepts a change of private_dns, or that the policy is reset, and does neither.
        "policy": json.dumps(POLICY).replace("kms:Decrypt", "kms:Encrypt"),
        "tags": {},
    },
    replace=lambda made: {**inside(made), "service_name": "com.amazonaws.cn-north-1.logs"},
)


def reasons(**inputs: object) -> list[str]:
    given = {"name": "n", "vpc_id": "vpc-1", "service_name": "com.amazonaws.cn-north-1.s3", **inputs}
    return [failure.path for failure in check(VPC_ENDPOINT, given, "env")[1]]


def test_a_gateway_endpoint_has_route_tables_and_an_interface_has_subnets() -> None:
    assert reasons(endpoint_type="Gateway", route_table_ids=["rtb-1"]) == []
    assert reasons(endpoint_type="Gateway", subnet_ids=["subnet-1"]) == ["subnet_ids"]
    assert reasons(route_table_ids=["rtb-1"]) == ["route_table_ids"]
    assert reasons(endpoint_type="Gateway", private_dns=True) == ["private_dns"]


def test_an_endpoint_that_allows_everything_shows_no_policy() -> None:
    read = VPC_ENDPOINT.named_property("policy").read
    assert read is not None
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    assert read(json.dumps({"Version": "2008-10-17", "Statement": [everything]})) is None
    assert read(json.dumps(POLICY)) == json.dumps(POLICY)
