"""The landing-zone spec: read whole, every fault named with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.environments.landing_zone import (
    Managed,
    landing_zone_document,
    landing_zone_from_document,
    read_landing_zone,
)

EXAMPLE = Path(__file__).parents[4] / "examples" / "environments" / "landing-zone.yaml"

JOINED = {
    "environment": "hrss-portal",
    "agency": "hrss",
    "zone": "government-extranet",
    "cidr": "10.64.0.0/22",
    "attachment_id": "tgw-attach-1",
}


@pytest.fixture
def written() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    return document


def test_the_example_reads_back_from_its_document() -> None:
    spec, findings = read_landing_zone(EXAMPLE)
    assert spec is not None, findings
    assert landing_zone_from_document(landing_zone_document(spec)) == (spec, ())
    assert spec.may_reach("housing", "hrss")
    assert not spec.may_reach("housing", "health")


def test_a_region_is_registered_only_unless_its_level_says_more(written: dict[str, Any]) -> None:
    del written["regions"][1]["managed"]
    spec, findings = landing_zone_from_document(written)
    assert spec is not None, findings
    region = spec.region("cn-northwest-1")
    assert region is not None
    assert region.managed is Managed.REGISTERED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"environment": "X"}, "environment"),
        ({"home_region": "cn-northwest-1"}, "home_region"),
        ({"home_region": "nowhere"}, "home_region"),
        ({"email_domain": ""}, "email_domain"),
        ({"deployer_role": "no role"}, "deployer_role"),
        ({"hub": {"cidr": "10.60.0.0/28"}}, "hub.cidr"),
        ({"hub": {"cidr": "10.60.0.0/20", "asn": 1}}, "hub.asn"),
        ({"hub": {"cidr": "10.60.0.0/20", "zones": 9}}, "hub.zones"),
        ({"archive": {"retention_days": 30}}, "archive.retention_days"),
        ({"archive": {"mode": "none"}}, "archive.mode"),
        ({"services": [{"name": "names", "port": 53}, {"name": "names", "port": 54}]}, "services[1]"),
        ({"services": [{"name": "names", "port": 0}]}, "services[0].port"),
        ({"guardrails": ["no-fun"]}, "guardrails[0]"),
        ({"peerings": [{"between": ["hrss", "hrss"], "approval": "A"}]}, "peerings[0].between"),
        ({"peerings": [{"between": ["hrss", "moon"], "approval": "A"}]}, "peerings[0].between"),
        ({"peerings": [{"between": ["hrss", "housing"], "approval": ""}]}, "peerings[0].approval"),
        ({"agencies": [{"agency": "hrss", "level": "city", "places": []}]}, "agencies[0].places"),
        ({"agencies": [{"agency": "hrss", "level": "moon", "places": []}]}, "agencies[0].level"),
        ({"networks": [{**JOINED, "cidr": "10.60.4.0/24"}]}, "networks[0].cidr"),
        ({"networks": [{**JOINED, "agency": "moon"}]}, "networks[0].agency"),
        ({"networks": [JOINED, {**JOINED, "cidr": "10.64.8.0/22"}]}, "networks[1]"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_every_fault_is_named_by_its_field(written: dict[str, Any], change: dict[str, Any], field: str) -> None:
    if "agencies" in change:
        written["peerings"] = []
    spec, findings = landing_zone_from_document({**written, **change}, file="zone.yaml")
    assert spec is None
    assert field in {finding.place.field for finding in findings}
    assert all(finding.zh and finding.en and finding.place.file == "zone.yaml" for finding in findings)


def test_accounts_are_for_clouds_with_organisations_and_stand_once(written: dict[str, Any]) -> None:
    for place in written["agencies"][0]["places"]:
        place["account"] = "1" * 12
    _, findings = landing_zone_from_document(written)
    assert [finding.place.field for finding in findings] == ["agencies[0].places[1].account"]
    _, findings = landing_zone_from_document({**written, "organisation": False})
    assert len(findings) == 2


def test_a_fault_of_a_file_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "zone.yaml"
    text = EXAMPLE.read_text(encoding="utf-8").replace("retention_days: 365", "retention_days: 30")
    file.write_text(text, encoding="utf-8")
    _, (finding,) = read_landing_zone(file)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith("archive"))
    assert (finding.place.row, finding.place.field) == (line, "archive.retention_days")
