"""Agencies cannot reach each other unless a peering was approved: computed from the tables, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import permutations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from governance.environments import Protection, Zone
from governance.environments.landing_zone import (
    AgencySpec,
    LandingZoneSpec,
    NetworkSpec,
    PeeringSpec,
    PlaceSpec,
    read_landing_zone,
)
from infra.components.landing_zone.routes import SHARED, domains, reaches

EXAMPLE = Path(__file__).parents[4] / "examples" / "environments" / "landing-zone.yaml"
NAMES = ("hrss", "housing", "health", "water", "traffic")
PLACES = tuple(PlaceSpec(zone, Protection.LEVEL_2) for zone in Zone)
SHARED_ID = "tgw-attach-shared"


def example() -> LandingZoneSpec:
    spec, findings = read_landing_zone(EXAMPLE)
    assert spec is not None, findings
    return spec


@st.composite
def grounds(draw: st.DrawFn) -> LandingZoneSpec:
    agencies = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    pairs = (
        draw(st.lists(st.sets(st.sampled_from(agencies), min_size=2, max_size=2), max_size=4)) if agencies[1:] else []
    )
    peerings = tuple(PeeringSpec((first, second), "A-1") for first, second in (sorted(pair) for pair in pairs))
    spec = replace(
        example(),
        agencies=tuple(AgencySpec(name, "city", PLACES) for name in agencies),
        peerings=peerings,
    )
    owners = draw(st.lists(st.tuples(st.sampled_from(agencies), st.sampled_from(list(Zone))), max_size=8))
    pool = IPv4Network("10.64.0.0/13").subnets(new_prefix=22)
    attached = tuple(
        NetworkSpec(f"env-{index}", agency, zone, str(next(pool)), f"tgw-attach-{index}")
        for index, (agency, zone) in enumerate(owners)
    )
    return replace(spec, networks=attached)


def networks(spec: LandingZoneSpec) -> dict[str, str]:
    return {SHARED_ID: spec.hub.cidr, **{one.attachment_id: one.cidr for one in spec.networks}}


@given(grounds())
def test_two_environments_reach_each_other_exactly_if_one_agency_s_or_peered_and_in_one_zone(
    spec: LandingZoneSpec,
) -> None:
    tables = domains(spec, SHARED_ID)
    approved = {frozenset(peering.between) for peering in spec.peerings}
    for one, other in permutations(spec.networks, 2):
        meant = one.zone is other.zone and (
            one.agency == other.agency or frozenset((one.agency, other.agency)) in approved
        )
        assert reaches(tables, networks(spec), one.attachment_id, other.attachment_id) == meant


@given(grounds())
def test_everybody_reaches_the_shared_services_and_through_them_nobody(
    spec: LandingZoneSpec,
) -> None:
    tables = domains(spec, SHARED_ID)
    assert all(reaches(tables, networks(spec), one.attachment_id, SHARED_ID) for one in spec.networks)
    assert [table.name for table in tables if SHARED_ID in table.associated] == [SHARED]


@given(grounds())
def test_an_attachment_follows_one_table(spec: LandingZoneSpec) -> None:
    tables = domains(spec, SHARED_ID)
    followed = [one for table in tables for one in table.associated]
    assert sorted(followed) == sorted([SHARED_ID, *(one.attachment_id for one in spec.networks)])


def test_a_peering_that_ends_closes_the_way() -> None:
    joined = (
        NetworkSpec("one", "hrss", Zone.EXTRANET, "10.64.0.0/22", "tgw-attach-1"),
        NetworkSpec("two", "housing", Zone.EXTRANET, "10.64.4.0/22", "tgw-attach-2"),
    )
    spec = replace(example(), networks=joined)
    ended = replace(spec, peerings=())
    assert reaches(domains(spec, SHARED_ID), networks(spec), "tgw-attach-1", "tgw-attach-2")
    assert not reaches(domains(ended, SHARED_ID), networks(spec), "tgw-attach-1", "tgw-attach-2")


def test_a_network_of_an_agency_that_nobody_knows_is_joined_to_nothing() -> None:
    stranger = NetworkSpec("env", "stranger", Zone.EXTRANET, "10.64.0.0/22", "tgw-attach-9")
    tables = domains(replace(example(), networks=(stranger,)), SHARED_ID)
    assert all("tgw-attach-9" not in table.associated + table.propagated for table in tables)
