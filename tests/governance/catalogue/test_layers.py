"""A city offers its own services and prices on top of the province's, and changes nothing that is not its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.instant import Interval, parse_instant
from foundation.values.month import Month
from governance.catalogue import (
    BASE,
    PriceUnit,
    PriceVersion,
    draft_catalogue,
    draft_prices,
    prices,
    prices_for,
    publish_prices,
    resolve_prices,
    services_for,
)
from governance.catalogue.places import layers_over
from governance.catalogue.resolving import EVER, FAR, in_force, split_in_a_month
from governance.errors import InvalidDocument, Refused
from governance.parties import Level, Place
from tests import examples
from tests.governance.catalogue.conftest import Desk

APRIL = Month(2026, 4)
START = parse_instant("2026-01-01T00:00:00+08:00")


def put_city_prices(city: Desk) -> None:
    city.price(examples.prices("city-prices").lists[0], first="pinghai-1", second="pinghai-2")


def test_an_agency_is_offered_the_base_and_what_its_own_place_offers(city: Desk) -> None:
    with city.office.store.reading() as transaction:
        offered = {
            party: {each.code for each in services_for(transaction, party, START)}
            for party in ("hrss", "pinghai-health", "duhai-health")
        }
    assert offered["pinghai-health"] - offered["hrss"] == {"pinghai-video-storage"}
    assert offered["duhai-health"] == offered["hrss"]


def test_a_citys_price_holds_for_its_own_agencies_and_says_where_it_came_from(city: Desk) -> None:
    put_city_prices(city)
    with city.office.store.reading() as transaction:
        found = {
            party: {
                (each.meter, each.place): each.price
                for each in prices_for(transaction, party, APRIL.interval)
                if each.service == "cloud-host"
            }
            for party in ("hrss", "pinghai-health", "duhai-health")
        }
    assert found["pinghai-health"]["memory", "pinghai"] == Decimal("19.8")
    assert ("memory", BASE) not in found["pinghai-health"]
    assert found["pinghai-health"]["vcpu", BASE] == Decimal("45.6")
    assert found["hrss"] == found["duhai-health"]
    assert found["hrss"]["memory", BASE] == Decimal("21.5")


def test_a_citys_price_ends_no_price_of_the_base(city: Desk) -> None:
    put_city_prices(city)
    with city.office.store.reading() as transaction:
        memory = [each for each in prices(transaction, Interval(EVER, FAR)) if each.meter == "memory"]
    assert [each.end for each in memory if each.service == "cloud-host"] == [None, None]


def test_a_city_may_not_change_a_service_of_the_base(city: Desk) -> None:
    host = examples.catalogue().services[0]
    taken = replace(examples.catalogue("city-catalogue"), id="taken", services=(host,), start=FAR - timedelta(days=1))
    with pytest.raises(InvalidDocument) as caught:
        draft_catalogue(city.office, city.people["pinghai-1"], taken)
    assert "cloud-host" in str(caught.value.facts["first"])


def test_a_city_may_not_give_a_plan_a_code_of_the_base(city: Desk) -> None:
    document = examples.catalogue("city-catalogue")
    [own] = document.services
    other = replace(own, code="pinghai-host", plans=(replace(own.plans[0], code="general-1c2g"),))
    taken = replace(document, id="taken", services=(own, other), start=FAR - timedelta(days=1))
    with pytest.raises(InvalidDocument) as caught:
        draft_catalogue(city.office, city.people["pinghai-1"], taken)
    assert "general-1c2g" in str(caught.value.facts["first"])


@pytest.mark.parametrize(("who", "place"), [("pinghai-1", BASE), ("pinghai-1", "duhai"), ("bureau-1", "pinghai")])
def test_a_bureau_drafts_for_its_own_place_only(city: Desk, who: str, place: str) -> None:
    document = replace(examples.catalogue(), id="other", place=place, start=FAR - timedelta(days=1))
    with pytest.raises(Refused, match="catalogue-place"):
        draft_catalogue(city.office, city.people[who], document)
    with pytest.raises(Refused, match="price-place"):
        draft_prices(city.office, city.people[who], replace(examples.prices().lists[0], id="other", place=place))


def test_the_province_does_not_publish_the_citys_prices(city: Desk) -> None:
    listed = examples.prices("city-prices").lists[0]
    draft_prices(city.office, city.people["pinghai-1"], listed)
    with pytest.raises(Refused, match="price-place"):
        publish_prices(city.office, city.people["bureau-1"], listed.id)


def test_a_city_prices_no_service_of_another_city(city: Desk) -> None:
    listed = examples.prices("city-prices").lists[0]
    wrong = replace(listed, lines=(replace(listed.lines[0], service="duhai-service"),))
    with pytest.raises(InvalidDocument):
        draft_prices(city.office, city.people["pinghai-1"], wrong)


def test_an_overlay_inside_one_month_is_refused(city: Desk) -> None:
    """A bill has one line a version and month: the base's would have to be two."""
    listed = examples.prices("city-prices").lists[0]
    short = replace(
        listed,
        lines=(listed.lines[1],),
        start=parse_instant("2026-05-10T00:00:00+08:00"),
        end=parse_instant("2026-05-20T00:00:00+08:00"),
    )
    draft_prices(city.office, city.people["pinghai-1"], short)
    with pytest.raises(Refused, match="price-overlay-inside-month"):
        publish_prices(city.office, city.people["pinghai-2"], short.id)
    longer = replace(short, id="P-LONGER", end=parse_instant("2026-06-20T00:00:00+08:00"))
    city.price(longer, first="pinghai-1", second="pinghai-2")
    with city.office.store.reading() as transaction:
        june = [
            (each.place, each.start, each.end)
            for each in prices_for(transaction, "pinghai-health", Interval(EVER, FAR))
            if (each.service, each.meter) == ("cloud-host", "memory")
        ]
    assert june == [(BASE, START, longer.start), ("pinghai", longer.start, longer.end), (BASE, longer.end, None)]


LEVELS = (Level("province", 1, "省", "province"), Level("city", 2, "市", "city"), Level("county", 3, "县", "county"))
PLACES = (
    Place("jiangnan", "province", "江南省", "Jiangnan"),
    Place("pinghai", "city", "平海市", "Pinghai", "jiangnan"),
    Place("beihu", "county", "北湖县", "Beihu", "pinghai"),
)


def test_the_layers_are_the_places_nearest_first_and_the_base_last() -> None:
    bureaus = {"jiangnan", "pinghai"}
    assert layers_over("beihu", PLACES, LEVELS, bureaus) == ("beihu", "pinghai", BASE)
    assert layers_over("jiangnan", PLACES, LEVELS, bureaus) == (BASE,)
    assert layers_over(None, PLACES, LEVELS, bureaus) == (BASE,)
    assert layers_over("pinghai", PLACES, LEVELS, {None, "pinghai"}) == ("pinghai", "jiangnan", BASE)
    assert layers_over(None, (), (), {None}) == (BASE,)


def test_where_the_province_has_no_bureau_here_the_base_is_the_citys() -> None:
    assert layers_over("pinghai", PLACES, LEVELS, {"pinghai"}) == (BASE,)
    assert layers_over("beihu", PLACES, LEVELS, {"pinghai", "beihu"}) == ("beihu", BASE)


def version(place: str, first: int, days: int | None) -> PriceVersion:
    start = START + timedelta(days=first)
    end = None if days is None else start + timedelta(days=days)
    return PriceVersion(
        f"{place}-{first}", "s", "m", PriceUnit.PER_UNIT, Decimal(first), start, end, True, Decimal("0.06"), "x", place
    )


@st.composite
def one_layer(draw: st.DrawFn, place: str) -> list[PriceVersion]:
    """Versions of one layer that do not overlap."""
    found, at = [], 0
    for gap, days in draw(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 70)), max_size=4)):
        found.append(version(place, at + gap, days))
        at += gap + days
    if draw(st.booleans()):
        found.append(version(place, at, None))
    return found


@given(one_layer("county"), one_layer("city"), one_layer(""), st.integers(-5, 500))
def test_at_every_instant_the_nearest_layer_with_a_price_wins(
    county: list[PriceVersion], city: list[PriceVersion], base: list[PriceVersion], day: int
) -> None:
    at: datetime = START + timedelta(days=day, hours=1)
    resolved = resolve_prices([*base, *county, *city], ("county", "city", BASE))
    wanted = next((found for layer in (county, city, base) if (found := in_force(layer, at))), ())
    assert [each.id for each in in_force(resolved, at)] == [each.id for each in wanted]
    for before, after in pairwise(resolved):
        assert before.end is not None
        assert before.end <= after.start
    assert resolve_prices([*city, *base, *county], ("county", "city", BASE)) == resolved


@given(one_layer("city"), one_layer(""))
def test_what_would_be_torn_in_a_month_is_found(city: list[PriceVersion], base: list[PriceVersion]) -> None:
    resolved = resolve_prices([*base, *city], ("city", BASE))
    torn = split_in_a_month(resolved)
    parts = [(each.id, month) for each in resolved for month in months_of(each)]
    assert (torn is None) == (len(parts) == len(set(parts)))


def months_of(version: PriceVersion) -> set[str]:
    end = version.end or START + timedelta(days=600)
    found, month = set(), Month.of(version.start)
    while month.interval.start < end:
        found.add(str(month))
        month = month.following()
    return found
