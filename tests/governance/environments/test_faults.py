"""Bad specs: every fault at once, each with its file, line, field, and words in both languages."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.environments import (
    EnvironmentSpec,
    check_together,
    read_environment,
    read_published,
    spec_from_document,
)
from tests.governance.environments.plans import PlanInMemory

EXAMPLES = Path(__file__).parents[3] / "examples" / "environments"
LEVELS = Path(__file__).parents[3] / "governance" / "environments" / "levels.yaml"


@pytest.fixture
def written() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXAMPLES / "reporting.yaml").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def strict(written: dict[str, Any]) -> dict[str, Any]:
    """The same system at level 3."""
    return {**written, "protection": "level-3"}


def codes(document: dict[str, Any], **told: Any) -> dict[str, str]:
    spec, findings = spec_from_document(document, file="env.yaml", **told)
    assert spec is None
    assert all(finding.zh and finding.en and finding.place.file == "env.yaml" for finding in findings)
    return {finding.place.field: finding.code for finding in findings}


def test_an_unknown_size_names_the_nearest_at_its_line(tmp_path: Path, written: dict[str, Any]) -> None:
    file = tmp_path / "env.yaml"
    text = (EXAMPLES / "reporting.yaml").read_text(encoding="utf-8").replace("size: small", "size: smal")
    file.write_text(text, encoding="utf-8")
    spec, (finding,) = read_environment(file)
    assert spec is None
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "smal," in one)
    assert (finding.place.file, finding.place.row, finding.place.field) == ("env.yaml", line, "instances[0].size")
    assert (finding.found, finding.code) == ("smal", "governance.document.unknown-size")
    assert "small" in finding.expected
    assert "small" in finding.zh
    assert "small" in finding.en


def test_every_fault_is_told_at_once(written: dict[str, Any]) -> None:
    written["instances"][0]["size"] = "enormous"
    written["databases"][0] |= {"storage_gb": 1}
    written["allow"] = [{"source": "web", "target": "data", "port": 0}]
    written["peers"][0]["approval"] = " "
    assert codes(written) == {
        "instances.0.size": "environment.unknown-size",
        "databases.0.storage_gb": "environment.invalid",
        "allow.0.source": "environment.invalid",
        "allow.0.port": "environment.invalid",
        "peers.0.approval": "environment.peer-unapproved",
    }


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"cidr": "10.64.8.0/26"}, "cidr", "addresses-exhausted"),
        ({"cidr": "from-address-plan"}, "cidr", "no-address-plan"),
        ({"cidr": "10.64.8.1/24"}, "cidr", "invalid"),
        ({"cidr": "10.0.0.0/8"}, "cidr", "invalid"),
        ({"subnets": [{"name": "app", "cidr": "10.65.8.0/27", "purpose": "app"}]}, "subnets.0.cidr", "outside"),
        ({"subnets": [{"name": "app", "cidr": "10.64.8.0/30", "purpose": "app"}]}, "subnets.0.cidr", "invalid"),
        ({"subnets": [{"purpose": "app", "prefix": 30}]}, "subnets.0.prefix", "invalid"),
        ({"subnets": [{"purpose": "app", "prefix": 27, "cidr": "10.64.8.0/27"}]}, "subnets.0", "invalid"),
        ({"subnets": [{"prefix": 27}]}, "subnets.0", "invalid"),
        ({"subnets": [{"name": "app", "cidr": "10.64.8.0/27"}]}, "subnets.0.purpose", "invalid"),
        ({"ingress": [{"protocol": "tcp", "port": 443, "source": "10.0.0.0/8"}]}, "ingress", "invalid"),
        ({"baseline": 1}, "databases", "invalid"),
        ({"account": "12"}, "account", "invalid"),
        ({"zones": 9}, "zones", "invalid"),
        ({"zones": 1}, "databases.0", "invalid"),
        ({"backup": {"retention_days": 0}}, "backup.retention_days", "invalid"),
        ({"roles": ["read", "read"]}, "roles", "invalid"),
        ({"roles": ["root"]}, "roles.0", "invalid"),
        ({"secrets": [{"name": "figures", "value": "hush"}]}, "secrets.0.value", "invalid"),
        ({"keys": ["guanyun-own"]}, "keys.0.name", "invalid"),
        ({"secrets": ["one", "one"]}, "secrets.1.name", "invalid"),
        ({"file_systems": [{"name": "files", "size_gb": 1, "purpose": "web"}]}, "file_systems.0.purpose", "invalid"),
        ({"peers": [{"environment": "gone", "approval": "A-1"}]}, "peers.0.cidr", "peer-unknown"),
        ({"peers": [{"environment": "other", "cidr": "10.64.0.0/16", "approval": "A"}]}, "peers.0.cidr", "overlap"),
    ],
)
def test_a_fault_is_named_by_its_field(written: dict[str, Any], change: dict[str, Any], field: str, code: str) -> None:
    assert codes({**written, **change})[field] == f"environment.{code}"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"plan": "general-2c4g"}, "instances.0.plan"),
        ({"size": ""}, "instances.0.plan"),
        ({"subnet": "app-1"}, "instances.0"),
        ({"tier": "web"}, "instances.0.tier"),
        ({"count": 0}, "instances.0.count"),
    ],
)
def test_a_machine_is_told_by_size_or_plan_and_by_tier_or_subnet(
    written: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    written["instances"][0] |= change
    assert field in codes(written)


def test_a_balancer_is_public_in_the_internet_zone_only(written: dict[str, Any]) -> None:
    front = {"name": "front", "port": 443, "targets": ["report"], "sources": ["0.0.0.0/0"], "public": True}
    written["load_balancers"] = [front]
    assert codes(written) == {"load_balancers.0.public": "environment.public"}
    spec, findings = spec_from_document({**written, "zone": "internet"})
    assert spec is not None, findings


def test_level_3_has_no_public_address_keeps_its_logs_and_shuts_its_data(strict: dict[str, Any]) -> None:
    front = {"name": "front", "port": 443, "targets": ["report"], "sources": ["0.0.0.0/0"], "public": True}
    strict |= {"zone": "internet", "load_balancers": [front], "flow_logs": {"retention_days": 90}}
    strict["allow"].append({"source": "10.0.0.0/8", "target": "data", "port": 3306})
    assert codes(strict) == {
        "load_balancers.0.public": "environment.level-3",
        "flow_logs.retention_days": "environment.level-3",
        "allow.1.source": "environment.level-3",
    }


def test_https_takes_a_certificate_and_tcp_none(written: dict[str, Any]) -> None:
    front = {"name": "front", "port": 443, "targets": ["report"], "sources": ["10.0.0.0/8"], "protocol": "https"}
    assert codes({**written, "load_balancers": [front]}) == {"load_balancers.0.certificate": "environment.invalid"}
    front["certificate"] = "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1"
    spec, findings = spec_from_document({**written, "load_balancers": [front]})
    assert spec is not None, findings
    assert codes({**written, "load_balancers": [{**front, "protocol": "tcp"}]})


def test_a_plan_without_room_is_a_finding(written: dict[str, Any]) -> None:
    written["cidr"] = "from-address-plan"
    assert codes(written, addresses=PlanInMemory(IPv4Network("10.0.0.0/26"))) == {
        "cidr": "environment.addresses-exhausted"
    }


def test_a_fixed_cidr_and_the_address_plan_do_not_go_together(written: dict[str, Any]) -> None:
    written |= {"cidr": "from-address-plan", "prefix": 15}
    assert codes(written, addresses=PlanInMemory(IPv4Network("10.0.0.0/8"))) == {"prefix": "environment.invalid"}
    written["subnets"].append({"name": "fixed", "cidr": "10.0.0.0/27", "purpose": "web"})
    assert "subnets.2.cidr" in codes(written, addresses=PlanInMemory(IPv4Network("10.0.0.0/8")))


def test_two_environments_of_one_name_and_one_block_are_found(written: dict[str, Any]) -> None:
    def spec(**change: Any) -> EnvironmentSpec:
        read, findings = spec_from_document({**written, **change})
        assert read is not None, findings
        return read

    first, namesake = spec(), spec(cidr="10.64.9.0/24")
    squatter, fine = spec(environment="squatter"), spec(environment="fine", cidr="10.64.7.0/24")
    found = check_together([("a.yaml", first), ("b.yaml", namesake), ("c.yaml", squatter), ("d.yaml", fine)])
    assert {(finding.place.file, finding.code) for finding in found} == {
        ("b.yaml", "environment.name-twice"),
        ("c.yaml", "environment.overlap"),
    }
    assert all(finding.zh and finding.en for finding in found)


def test_published_sizes_stand_once_and_every_level_has_its_defaults(tmp_path: Path) -> None:
    sizes, levels = tmp_path / "sizes.yaml", tmp_path / "levels.yaml"
    text = (EXAMPLES / "sizes-private-cloud.yaml").read_text(encoding="utf-8")
    sizes.write_text(text.replace("name: medium, zh: 中型", "name: small, zh: 中型"), encoding="utf-8")
    levels.write_text("start: 2026-01-01\nlevels: []\n", encoding="utf-8")
    published, findings = read_published(sizes, levels)
    assert published is None
    assert [(finding.place.file, finding.place.field) for finding in findings] == [
        ("sizes.yaml", "machines[1].name"),
        ("levels.yaml", "levels"),
        ("levels.yaml", "levels"),
    ]


def test_a_file_that_is_no_spec_is_a_finding_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "env.yaml"
    file.write_text("environment: a1\ninstances: [{name: web, count: two}]\n", encoding="utf-8")
    spec, findings = read_environment(file)
    assert spec is None
    by_field = {finding.place.field: finding.place.row for finding in findings}
    assert by_field["instances[0].count"] == 2
    assert {"agency", "system", "cidr", "subnets", "zone", "protection"} <= by_field.keys()
