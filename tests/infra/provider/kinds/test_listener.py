from __future__ import annotations

from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.differing import differ
from infra.provider.kinds.listener import LISTENER
from infra.provider.kinds.load_balancer import LOAD_BALANCER as LOAD_BALANCER_KIND
from infra.provider.normal import UNKNOWN
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_load_balancer import EXAMPLE as LOAD_BALANCER
from tests.infra.provider.kinds.test_subnet import EXAMPLE as SUBNET
from tests.infra.provider.kinds.test_target_group import EXAMPLE as TARGET_GROUP
from tests.infra.provider.kinds.test_transit_gateway_attachment import OTHER_ZONE

TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
CERTIFICATE = "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1"
OTHER_BALANCER = Example(
    kind=LOAD_BALANCER_KIND,
    needs={"subnet": SUBNET, "other_zone": OTHER_ZONE},
    create=lambda made: {"name": "other", "subnet_ids": [made["subnet"].id, made["other_zone"].id]},
    update=None,
    replace=None,
)


def forwarding(made: Made) -> dict[str, Any]:
    return {
        "name": "监听",
        "load_balancer_arn": made["balancer"].id,
        "port": 8080,
        "protocol": "HTTP",
        "default_action": {"type": "forward", "target_group_arn": made["group"].id},
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=LISTENER,
    needs={"balancer": LOAD_BALANCER, "other_balancer": OTHER_BALANCER, "group": TARGET_GROUP},
    create=forwarding,
    update=lambda made: {**forwarding(made), "port": 80, "default_action": {"type": "redirect", "redirect": {}}},
    replace=lambda made: {**forwarding(made), "load_balancer_arn": made["other_balancer"].id},
)


def reasons(**inputs: object) -> list[str]:
    given = {
        "name": "n",
        "load_balancer_arn": "arn",
        "port": 443,
        "protocol": "HTTPS",
        "ssl_policy": TLS,
        "certificate_arn": CERTIFICATE,
        "default_action": {"type": "forward", "target_group_arn": "arn"},
        **inputs,
    }
    return [failure.path for failure in check(LISTENER, given, "env")[1]]


def test_an_encrypted_port_says_its_policy_and_certificate_and_no_other_does() -> None:
    assert reasons() == []
    assert reasons(certificate_arn=UNKNOWN) == []
    assert reasons(ssl_policy=None, certificate_arn=None) == ["ssl_policy", "certificate_arn"]
    assert reasons(protocol="HTTP") == ["ssl_policy", "certificate_arn"]


def test_an_action_has_what_its_type_needs_and_nothing_else() -> None:
    assert reasons(default_action={"type": "forward"}) == ["default_action.target_group_arn"]
    both = {"type": "redirect", "redirect": {}, "target_group_arn": "arn"}
    assert reasons(default_action=both) == ["default_action.target_group_arn"]
    assert reasons(default_action={"type": "fixed-response", "fixed_response": {"status_code": "404"}}) == []


@pytest.mark.real
def test_a_weakened_tls_policy_is_found_and_mended(world: Any) -> None:
    made = world.standing(EXAMPLE)
    certificate = world.clients.call("acm", "RequestCertificate", {"DomainName": "edu.example.gov.cn"})[
        "CertificateArn"
    ]
    secured = {"port": 443, "protocol": "HTTPS", "ssl_policy": TLS, "certificate_arn": certificate}
    inputs = world.checked(LISTENER, {**forwarding(made), **secured})
    lifecycle = world.lifecycle()
    first = lifecycle.create(LISTENER, world.urn(LISTENER), inputs)
    weak = {"ListenerArn": first.id, "SslPolicy": "ELBSecurityPolicy-2016-08"}
    world.clients.call("elbv2", "ModifyListener", weak)
    seen = lifecycle.read(LISTENER, first.id, first.properties)
    assert seen is not None
    assert differ(LISTENER, seen.properties, inputs).properties == ("ssl_policy",)
    assert lifecycle.update(LISTENER, world.urn(LISTENER), first.id, seen.properties, inputs) == first
    lifecycle.delete(LISTENER, first.id, first.properties)
