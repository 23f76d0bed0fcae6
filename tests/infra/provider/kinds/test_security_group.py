"""A firewall round instances."""

from __future__ import annotations

from infra.provider.kinds.security_group import SECURITY_GROUP
from tests.infra.provider.kinds import test_vpc
from tests.infra.provider.kinds.example import Example, Made

RULE = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}
INSIDE = {"protocol": "-1", "cidr": "192.168.0.0/16", "description": "$id inside"}


def inputs(made: Made, **more: object) -> dict[str, object]:
    return {
        "name": "防火墙",
        "description": "web",
        "vpc_id": made["vpc"].id,
        "ingress": [RULE, INSIDE],
        "egress": [{"protocol": "-1", "cidr": "0.0.0.0/0"}],
        **more,
    }


EXAMPLE = Example(
    SECURITY_GROUP,
    create=inputs,
    update=lambda made: inputs(made, ingress=[{**RULE, "from_port": 22, "to_port": 22}], egress=[], tags={"a": "b"}),
    replace=lambda made: inputs(made, description="database"),
    needs={"vpc": test_vpc.EXAMPLE},
)
OTHER = Example(
    SECURITY_GROUP,
    create=lambda made: inputs(made, name="another"),
    update=None,
    replace=None,
    needs={"vpc": test_vpc.EXAMPLE},
)
"""Another one in the same VPC, for what can have several."""
