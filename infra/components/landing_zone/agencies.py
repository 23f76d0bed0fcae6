"""A key for each agency: what all its environments are encrypted with, and what nobody else's are."""

from __future__ import annotations

from governance.environments.landing_zone import LandingZoneSpec
from infra.components.policies import key_of_account
from infra.components.site import Site
from infra.provider.kinds.key import KEY
from infra.resources import CloudResource


def agency_key(agency: str) -> str:
    """The name of an agency's key in the engine's state and in the outputs."""
    return f"agency-{agency}"


def build_agency_keys(site: Site[LandingZoneSpec]) -> dict[str, CloudResource]:
    """One key an agency, by agency."""
    return {
        one.agency: site.make(
            KEY,
            agency_key(one.agency),
            description=f"Environments of {one.agency}",
            alias=f"alias/guanyun/agency/{one.agency}",
            policy=key_of_account(site.placement.partition, site.placement.account),
        )
        for one in site.spec.agencies
    }
