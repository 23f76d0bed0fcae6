"""A private network."""

from __future__ import annotations

from infra.provider.kinds.vpc import VPC
from tests.infra.provider.kinds.example import Example

EXAMPLE = Example(
    VPC,
    create=lambda _: {"name": "网络", "cidr_block": "10.0.0.0/16", "tags": {"agency": "教育局", "system": "a"}},
    update=lambda _: {
        "name": "another name",
        "cidr_block": "10.0.0.0/16",
        "dns_hostnames": True,
        "tags": {"agency": "卫健委"},
    },
    replace=lambda _: {"name": "网络", "cidr_block": "10.9.0.0/16"},
)
