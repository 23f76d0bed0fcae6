"""A decision may leave out and make smaller; what it adds, enlarges or opens beyond the request is named."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from governance.environments import (
    BackupSpec,
    EnvironmentSpec,
    PersonRole,
    Purpose,
    SecretSpec,
    TierRule,
    read_environment,
)
from governance.environments.comparing import beyond_later_fields
from tests.governance.environments.plans import PlanInMemory

EXAMPLES = Path(__file__).parents[3] / "examples" / "environments"


@pytest.fixture
def asked() -> EnvironmentSpec:
    plan = PlanInMemory(IPv4Network("10.72.0.0/16"))
    spec, findings = read_environment(EXAMPLES / "social-insurance.yaml", addresses=plan)
    assert spec is not None, findings
    return spec


def fields(asked: EnvironmentSpec, decided: EnvironmentSpec) -> list[str]:
    return [field for field, _, _ in beyond_later_fields(asked, decided)]


def test_less_is_never_beyond(asked: EnvironmentSpec) -> None:
    smaller = replace(asked.databases[0], storage_gb=20, multi_zone=False)
    less = replace(asked, allow=(), load_balancers=(), roles=(PersonRole.READ,), databases=(smaller,))
    assert fields(asked, less) == []
    assert fields(asked, replace(less, backup=BackupSpec(100))) == []


def test_what_is_added_enlarged_opened_or_moved_is_named(asked: EnvironmentSpec) -> None:
    more = replace(
        asked,
        region="cn-northwest-1",
        secrets=(SecretSpec("password"),),
        allow=(*asked.allow, TierRule("10.0.0.0/8", Purpose.APP, 22)),
        databases=(replace(asked.databases[0], storage_gb=4000),),
        load_balancers=(replace(asked.load_balancers[0], sources=("0.0.0.0/0",)),),
        backup=BackupSpec(1),
    )
    assert fields(asked, more) == [
        "region",
        "secrets",
        "allow",
        "databases.main.storage_gb",
        "load_balancers.front.sources",
        "backup",
    ]
