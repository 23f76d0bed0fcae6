"""Components: what an environment and its ground are made of, written down as cloud resources.

Owns the shape of a tenant environment on each security baseline, and of a landing zone. Does not decide who gets one,
and calls no cloud: the engine does that.
"""

from __future__ import annotations

from infra.components.building import Buildable, Spec, build, document_of, input_document, spec_of_document
from infra.components.errors import (
    ComponentError,
    NoHub,
    NoPasswords,
    PolicyTooLong,
    RegionNotApplied,
)
from infra.components.ground import NO_GROUND, Ground, Grounded, ground_from_document
from infra.components.landing_zone import LandingZone, LandingZoneArgs, may_read, require_applied
from infra.components.passwords import Passwords, derived, seed_in
from infra.components.placement import BACKUP_SELECTION, HubPlace, Placement
from infra.components.tenant_environment import TenantEnvironment, TenantEnvironmentArgs

__all__ = [
    "BACKUP_SELECTION",
    "NO_GROUND",
    "Buildable",
    "ComponentError",
    "Ground",
    "Grounded",
    "HubPlace",
    "LandingZone",
    "LandingZoneArgs",
    "NoHub",
    "NoPasswords",
    "Passwords",
    "Placement",
    "PolicyTooLong",
    "RegionNotApplied",
    "Spec",
    "TenantEnvironment",
    "TenantEnvironmentArgs",
    "build",
    "derived",
    "document_of",
    "ground_from_document",
    "input_document",
    "may_read",
    "require_applied",
    "seed_in",
    "spec_of_document",
]
