"""A spec of the first story keeps its document and its digest, byte for byte, whatever fields came since."""

from __future__ import annotations

import dataclasses

from foundation.evidence import canonical_bytes, sha256_hex
from governance.environments import (
    Baseline,
    BucketSpec,
    EnvironmentSpec,
    IngressRule,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
    spec_document,
    spec_from_document,
)

FIRST = EnvironmentSpec(
    environment="hrss-portal",
    agency="hrss",
    system="portal",
    project="P-1",
    fund_source="一般公共预算",
    zone=Zone.EXTRANET,
    protection=Protection.LEVEL_2,
    cidr="10.64.0.0/24",
    subnets=(SubnetSpec("zone-a", "10.64.0.0/25"), SubnetSpec("zone-b", "10.64.0.128/25", 1)),
    ingress=(IngressRule("tcp", 443, "10.0.0.0/8"),),
    instances=(InstanceSpec("web-1", "general-2c4g", "m5.large", "ami-1", "zone-a", (VolumeSpec("web-1-disk", 40),)),),
    buckets=(BucketSpec("files"),),
)
RECORDED = "00b5d768a3387cd051bdf1717d0997ac91fa1478dba7a552811d61fa6cb870c3"
"""SHA-256 of its canonical bytes as the first release wrote them."""


def test_a_spec_without_later_fields_keeps_the_digest_it_was_approved_by() -> None:
    assert sha256_hex(canonical_bytes(spec_document(FIRST))) == RECORDED


def test_writing_a_later_field_s_default_changes_nothing() -> None:
    written = {**spec_document(FIRST), "baseline": 1, "databases": [], "region": "", "backup": None}
    written["buckets"] = [{"name": "files", "versioning": True, "plan": ""}]
    read, findings = spec_from_document(written)
    assert findings == ()
    assert read == FIRST


def test_a_later_field_that_is_used_changes_the_digest() -> None:
    for change in ({"region": "cn-north-1"}, {"baseline": Baseline.SECOND}, {"account": "1" * 12}):
        assert sha256_hex(canonical_bytes(spec_document(dataclasses.replace(FIRST, **change)))) != RECORDED
