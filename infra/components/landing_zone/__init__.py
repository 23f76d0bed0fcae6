"""The landing zone: what all environments of one cloud stand on, from its spec.

Owns the organisation's tree, guardrail policies, the hub's route domains, archive, trail and keys. Does not decide who
may reach whom: an approved peering stands in the spec.
"""

from __future__ import annotations

from infra.components.landing_zone.component import LandingZone, LandingZoneArgs
from infra.components.landing_zone.managing import may_read, require_applied
from infra.components.landing_zone.routes import Domain, domains, reaches

__all__ = ["Domain", "LandingZone", "LandingZoneArgs", "domains", "may_read", "reaches", "require_applied"]
