from __future__ import annotations

from typing import Any

from infra.provider.checking import check
from infra.provider.differing import differ
from infra.provider.kinds.load_balancer import LOAD_BALANCER
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_bucket import EXAMPLE as BUCKET
from tests.infra.provider.kinds.test_security_group import EXAMPLE as SECURITY_GROUP
from tests.infra.provider.kinds.test_security_group import OTHER
from tests.infra.provider.kinds.test_subnet import EXAMPLE as SUBNET
from tests.infra.provider.kinds.test_transit_gateway_attachment import OTHER_ZONE


def internal(made: Made) -> dict[str, Any]:
    return {
        "name": "负载均衡",
        "subnet_ids": [made["subnet"].id, made["other_zone"].id],
        "security_group_ids": [made["group"].id],
        "access_logs_bucket": made["bucket"].id,
        "access_logs_prefix": "lb",
        "idle_timeout_seconds": 60,
        "drop_invalid_headers": True,
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=LOAD_BALANCER,
    needs={
        "subnet": SUBNET,
        "other_zone": OTHER_ZONE,
        "group": SECURITY_GROUP,
        "other_group": OTHER,
        "bucket": BUCKET,
    },
    create=internal,
    update=lambda made: {
        "name": "web",
        "subnet_ids": [made["subnet"].id, made["other_zone"].id],
        "security_group_ids": [made["other_group"].id],
        "ip_address_type": "dualstack",
        "idle_timeout_seconds": 120,
        "drop_invalid_headers": False,
        "tags": {"agency": "b"},
    },
    replace=lambda made: {**internal(made), "scheme": "internet-facing"},
)


def reasons(**inputs: object) -> list[str]:
    given = {"name": "n", "subnet_ids": ["subnet-1", "subnet-2"], **inputs}
    return [failure.path for failure in check(LOAD_BALANCER, given, "env")[1]]


def test_a_load_balancer_is_internal_unless_said_otherwise() -> None:
    assert check(LOAD_BALANCER, {"name": "n", "subnet_ids": ["a", "b"]}, "env")[0]["scheme"] == "internal"


def test_an_application_load_balancer_stands_in_two_zones() -> None:
    assert reasons(subnet_ids=["subnet-1"]) == ["subnet_ids"]
    assert reasons(subnet_ids=["subnet-1"], load_balancer_type="network") == []


def test_what_only_one_type_has_is_refused_of_the_other() -> None:
    assert reasons(load_balancer_type="network", idle_timeout_seconds=30) == ["idle_timeout_seconds"]
    assert reasons(load_balancer_type="network", cross_zone=False) == []
    assert reasons(cross_zone=False) == ["cross_zone"]
    assert reasons(access_logs_prefix="x") == ["access_logs_prefix"]


def test_security_groups_change_in_place_but_come_or_go_with_another_balancer() -> None:
    old = {"name": "n", "subnet_ids": ["a", "b"], "security_group_ids": ["sg-1"]}
    assert not differ(LOAD_BALANCER, old, {**old, "security_group_ids": ["sg-2"]}).replaces
    assert differ(LOAD_BALANCER, old, {**old, "security_group_ids": []}).replaces == ("security_group_ids",)
