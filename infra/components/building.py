"""Which component a stack's input asks for. The program and a run by hand both come through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from governance.environments import EnvironmentSpec, spec_document, spec_from_document
from governance.environments.landing_zone import (
    LandingZoneSpec,
    landing_zone_document,
    landing_zone_from_document,
)
from infra.components.landing_zone import LandingZone, LandingZoneArgs
from infra.components.passwords import Passwords
from infra.components.placement import Placement, placement_from_document
from infra.components.tenant_environment import TenantEnvironment, TenantEnvironmentArgs

_LANDING_ZONE = "landing-zone"

Buildable = EnvironmentSpec | LandingZoneSpec
"""Whatever an engine can be asked to build; each has an ``environment`` and an ``agency``."""


def document_of(spec: Buildable) -> dict[str, Any]:
    """The spec as plain JSON values: what its digest is taken over."""
    return landing_zone_document(spec) if isinstance(spec, LandingZoneSpec) else spec_document(spec)


def input_document(spec: Buildable, placement: Placement) -> dict[str, Any]:
    """What the program reads of a stack."""
    document = {"spec": document_of(spec), "placement": placement.document()}
    return {**document, "component": _LANDING_ZONE} if isinstance(spec, LandingZoneSpec) else document


def build(
    document: Mapping[str, Any], passwords: Passwords | None = None
) -> Mapping[str, Mapping[str, pulumi.Output[str]]]:
    """Write down the component that an ``input_document`` asks for; its outputs. Raises ``pulumi.RunError``."""
    placement = placement_from_document(document["placement"])
    if document.get("component") == _LANDING_ZONE:
        ground, findings = landing_zone_from_document(document["spec"])
        if ground is not None:
            return LandingZone(ground.environment, LandingZoneArgs(spec=ground, placement=placement)).outputs
    else:
        spec, findings = spec_from_document(document["spec"])
        if spec is not None:
            args = TenantEnvironmentArgs(spec=spec, placement=placement, passwords=passwords)
            return TenantEnvironment(spec.environment, args).outputs
    raise pulumi.RunError("; ".join(finding.en for finding in findings))
