"""Plans made by hand: a step is a kind, a name and what it is after (and was before)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from governance.environments import Baseline, EnvironmentSpec, Protection, SubnetSpec, Zone
from infra.engine.model import Operation, PlannedStep, PlanSummary
from infra.guardrails import Context, context_of, published_policy

SPEC = EnvironmentSpec(
    environment="hrss-portal",
    agency="hrss",
    system="portal",
    project="P-1",
    fund_source="本级财政",
    zone=Zone.EXTRANET,
    protection=Protection.LEVEL_2,
    cidr="10.10.0.0/24",
    subnets=(SubnetSpec("front", "10.10.0.0/25"),),
)
TAGS = {
    "guanyun:agency": "hrss",
    "guanyun:system": "portal",
    "guanyun:project": "P-1",
    "guanyun:fund-source": "本级财政",
}
TLS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)

Step = Callable[..., PlannedStep]


def step(
    kind: str,
    name: str = "one",
    operation: Operation = Operation.CREATE,
    before: Mapping[str, Any] | None = None,
    /,
    **after: Any,
) -> PlannedStep:
    """One step; a deletion has no ``after``, what stays the same has it for both."""
    return PlannedStep(
        urn=f"urn:pulumi:{SPEC.environment}::guanyun::guanyun:cloud:{kind}::{name}",
        kind=kind,
        name=name,
        operation=operation,
        before=before if before is not None else (after if operation is Operation.SAME else {}),
        after={} if operation is Operation.DELETE else after,
    )


def plan(*steps: PlannedStep, environment: str = SPEC.environment) -> PlanSummary:
    """A plan of these steps."""
    return PlanSummary(environment, "5" * 64, "1", steps, "e" * 64)


def context(**more: Any) -> Context:
    """The context of ``SPEC``, with other fields where said."""
    return replace(context_of(SPEC, published_policy()), **{"baseline": Baseline.SECOND, **more})


@pytest.fixture
def spec() -> EnvironmentSpec:
    return SPEC
