"""The landing-zone spec: organisation, accounts, hub, archive, guardrails of one cloud, and the regions of its layer.

Owns its shape and its checks. Building it is ``infra``'s; what a region's own level agreed to stands in ``managed``.
"""

from __future__ import annotations

from governance.environments.landing_zone.model import (
    AgencySpec,
    ArchiveSpec,
    Guardrail,
    HubSpec,
    LandingZoneSpec,
    LevelSpec,
    LockMode,
    Managed,
    NetworkSpec,
    PeeringSpec,
    PlaceSpec,
    RegionSpec,
    ServiceSpec,
)
from governance.environments.landing_zone.reading import (
    landing_zone_document,
    landing_zone_from_document,
    read_landing_zone,
)

__all__ = [
    "AgencySpec",
    "ArchiveSpec",
    "Guardrail",
    "HubSpec",
    "LandingZoneSpec",
    "LevelSpec",
    "LockMode",
    "Managed",
    "NetworkSpec",
    "PeeringSpec",
    "PlaceSpec",
    "RegionSpec",
    "ServiceSpec",
    "landing_zone_document",
    "landing_zone_from_document",
    "read_landing_zone",
]
