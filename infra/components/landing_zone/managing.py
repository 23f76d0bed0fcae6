"""纳管: which regions of the layer may be built in. Asked before anything is planned for apply."""

from __future__ import annotations

from governance.environments.landing_zone import LandingZoneSpec, Managed
from infra.components.errors import RegionNotApplied


def require_applied(spec: LandingZoneSpec, region: str, what: str) -> None:
    """Raise ``RegionNotApplied`` unless the region's own level lets it be built in. "" is the home region."""
    name = region or spec.home_region
    found = spec.region(name)
    if found is None or found.managed is not Managed.APPLIED:
        managed = "unknown" if found is None else found.managed.value
        raise RegionNotApplied(region=name, managed=managed, what=what)


def may_read(spec: LandingZoneSpec, region: str) -> bool:
    """Whether the region may be read from: swept, measured, compared."""
    found = spec.region(region or spec.home_region)
    return found is not None and found.managed is not Managed.REGISTERED
