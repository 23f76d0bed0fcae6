"""The organisation as resources: units, an account for each place, and the guardrail policies on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.environments.landing_zone import Guardrail, LandingZoneSpec
from infra.components.landing_zone.archive import archive_arn
from infra.components.landing_zone.guardrails import NETWORK_GUARDRAILS, policies
from infra.components.landing_zone.organisation import Vended, accounts, units
from infra.components.names import fitted
from infra.components.site import Site
from infra.provider.kinds.account import ACCOUNT
from infra.provider.kinds.control_policy import CONTROL_POLICY
from infra.provider.kinds.organization import ORGANIZATION, SHARING
from infra.provider.kinds.organizational_unit import ORGANIZATIONAL_UNIT

_LONGEST_ACCOUNT = 50


def build_organisation(site: Site[LandingZoneSpec]) -> Mapping[str, Sequence[Any]]:
    """The whole tree below the organisation's root; the ids of each agency's accounts.

    An account that exists already is not made.
    """
    spec = site.spec
    # Taken over where it exists, and let go when the landing zone ends: accounts are nobody's to lose.
    trusted = ["cloudtrail.amazonaws.com", SHARING]
    organisation = site.make(ORGANIZATION, "organisation", keep=True, trusted_services=trusted)
    root = organisation.output("root_id")
    made: dict[str, Any] = {"": root}
    for unit in units(spec):
        one = site.make(ORGANIZATIONAL_UNIT, unit.key, name=unit.path[-1], parent_id=made[unit.parent])
        made[unit.key] = one.id
    _guard(site, "guardrails", [root], everywhere=True)
    shut = [made[unit.key] for unit in units(spec) if unit.private]
    if shut:
        _guard(site, "network-guardrails", shut, everywhere=False)
    held: dict[str, list[Any]] = {}
    for place in accounts(spec):
        held.setdefault(place.agency, []).append(place.account or _account(site, place, made[place.unit]))
    return held


def _account(site: Site[LandingZoneSpec], place: Vended, unit: Any) -> Any:
    return site.make(
        ACCOUNT,
        place.name,
        name=fitted(place.name, _LONGEST_ACCOUNT),
        email=place.email,
        parent_id=unit,
        role_name=site.spec.deployer_role,
    ).id


def _guard(site: Site[LandingZoneSpec], name: str, targets: list[Any], *, everywhere: bool) -> None:
    chosen = [one for one in Guardrail if (one not in NETWORK_GUARDRAILS) is everywhere]
    packed = policies(site.spec, site.placement.partition, archive_arn(site), chosen)
    for number, policy in enumerate(packed, 1):
        site.make(
            CONTROL_POLICY,
            f"{name}-{number}",
            description=f"Guardrails of {site.spec.environment}",
            policy=policy,
            target_ids=targets,
        )
