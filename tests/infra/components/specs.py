"""Specs to build: one of each baseline and level."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from governance.environments import EnvironmentSpec, read_environment, spec_from_document
from tests.governance.environments.plans import PlanInMemory

EXAMPLES = Path(__file__).parents[3] / "examples" / "environments"


def level_3() -> EnvironmentSpec:
    """Three tiers over two zones, a balancer, a database, a bucket."""
    plan = PlanInMemory(IPv4Network("10.72.0.0/16"))
    spec, findings = read_environment(EXAMPLES / "social-insurance.yaml", addresses=plan)
    assert spec is not None, findings
    return spec


def level_2(**change: Any) -> EnvironmentSpec:
    """Two tiers, a database, files, a secret, an approved peer."""
    document = yaml.safe_load((EXAMPLES / "reporting.yaml").read_text(encoding="utf-8"))
    spec, findings = spec_from_document({**document, **change})
    assert spec is not None, findings
    return spec
