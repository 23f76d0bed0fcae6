from __future__ import annotations

from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.differing import differ
from infra.provider.errors import CloudRefused
from infra.provider.kinds.elastic_ip import ELASTIC_IP
from infra.provider.kinds.nat_gateway import NAT_GATEWAY
from infra.provider.lifecycle import Lifecycle
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_subnet import EXAMPLE as SUBNET

ADDRESS = Example(
    kind=ELASTIC_IP,
    create=lambda _: {"name": "nat"},
    update=None,
    replace=None,
)
EXAMPLE = Example(
    kind=NAT_GATEWAY,
    needs={"subnet": SUBNET, "address": ADDRESS},
    create=lambda made: {
        "name": "nat",
        "subnet_id": made["subnet"].id,
        "allocation_id": made["address"].id,
        "tags": {"agency": "a"},
    },
    update=lambda made: {
        "name": "出网",
        "subnet_id": made["subnet"].id,
        "allocation_id": made["address"].id,
        "tags": {},
    },
    replace=lambda made: {"name": "nat", "subnet_id": made["subnet"].id, "connectivity_type": "private"},
    # The sandbox never lets go of a deleted gateway's address.
    unsupported=("again",),
)


def reasons(**inputs: object) -> set[str]:
    _, failures = check(NAT_GATEWAY, {"name": "n", "subnet_id": "subnet-1", **inputs}, "env")
    return {failure.path for failure in failures}


def test_a_public_gateway_needs_an_address_and_a_private_one_has_none() -> None:
    assert reasons() == {"allocation_id"}
    assert reasons(allocation_id="eipalloc-1") == set()
    assert reasons(connectivity_type="private") == set()
    assert reasons(connectivity_type="private", allocation_id="eipalloc-1") == {"allocation_id"}


def test_a_gateway_that_keeps_its_address_is_replaced_after_it_is_gone() -> None:
    old = {"name": "n", "subnet_id": "subnet-1", "connectivity_type": "public", "allocation_id": "eipalloc-1"}
    assert differ(NAT_GATEWAY, old, {**old, "subnet_id": "subnet-2"}).delete_first
    elsewhere = {**old, "subnet_id": "subnet-2", "allocation_id": "eipalloc-2"}
    assert not differ(NAT_GATEWAY, old, elsewhere).delete_first


class Cloud(Clients):
    """A cloud that accepts a gateway, and finds then that it cannot live."""

    def call(self, _service: str, operation: str, _parameters: Any) -> dict[str, Any]:
        gateway = {"NatGatewayId": "nat-1", "State": "pending"}
        if operation == "CreateNatGateway":
            return {"NatGateway": gateway}
        failed = {"State": "failed", "FailureCode": "Gateway.NotAttached", "FailureMessage": "no internet gateway"}
        return {"NatGateways": [{**gateway, **failed}]}


def test_a_gateway_that_fails_is_refused_with_the_clouds_own_reason() -> None:
    cloud = Cloud(endpoint="http://127.0.0.1:9", region="cn-north-1", access_key="a", secret_key="b")
    inputs = {"name": "n", "subnet_id": "subnet-1", "allocation_id": "eipalloc-1"}
    with pytest.raises(CloudRefused, match=r"Gateway\.NotAttached no internet gateway"):
        Lifecycle(cloud, "env", "d").create(NAT_GATEWAY, "urn", check(NAT_GATEWAY, inputs, "env")[0])
