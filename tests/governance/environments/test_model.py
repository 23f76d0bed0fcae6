"""The environment spec: one document form, every fault named by its field."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.evidence import canonical_bytes
from governance.environments import (
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

SPEC = EnvironmentSpec(
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


def test_a_spec_reads_back_from_its_document() -> None:
    assert spec_from_document(spec_document(SPEC)) == (SPEC, ())
    assert canonical_bytes(spec_document(SPEC)) == canonical_bytes(spec_document(SPEC))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cidr": "10.64.0.1/24"}, "cidr"),
        ({"zone": "moon"}, "zone"),
        ({"surprise": 1}, "surprise"),
        ({"environment": "X"}, "environment"),
        ({"subnets": []}, "subnets"),
        ({"subnets": [{"name": "aa", "cidr": "10.99.0.0/25"}]}, "subnets.0.cidr"),
        ({"ingress": [{"protocol": "tcp", "port": 0, "source": "10.0.0.0/8"}]}, "ingress.0"),
        ({"ingress": [{"protocol": "tcp", "port": 1, "source": "everybody"}]}, "ingress.0.source"),
        ({"buckets": [{"name": "files", "public": True}]}, "buckets.0.public"),
    ],
)
def test_every_fault_is_named_by_its_field(change: dict[str, Any], field: str) -> None:
    spec, findings = spec_from_document({**spec_document(SPEC), **change}, file="env.yaml")
    assert spec is None
    assert field in {finding.place.field for finding in findings}
    assert {finding.place.file for finding in findings} == {"env.yaml"}


def test_subnets_may_not_overlap_and_names_stand_once() -> None:
    document = spec_document(SPEC)
    document["subnets"] = [{"name": "aa", "cidr": "10.64.0.0/25"}, {"name": "aa", "cidr": "10.64.0.0/26"}]
    _, findings = spec_from_document(document)
    expected = {finding.expected for finding in findings}
    assert "no overlap with subnet aa" in expected
    assert "each name once" in expected
