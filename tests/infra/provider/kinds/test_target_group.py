from __future__ import annotations

from typing import Any

import pytest

from infra.provider.differing import differ
from infra.provider.kinds.target_group import TARGET_GROUP
from infra.provider.paths import search
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_instance import EXAMPLE as INSTANCE
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC

HEALTH = {
    "protocol": "HTTP",
    "port": "traffic-port",
    "path": "/health",
    "interval_seconds": 20,
    "timeout_seconds": 5,
    "healthy_threshold": 5,
    "unhealthy_threshold": 2,
    "matcher": "200-299",
}


def web(made: Made) -> dict[str, Any]:
    return {
        "name": "后端",
        "vpc_id": made["vpc"].id,
        "protocol": "HTTP",
        "port": 8080,
        "health_check": HEALTH,
        "targets": [{"id": made["instance"].id, "port": 8080}],
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=TARGET_GROUP,
    needs={"vpc": VPC, "instance": INSTANCE},
    create=web,
    update=lambda made: {
        **web(made),
        "name": "back end",
        "health_check": {**HEALTH, "path": "/ready", "unhealthy_threshold": 3},
        "deregistration_delay_seconds": 30,
        "targets": [],
        "tags": {},
    },
    replace=lambda made: {**web(made), "port": 9090},
)


def test_a_target_that_drains_has_been_taken_out_already() -> None:
    path = TARGET_GROUP.named_property("targets").path
    rows = [
        {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "draining"}},
        {"Target": {"Id": "i-2", "Port": 80}, "TargetHealth": {"State": "unhealthy"}},
    ]
    assert search(path, {"health": {"TargetHealthDescriptions": rows}}) == [{"Id": "i-2", "Port": 80}]


@pytest.mark.real
def test_what_the_program_leaves_out_of_a_health_check_is_the_clouds_choice(world: Any) -> None:
    inputs = world.checked(TARGET_GROUP, {**web(world.standing(EXAMPLE)), "health_check": {"path": "/ready"}})
    lifecycle, urn = world.lifecycle(), world.urn(TARGET_GROUP)
    first = lifecycle.create(TARGET_GROUP, urn, inputs)
    assert first.properties["health_check"].items() > inputs["health_check"].items()
    assert not differ(TARGET_GROUP, first.properties, inputs).items
    changed = {**inputs, "health_check": {"path": "/health"}}
    second = lifecycle.update(TARGET_GROUP, urn, first.id, first.properties, changed)
    assert lifecycle.read(TARGET_GROUP, first.id, second.properties) == second
    assert not differ(TARGET_GROUP, second.properties, changed).items
    lifecycle.delete(TARGET_GROUP, first.id, second.properties)
