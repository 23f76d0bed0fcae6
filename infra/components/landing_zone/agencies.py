"""A key for each agency: what all its environments are encrypted with, and what nobody else's are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from governance.environments.landing_zone import LandingZoneSpec
from infra.components.policies import key_of_account
from infra.components.site import Site
from infra.provider.kinds.key import KEY
from infra.resources import CloudResource


def agency_key(agency: str) -> str:
    """The name of an agency's key in the engine's state and in the outputs."""
    return f"agency-{agency}"


def build_agency_keys(site: Site[LandingZoneSpec], accounts: Mapping[str, Sequence[Any]]) -> dict[str, CloudResource]:
    """One key an agency, by agency, which its own ``accounts`` may use too."""
    return {
        one.agency: site.make(
            KEY,
            agency_key(one.agency),
            description=f"Environments of {one.agency}",
            alias=f"alias/guanyun/agency/{one.agency}",
            policy=_policy(site, accounts.get(one.agency, ())),
        )
        for one in site.spec.agencies
    }


def _policy(site: Site[LandingZoneSpec], accounts: Sequence[Any]) -> Any:
    partition, home = site.placement.partition, site.placement.account
    if not accounts:
        return key_of_account(partition, home)
    # The ids of accounts that are not made yet are known only when they are.
    return pulumi.Output.all(*accounts).apply(lambda ids: key_of_account(partition, home, *ids))
