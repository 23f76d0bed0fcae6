"""Which component a stack's input asks for. The program and a run by hand both come through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from foundation.values.findings import Finding
from governance.environments import LANDING_ZONE, EnvironmentSpec, spec_document, spec_from_document
from governance.environments.landing_zone import (
    LandingZoneSpec,
    landing_zone_document,
    landing_zone_from_document,
)
from infra.components.ground import Grounded
from infra.components.landing_zone import LandingZone, LandingZoneArgs
from infra.components.passwords import Passwords
from infra.components.placement import Placement, placement_from_document
from infra.components.tenant_environment import TenantEnvironment, TenantEnvironmentArgs

_COMPONENT = "landing-zone"

Spec = EnvironmentSpec | LandingZoneSpec
"""What is approved, and planned by name."""
Buildable = Spec | Grounded
"""Whatever an engine can be asked to build; each has an ``environment`` and an ``agency``."""


def document_of(spec: Buildable) -> dict[str, Any]:
    """The spec as plain JSON values: what its digest is taken over."""
    if isinstance(spec, Grounded):
        return spec_document(spec.spec)
    return landing_zone_document(spec) if isinstance(spec, LandingZoneSpec) else spec_document(spec)


def spec_of_document(document: Mapping[str, Any]) -> tuple[Spec | None, tuple[Finding, ...]]:
    """Read what ``document_of`` gave, of either kind; on any finding there is no spec."""
    if document.get("environment") == LANDING_ZONE:
        return landing_zone_from_document(document)
    return spec_from_document(document)


def input_document(spec: Buildable, placement: Placement) -> dict[str, Any]:
    """What the program reads of a stack."""
    place = placement.on(spec.ground) if isinstance(spec, Grounded) else placement
    document = {"spec": document_of(spec), "placement": place.document()}
    return {**document, "component": _COMPONENT} if isinstance(spec, LandingZoneSpec) else document


def build(
    document: Mapping[str, Any], passwords: Passwords | None = None
) -> Mapping[str, Mapping[str, pulumi.Output[str]]]:
    """Write down the component that an ``input_document`` asks for; its outputs. Raises ``pulumi.RunError``."""
    placement = placement_from_document(document["placement"])
    if document.get("component") == _COMPONENT:
        ground, findings = landing_zone_from_document(document["spec"])
        if ground is not None:
            return LandingZone(ground.environment, LandingZoneArgs(spec=ground, placement=placement)).outputs
    else:
        spec, findings = spec_from_document(document["spec"])
        if spec is not None:
            args = TenantEnvironmentArgs(spec=spec, placement=placement, passwords=passwords)
            return TenantEnvironment(spec.environment, args).outputs
    raise pulumi.RunError("; ".join(finding.en for finding in findings))
