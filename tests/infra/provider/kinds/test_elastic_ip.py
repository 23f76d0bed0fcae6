from __future__ import annotations

from infra.provider.kinds.elastic_ip import ELASTIC_IP
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_instance import EXAMPLE as INSTANCE

EXAMPLE = Example(
    kind=ELASTIC_IP,
    needs={"instance": INSTANCE},
    create=lambda _: {"name": "地址", "tags": {"agency": "a"}},
    update=lambda made: {"name": "地址", "instance_id": made["instance"].id, "tags": {"agency": "b"}},
    replace=lambda _: {"name": "地址", "public_ip": "203.0.113.7"},
)
