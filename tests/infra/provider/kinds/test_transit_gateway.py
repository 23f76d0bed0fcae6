from __future__ import annotations

from infra.provider.checking import check
from infra.provider.kinds.transit_gateway import TRANSIT_GATEWAY
from tests.infra.provider.kinds.example import Example

EXAMPLE = Example(
    kind=TRANSIT_GATEWAY,
    create=lambda _: {"name": "枢纽", "description": "hub", "tags": {"agency": "大数据局"}},
    update=lambda _: {
        "name": "hub",
        "description": "the hub",
        "auto_accept_shared_attachments": "enable",
        "dns_support": "disable",
        "tags": {},
    },
    replace=lambda _: {"name": "枢纽", "description": "hub", "multicast_support": "enable"},
)


def test_by_default_nothing_that_is_attached_reaches_anything() -> None:
    inputs, failures = check(TRANSIT_GATEWAY, {"name": "hub"}, "env")
    assert not failures
    assert inputs["default_route_table_association"] == "disable"
    assert inputs["default_route_table_propagation"] == "disable"
    assert inputs["auto_accept_shared_attachments"] == "disable"
