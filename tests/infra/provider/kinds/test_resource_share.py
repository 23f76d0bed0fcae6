from __future__ import annotations

from typing import Any

from infra.provider.checking import check
from infra.provider.kinds.resource_share import RESOURCE_SHARE
from infra.provider.kinds.transit_gateway import TRANSIT_GATEWAY as HUB_KIND
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_transit_gateway import EXAMPLE as TRANSIT_GATEWAY

OTHER_HUB = Example(kind=HUB_KIND, create=lambda _: {"name": "other"}, update=None, replace=None)


def shared(made: Made, hub: str, *principals: str) -> dict[str, Any]:
    return {"name": "枢纽", "resource_arns": [made[hub].properties["arn"]], "principals": list(principals)}


EXAMPLE = Example(
    kind=RESOURCE_SHARE,
    needs={"hub": TRANSIT_GATEWAY, "other": OTHER_HUB},
    create=lambda made: {**shared(made, "hub", "111111111111", "222222222222"), "tags": {"agency": "a"}},
    update=lambda made: {
        **shared(made, "other", "222222222222", "333333333333"),
        "name": "hub",
        "allow_external_principals": True,
        "tags": {},
    },
    replace=None,  # everything of it changes in place
)


def test_nobody_outside_the_organisation_is_shared_with_unless_said_so() -> None:
    inputs, failures = check(RESOURCE_SHARE, {"name": "hub"}, "env")
    assert not failures
    assert inputs["allow_external_principals"] is False
    assert (inputs["resource_arns"], inputs["principals"]) == ([], [])
