"""What exists already may become part of an environment: said in the spec, one thing once, and only what it names."""

from __future__ import annotations

import dataclasses
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from governance.environments import (
    AdoptSpec,
    EnvironmentSpec,
    Protection,
    SubnetSpec,
    Zone,
    beyond_later_fields,
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
    subnets=(SubnetSpec("zone-a", "10.64.0.0/25"),),
)
VPC = {"kind": "Vpc", "name": "hrss-portal", "id": "vpc-1"}


def read(*adopt: dict[str, Any]) -> Any:
    return spec_from_document({**spec_document(SPEC), "adopt": list(adopt)}, file="a.yaml")


def test_an_adoption_is_part_of_the_exact_spec_and_of_its_digest() -> None:
    spec, findings = read(VPC)
    assert findings == ()
    assert spec.adopt == (AdoptSpec("Vpc", "hrss-portal", "vpc-1"),)
    assert spec_document(spec)["adopt"] == [VPC]
    assert spec_from_document(spec_document(spec)) == (spec, ())
    assert read()[0] == SPEC
    digests = {sha256_hex(canonical_bytes(spec_document(one))) for one in (spec, SPEC, read()[0])}
    assert len(digests) == 2


def test_every_fault_of_an_adoption_is_told() -> None:
    _, findings = read(
        {"kind": "Volum", "name": "x1", "id": "vol-1"},
        {"kind": "Subnet", "name": "zone-z", "id": "subnet-1"},
        {"kind": "Subnet", "name": "zone-a", "id": " "},
        VPC,
        {**VPC, "id": "vpc-2"},
    )
    told = [(finding.place.field, finding.found) for finding in findings]
    assert told == [
        ("adopt.0.kind", "Volum"),
        ("adopt.1.name", "zone-z"),
        ("adopt.2.id", " "),
        ("adopt.4.name", "hrss-portal"),
    ]
    assert "Subnet, Volume, Vpc" in findings[0].expected
    assert findings[1].expected == "zone-a"


def test_one_thing_is_adopted_once() -> None:
    spec = dataclasses.replace(SPEC, subnets=(*SPEC.subnets, SubnetSpec("zone-b", "10.64.0.128/25", 1)))
    twice = [{"kind": "Subnet", "name": name, "id": "subnet-1"} for name in ("zone-a", "zone-b")]
    _, findings = spec_from_document({**spec_document(spec), "adopt": twice})
    assert [finding.place.field for finding in findings] == ["adopt.1.id"]


def test_a_decision_adopts_nothing_that_was_not_asked() -> None:
    decided = dataclasses.replace(SPEC, adopt=(AdoptSpec("Vpc", "hrss-portal", "vpc-1"),))
    assert [field for field, _, _ in beyond_later_fields(SPEC, decided)] == ["adopt"]
    assert not list(beyond_later_fields(decided, decided))
