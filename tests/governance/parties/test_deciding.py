"""Who decides for an agency: the bureau over it; where that may not, whoever is one level up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from foundation.store import Store, Transaction
from governance.errors import NotFound
from governance.parties import Level, Party, PartyKind, Place, add_level, add_party, add_place, decider_for
from tests.conftest import MARCH

LEVELS = (Level("province", 1, "省", "Province"), Level("city", 2, "市", "City"), Level("county", 3, "县", "County"))
PLACES = (
    Place("p", "province", "省", "p"),
    Place("c", "city", "市", "c", "p"),
    Place("k", "county", "县", "k", "c"),
)
GROUP = Party("group", PartyKind.LEADING_GROUP, "领导小组", "g", level="province", place="p")
PROVINCE = Party("province-bureau", PartyKind.BUREAU, "省局", "p", level="province", place="p")
CITY = Party("city-bureau", PartyKind.BUREAU, "市局", "c", level="city", place="c")
COUNTY = Party("county-bureau", PartyKind.BUREAU, "县局", "k", level="county", place="k")
AGENCY = Party("agency", PartyKind.AGENCY, "单位", "a", level="county", place="k")


def put(transaction: Transaction, *parties: Party) -> None:
    for level in LEVELS:
        add_level(transaction, level)
    for place in PLACES:
        add_place(transaction, place)
    for party in parties:
        add_party(transaction, party)


def decider(store: Store, *parties: Party, of: str = "agency") -> str:
    with store.transaction() as transaction:
        put(transaction, *parties)
        return decider_for(transaction, of, MARCH).id


def test_the_bureau_of_the_place_decides(store: Store) -> None:
    assert decider(store, GROUP, PROVINCE, CITY, COUNTY, AGENCY) == "county-bureau"


def test_a_place_without_a_bureau_is_decided_one_level_up(store: Store) -> None:
    assert decider(store, GROUP, PROVINCE, CITY, AGENCY) == "city-bureau"


def test_a_bureau_without_power_of_approval_is_passed_over(store: Store) -> None:
    assert decider(store, GROUP, PROVINCE, CITY, replace(COUNTY, approves=False), AGENCY) == "city-bureau"


def test_a_plated_office_is_decided_one_level_up(store: Store) -> None:
    plate = replace(AGENCY, organisation="county-bureau")
    assert decider(store, GROUP, PROVINCE, CITY, COUNTY, plate) == "city-bureau"


def test_at_the_top_the_leading_groups_office_decides(store: Store) -> None:
    plate = replace(AGENCY, level="province", place="p", organisation="province-bureau")
    assert decider(store, GROUP, PROVINCE, plate) == "group"


def test_a_bureau_that_is_no_more_does_not_decide(store: Store) -> None:
    gone = replace(COUNTY, until=MARCH - timedelta(days=1))
    assert decider(store, GROUP, PROVINCE, CITY, gone, AGENCY) == "city-bureau"


def test_a_named_superior_comes_before_the_place(store: Store) -> None:
    agency = replace(AGENCY, superior="province-bureau")
    assert decider(store, GROUP, PROVINCE, CITY, COUNTY, agency) == "province-bureau"


def test_an_office_below_an_agency_is_decided_by_the_bureau_over_both(store: Store) -> None:
    below = replace(AGENCY, id="below", superior="agency")
    assert decider(store, GROUP, PROVINCE, CITY, COUNTY, AGENCY, below, of="below") == "county-bureau"


def test_without_places_the_nearest_bureau_by_level_decides(store: Store) -> None:
    bare = [replace(one, place=None) for one in (GROUP, PROVINCE, CITY, COUNTY)]
    agency = replace(AGENCY, place=None, level="city")
    assert decider(store, *bare, agency) == "city-bureau", "never a bureau below"


def test_where_nobody_may_decide_it_is_said(store: Store) -> None:
    with pytest.raises(NotFound):
        decider(store, AGENCY)
