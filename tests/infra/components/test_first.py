"""The first baseline is frozen: an environment approved by it stays what it is, to the last property."""

from __future__ import annotations

import json

from foundation.evidence import sha256_hex
from infra.components import TenantEnvironment, TenantEnvironmentArgs
from infra.provider.kinds import KINDS
from tests.governance.environments.test_digest import FIRST
from tests.infra.components.recording import PLACEMENT, record

RECORDED = "bff5ffe0caace9636511d4818a2a7ab011f169cc7f24ec8035d5c82955b191da"
"""SHA-256 over every resource's kind, name and inputs beside the kind's defaults, as the first release had."""


def test_the_first_baseline_makes_what_it_always_made() -> None:
    recording = record(lambda: TenantEnvironment("hrss-portal", TenantEnvironmentArgs(spec=FIRST, placement=PLACEMENT)))
    defaults = {kind.short: {one.name: one.default for one in kind.properties} for kind in KINDS.values()}
    given = {
        f"{kind}/{name}": {
            key: value for key, value in inputs.items() if value is not None and value != defaults[kind].get(key)
        }
        for (kind, name), inputs in recording.cloud().items()
    }
    assert sorted(given) == [
        "Bucket/files",
        "Instance/web-1",
        "Role/operations",
        "SecurityGroup/baseline",
        "Subnet/zone-a",
        "Subnet/zone-b",
        "Volume/web-1-disk",
        "Vpc/hrss-portal",
    ]
    assert sha256_hex(json.dumps(given, sort_keys=True).encode()) == RECORDED
