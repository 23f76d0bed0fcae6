"""What stands of the landing zone, seen from both sides: the ground it gives an environment, the networks it joins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network

from foundation.store import Scope, Transaction
from governance.environments import LANDING_ZONE, Baseline, EnvironmentSpec
from governance.environments.landing_zone import LandingZoneSpec, NetworkSpec
from infra.components import NO_GROUND, Ground, require_applied
from infra.components.landing_zone.agencies import agency_key
from infra.components.landing_zone.hub import HUB
from infra.components.landing_zone.organisation import place_key
from infra.components.names import HUB as ATTACHMENT
from infra.deployments.tables import cloud_of, newest_outputs, standing_plan, standing_specs
from infra.engine.model import Outputs
from infra.landing_zone.enrolling import enrolled
from infra.landing_zone.errors import NetworksOverlap
from infra.landing_zone.tables import standing_proposal


def ground_of(transaction: Transaction, scope: Scope, spec: EnvironmentSpec, *, region: str, partition: str) -> Ground:
    """The ground of an environment by what is applied of the landing zone.

    ``region`` is the installation's default one. Raises ``RegionNotApplied`` where the environment's region may not be
    built in by what is approved now, ``NetworksOverlap`` where a new one's network could not be joined; one that runs
    already is left unjoined.
    """
    approved = standing_proposal(transaction, scope)
    here = spec.region or region
    if approved is not None:
        require_applied(enrolled(transaction, scope, approved.spec), here, spec.environment)
    plan = standing_plan(transaction, scope, LANDING_ZONE)
    if plan is None or not isinstance(plan.spec, LandingZoneSpec) or spec.baseline is Baseline.FIRST:
        return NO_GROUND
    zone = plan.spec
    outputs, cloud = newest_outputs(transaction, scope, LANDING_ZONE), cloud_of(transaction, scope, LANDING_ZONE)
    if all(one.agency != spec.agency for one in zone.agencies) or cloud is None:
        return NO_GROUND
    account = _account(zone, spec, outputs)
    if here != zone.home_region:
        return Ground(account=account)  # hub and key are the home region's
    joins = _joins(spec, joined_networks(transaction, scope, zone), zone, new=not _runs(transaction, scope, spec))
    key = outputs.get("key", {}).get(agency_key(spec.agency), "")
    return Ground(
        transit_gateway_id=outputs.get("transit-gateway", {}).get(HUB, "") if joins else "",
        shared_cidrs=(zone.hub.cidr,) if joins else (),
        agency_key=f"arn:{partition}:kms:{zone.home_region}:{cloud.account}:key/{key}" if key else "",
        account=account,
    )


def joined_spec(transaction: Transaction, scope: Scope, spec: LandingZoneSpec) -> LandingZoneSpec:
    """The landing zone with every environment that is attached to its hub, as deployments have it on record.

    Raises ``NetworksOverlap``.
    """
    networks = joined_networks(transaction, scope, spec)
    for index, one in enumerate(networks):
        _check_free(one, networks[:index], spec)
    return replace(spec, networks=networks)


def joined_networks(transaction: Transaction, scope: Scope, zone: LandingZoneSpec) -> tuple[NetworkSpec, ...]:
    """Whoever is attached: environments of the landing zone's agencies that run and have an attachment, by name."""
    known = {one.agency for one in zone.agencies}
    found = []
    for spec, outputs in standing_specs(transaction, scope):
        attachment = outputs.get("transit-gateway-attachment", {}).get(ATTACHMENT)
        if attachment and isinstance(spec, EnvironmentSpec) and spec.agency in known:
            found.append(NetworkSpec(spec.environment, spec.agency, spec.zone, spec.cidr, attachment))
    return tuple(sorted(found, key=lambda one: one.environment))


def _account(zone: LandingZoneSpec, spec: EnvironmentSpec, outputs: Outputs) -> str:
    """The agency's own account for the environment's place; none where the cloud has no organisations."""
    if not zone.organisation or spec.account:
        return ""
    vended: Mapping[str, str] = outputs.get("account", {})
    for agency in zone.agencies:
        for place in agency.places:
            if (agency.agency, place.zone, place.protection) == (spec.agency, spec.zone, spec.protection):
                return place.account or vended.get(place_key(spec.agency, spec.zone, spec.protection), "")
    return ""


def _runs(transaction: Transaction, scope: Scope, spec: EnvironmentSpec) -> bool:
    return standing_plan(transaction, scope, spec.environment) is not None


def _joins(spec: EnvironmentSpec, networks: Iterable[NetworkSpec], zone: LandingZoneSpec, *, new: bool) -> bool:
    try:
        _check_overlap(spec, networks, zone)
    except NetworksOverlap:
        if new:
            raise
        return False
    return True


def _check_overlap(spec: EnvironmentSpec, networks: Iterable[NetworkSpec], zone: LandingZoneSpec) -> None:
    own = NetworkSpec(spec.environment, spec.agency, spec.zone, spec.cidr, "")
    _check_free(own, [one for one in networks if one.environment != spec.environment], zone)


def _check_free(one: NetworkSpec, networks: Iterable[NetworkSpec], zone: LandingZoneSpec) -> None:
    own = IPv4Network(one.cidr)
    for name, cidr in ((LANDING_ZONE, zone.hub.cidr), *((each.environment, each.cidr) for each in networks)):
        if own.overlaps(IPv4Network(cidr)):
            raise NetworksOverlap(environment=one.environment, cidr=one.cidr, whose=name, other=cidr)
