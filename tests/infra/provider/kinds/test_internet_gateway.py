from __future__ import annotations

from infra.provider.kinds.internet_gateway import INTERNET_GATEWAY
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC

EXAMPLE = Example(
    kind=INTERNET_GATEWAY,
    needs={"vpc": VPC},
    create=lambda made: {"name": "出口", "vpc_id": made["vpc"].id, "tags": {"agency": "教育局"}},
    update=lambda _: {"name": "waiting", "tags": {"agency": "卫健委"}},
    # Everything of a gateway changes in place.
    replace=None,
)
