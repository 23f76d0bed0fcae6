"""What of a finding has a word in the spec."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from governance.environments import (
    Baseline,
    BucketSpec,
    DatabaseSpec,
    Engine,
    EnvironmentSpec,
    IngressRule,
    Purpose,
    TierRule,
    VolumeSpec,
)
from infra.drift import Adoption, Change, Finding, Seen, TrailState, Who
from infra.drift.adopting import adopt
from tests.infra.deployments.conftest import SPEC

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLANS = {"c5.xlarge": "general-4c8g", "db.m5.2xlarge": "database-8c32g-ha"}
HTTPS = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8", "description": ""}
ADMIN = {"protocol": "tcp", "from_port": 8443, "to_port": 8443, "cidr": "10.9.0.0/16", "description": ""}


def changed(kind: str, name: str, path: str, found: Any, expected: Any = None) -> Finding:
    return finding(Seen(Change.CHANGED, kind, name, f"urn::{kind}::{name}", "id", path, expected, found))


def deleted(kind: str, name: str) -> Finding:
    return finding(Seen(Change.DELETED, kind, name, f"urn::{kind}::{name}", "id"))


def finding(seen: Seen) -> Finding:
    id_ = f"{seen.kind}-{seen.name}-{seen.path}"
    return Finding(id_, "hrss-portal", "hrss", seen, Who(TrailState.NOTHING), "d-1", NOW, NOW)


def adopted(*findings: Finding, spec: EnvironmentSpec = SPEC) -> Adoption:
    return adopt(spec, findings, PLANS)


def test_a_machines_type_is_taken_in_with_the_plan_it_is_charged_by() -> None:
    made = adopted(changed("Instance", "web-1", "instance_type", "c5.xlarge", "c5.large"))
    first, second = made.spec.instances
    assert (first.instance_type, first.plan) == ("c5.xlarge", "general-4c8g")
    assert second == SPEC.instances[1]
    assert not made.left


def test_a_type_without_a_price_can_only_be_reverted() -> None:
    made = adopted(changed("Instance", "web-1", "instance_type", "p4d.24xlarge", "c5.large"))
    assert made.spec == SPEC
    assert "p4d.24xlarge" in made.left[0].zh


def test_what_the_spec_has_no_word_for_is_left_and_the_rest_is_taken() -> None:
    made = adopted(
        changed("Instance", "web-1", "tags.owner", "x"),
        changed("Volume", "web-1-data", "size_gb", 200, 100),
        finding(Seen(Change.ORPHAN, "Volume", cloud_id="vol-9")),
    )
    assert made.spec.instances[0].volumes == (VolumeSpec("web-1-data", 200),)
    assert {one.finding.seen.path for one in made.left} == {"tags.owner", ""}
    assert len(made.adopted) == 1


def test_databases_and_buckets_have_words() -> None:
    database = DatabaseSpec("main", "database-4c16g", Engine.POSTGRESQL, "15.4", "db.m5.xlarge", 100, multi_zone=False)
    spec = replace(SPEC, databases=(database,), buckets=(BucketSpec("files"),))
    made = adopted(
        changed("Database", "main", "size_gb", 300, 100),
        changed("Database", "main", "instance_class", "db.m5.2xlarge"),
        changed("Database", "main", "engine_version", "15.6"),
        changed("Bucket", "files", "versioning", False, True),
        spec=spec,
    )
    (one,) = made.spec.databases
    assert (one.storage_gb, one.instance_class, one.version) == (300, "db.m5.2xlarge", "15.6")
    assert one.plan == "database-8c32g-ha"
    assert made.spec.buckets == (BucketSpec("files", versioning=False),)
    assert not made.left


def test_rules_of_the_first_baseline_are_the_specs_own() -> None:
    spec = replace(SPEC, ingress=(IngressRule("tcp", 443, "10.0.0.0/8"), IngressRule("tcp", 80, "10.0.0.0/8")))
    plain_http = {**HTTPS, "from_port": 80, "to_port": 80}
    made = adopted(changed("SecurityGroup", "baseline", "ingress", [HTTPS, ADMIN], [HTTPS, plain_http]), spec=spec)
    assert made.spec.ingress == (IngressRule("tcp", 443, "10.0.0.0/8"), IngressRule("tcp", 8443, "10.9.0.0/16"))


def test_a_rule_of_a_tier_becomes_an_allowance_and_what_follows_from_tiers_does_not() -> None:
    spec = replace(SPEC, baseline=Baseline.SECOND)
    made = adopted(changed("SecurityGroup", "tier-web", "ingress", [HTTPS, ADMIN], [HTTPS]), spec=spec)
    assert made.spec.allow == (TierRule("10.9.0.0/16", Purpose.WEB, 8443, "tcp"),)
    taken = adopted(changed("SecurityGroup", "tier-web", "ingress", [], [HTTPS]), spec=spec)
    assert taken.left
    assert taken.spec == spec


def test_a_rule_over_many_ports_has_no_word() -> None:
    wide = {**ADMIN, "to_port": 9000}
    made = adopted(changed("SecurityGroup", "baseline", "ingress", [wide], []))
    assert made.left
    assert made.spec == SPEC


def test_a_deleted_disk_goes_from_the_spec_and_its_machine_only_with_all_its_disks() -> None:
    alone = adopted(deleted("Instance", "web-1"))
    assert alone.left
    assert alone.spec == SPEC
    disk = adopted(deleted("Volume", "web-1-data"))
    assert disk.spec.instances[0].volumes == ()
    both = adopted(deleted("Instance", "web-1"), deleted("Volume", "web-1-data"))
    assert [one.name for one in both.spec.instances] == ["web-2"]
    assert not both.left


def test_a_disk_in_the_middle_is_not_taken_away() -> None:
    disks = (VolumeSpec("one", 10), VolumeSpec("two", 20))
    spec = replace(SPEC, instances=(replace(SPEC.instances[0], volumes=disks),))
    assert adopted(deleted("Volume", "one"), spec=spec).left
    assert adopted(deleted("Volume", "two"), spec=spec).spec.instances[0].volumes == disks[:1]


def test_what_the_approved_spec_does_not_name_any_more_is_left() -> None:
    spec = replace(SPEC, instances=SPEC.instances[1:])
    assert adopted(changed("Instance", "web-1", "instance_type", "c5.xlarge"), spec=spec).left
    assert adopted(deleted("Bucket", "gone"), spec=spec).left
