"""``LandingZone``: organisation, hub, archive, trail and keys of one cloud, from its spec."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from governance.environments.landing_zone import LandingZoneSpec
from infra.components.landing_zone.agencies import build_agency_keys
from infra.components.landing_zone.archive import build_archive
from infra.components.landing_zone.hub import build_hub, share_hub
from infra.components.landing_zone.managing import require_applied
from infra.components.landing_zone.vending import build_organisation
from infra.components.placement import Placement
from infra.components.site import Site


@dataclass(frozen=True, kw_only=True)
class LandingZoneArgs:
    """The approved spec, and the cloud it is built in."""

    spec: LandingZoneSpec
    placement: Placement


class LandingZone(pulumi.ComponentResource):  # type: ignore[misc]
    """What every environment of one cloud stands on.

    ``outputs`` maps kind → name → cloud id. Raises ``RegionNotApplied`` where the home region may not be built in.
    """

    def __init__(self, name: str, args: LandingZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        require_applied(args.spec, args.spec.home_region, name)
        super().__init__("guanyun:environment:LandingZone", name, {}, opts)
        site = Site(args.spec, args.placement, pulumi.ResourceOptions(parent=self), region=args.spec.home_region)
        archive = build_archive(site)
        accounts = build_organisation(site) if args.spec.organisation else {}
        build_agency_keys(site, accounts)
        share_hub(site, build_hub(site, archive), accounts)
        self.outputs = site.outputs()
        self.register_outputs(self.outputs)
