"""The organisation's tree: a unit for every level, zone and protection level in use, an account for every place."""

from __future__ import annotations

from dataclasses import replace

from governance.environments import Protection, Zone
from governance.environments.landing_zone import AgencySpec, PlaceSpec
from infra.components.landing_zone.organisation import accounts, units
from tests.infra.components.landing_zone.test_routes import example


def test_units_come_parents_first_and_every_level_has_one() -> None:
    made = units(example())
    assert [unit.key for unit in made] == [
        "city",
        "county",
        "city-government-extranet",
        "city-government-extranet-level-2",
        "city-government-extranet-level-3",
    ]
    seen = {""}
    for unit in made:
        assert unit.parent in seen
        seen.add(unit.key)


def test_each_place_is_an_account_of_its_own_in_its_unit() -> None:
    vended = accounts(example())
    assert len({account.email for account in vended}) == len(vended) == 3
    first = vended[0]
    assert (first.name, first.unit) == ("hrss-government-extranet-level-3", "city-government-extranet-level-3")
    assert first.email == "hrss-government-extranet-level-3@cloud.example.gov"


def test_an_account_that_exists_is_kept() -> None:
    place = PlaceSpec(Zone.EXTRANET, Protection.LEVEL_2, "123456789012")
    (vended,) = accounts(replace(example(), agencies=(AgencySpec("hrss", "city", (place,)),), peerings=()))
    assert vended.account == "123456789012"


def test_without_organisations_there_are_no_accounts() -> None:
    assert accounts(replace(example(), organisation=False)) == ()


def test_the_extranet_zone_and_level_3_are_shut_to_the_internet() -> None:
    places = tuple(PlaceSpec(zone, protection) for zone in Zone for protection in Protection)
    spec = replace(example(), agencies=(AgencySpec("hrss", "city", places),), peerings=())
    private = {unit.key for unit in units(spec) if unit.private}
    assert private == {"city-government-extranet", "city-internet-level-3"}
