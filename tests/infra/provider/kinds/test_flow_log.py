from __future__ import annotations

from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.errors import CloudRefused
from infra.provider.kinds.flow_log import FLOW_LOG
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_bucket import EXAMPLE as BUCKET
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC


def to_bucket(made: Made) -> dict[str, object]:
    return {
        "name": "流日志",
        "resource_id": made["vpc"].id,
        "destination_arn": made["bucket"].properties["arn"],
        "traffic_type": "ALL",
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=FLOW_LOG,
    needs={"vpc": VPC, "bucket": BUCKET},
    create=to_bucket,
    update=lambda made: {**to_bucket(made), "name": "all", "tags": {"agency": "b"}},
    replace=lambda made: {
        **to_bucket(made),
        "destination_type": "cloud-watch-logs",
        "destination_arn": "arn:aws-cn:logs:cn-north-1:123456789012:log-group:flows",
        "role_arn": "arn:aws-cn:iam::123456789012:role/flows",
    },
)


def reasons(**inputs: object) -> set[str]:
    given = {"name": "f", "resource_id": "vpc-1", "destination_arn": "arn:aws-cn:s3:::b", "traffic_type": "ALL"}
    _, failures = check(FLOW_LOG, {**given, **inputs}, "env")
    return {failure.path for failure in failures}


def test_the_type_must_be_that_of_the_resource() -> None:
    assert reasons() == set()
    assert reasons(resource_type="Subnet") == {"resource_type"}
    assert reasons(resource_type="Subnet", resource_id="subnet-1") == set()


def test_a_log_group_needs_a_role_and_a_bucket_has_none() -> None:
    assert reasons(destination_type="cloud-watch-logs") == {"role_arn"}
    assert reasons(role_arn="arn:aws-cn:iam::1:role/x") == {"role_arn"}


def test_a_transit_gateway_logs_everything_each_minute() -> None:
    transit = {"resource_id": "tgw-1", "resource_type": "TransitGateway"}
    assert reasons(**transit) == {"traffic_type", "max_aggregation_interval"}
    assert reasons(**transit, traffic_type=None, max_aggregation_interval=60) == set()


@pytest.mark.real
def test_a_log_that_the_cloud_refuses_in_a_good_answer_is_refused(world: Any) -> None:
    made = world.standing(EXAMPLE)
    given = {**to_bucket(made), "destination_arn": "arn:aws-cn:s3:::there-is-no-such-bucket"}
    inputs = world.checked(FLOW_LOG, given)
    with pytest.raises(CloudRefused, match="does not exist"):
        world.lifecycle().create(FLOW_LOG, world.urn(FLOW_LOG), inputs)
    assert world.there(FLOW_LOG) == set()
