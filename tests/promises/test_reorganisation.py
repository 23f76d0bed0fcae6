"""Promise 4 at a reorganisation: what was billed stays to the fen and the byte, the month of the change is split at the
instant, and nobody but the successor reads what its predecessor had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.collect import allocation_records
from billing.rating import Price, Rated, Use, rate, segments_of
from billing.sources import holding_of, price_of
from billing.statements.service import statement
from foundation.values.errors import GuanyunError
from foundation.values.instant import Interval, format_instant
from foundation.values.month import Month, day_interval, shanghai_day
from foundation.work import Event
from governance.authority import machine_scope, viewing
from governance.catalogue import prices, services
from governance.metering import RegisterEntry
from governance.parties import account_of
from governance.parties.leaders import appoint_leader
from governance.reorganisation import Applied, Reorganisation, draft_reorganisation, publish_reorganisation
from governance.reorganisation.model import Abolition, NewParty, Share, Split
from tenants.environments import find_environment
from tenants.register import entries, register_subscriber
from tests.promises.city import SPECS, City
from wiring.succession import succession

CityAt = Callable[[str], City]
WORK = NewParty("work", "市人力资源局", "Labour Bureau")


def reorganise(city: City, wanted: Reorganisation) -> Applied:
    bound = succession()
    draft_reorganisation(city.office, city.token("bureau-1"), wanted, bound)
    applied = publish_reorganisation(city.office, city.token("bureau-2"), wanted.id, bound, digest=wanted.digest)
    assert applied is not None
    return applied


def today(city: City) -> Interval:
    return day_interval(shanghai_day(city.now()))


def leading(city: City, account: str) -> str:
    """Let this person answer for hrss; their id."""
    with city.store.transaction() as transaction:
        found = account_of(transaction, account)
        assert found is not None
        appoint_leader(transaction, "hrss", found.person, today(city).start - timedelta(days=90))
    return found.person


def abolish(city: City) -> Reorganisation:
    """hrss becomes work, from the beginning of today on."""
    new = replace(WORK, leader=leading(city, "hrss-2"))
    abolition = Abolition("hrss", "work")
    return Reorganisation(
        "JG-1", "云编〔2026〕5 号", "改组", "reorganised", today(city).start, new=(new,), abolitions=(abolition,)
    )


def test_closed_months_verify_as_before(city_at: CityAt) -> None:
    city = city_at("paid")
    before = city.verify_live()
    reorganise(city, abolish(city))
    after = city.verify_live()
    assert after.ok, [finding.en for finding in after.findings]
    assert {name: count for name, count in after.checked.items() if "audit" not in name} == {
        name: count for name, count in before.checked.items() if "audit" not in name
    }


def test_the_successor_reads_the_bills_of_its_predecessor_and_another_agency_does_not(city_at: CityAt) -> None:
    city = city_at("paid")
    bill = statement(city.office, city.token("hrss-1"), "US-hrss-2026-03")
    reorganise(city, abolish(city))
    again = statement(city.office, city.token("hrss-1"), "US-hrss-2026-03")
    assert (again.agency, again.digest) == ("hrss", bill.digest), "history names whom it named"
    with pytest.raises(GuanyunError):
        statement(city.office, city.token("housing-1"), "US-hrss-2026-03")


def test_every_open_thing_of_the_city_has_one_successor(city_at: CityAt) -> None:
    city = city_at("paid")
    reorganise(city, abolish(city))
    with viewing(city.office, city.token("hrss-1")) as view:
        assert view.scope.agencies == {"work", "hrss"}
        found = find_environment(view.transaction, view.scope, SPECS["hrss"].environment)
        assert found.agency == "work"
        held = entries(view.transaction, view.scope, Interval(city.now(), city.now() + timedelta(days=1)))
    assert {entry.agency for entry in held} == {"work"}


def test_a_split_takes_the_named_system_with_its_environment(city_at: CityAt) -> None:
    city = city_at("paid")
    part = replace(WORK, id="veterans", leader=leading(city, "hrss-2"))
    split = Split("hrss", "hrss", (Share("veterans", systems=(SPECS["hrss"].system,), accounts=("hrss-2",)),))
    start = today(city).start
    reorganise(city, Reorganisation("JG-2", "n", "z", "e", start, new=(part,), splits=(split,)))
    with city.store.reading() as transaction:
        environment = find_environment(transaction, machine_scope(), SPECS["hrss"].environment)
        assert environment.agency == "veterans"
        held = entries(transaction, machine_scope(), Interval(city.now(), city.now() + timedelta(days=1)))
    assert {entry.agency for entry in held if entry.environment == environment.id} == {"veterans"}
    with viewing(city.office, city.token("hrss-1")) as view, pytest.raises(GuanyunError):
        find_environment(view.transaction, view.scope, environment.id)


# the money of the month of the change


def bill(city: City, held: Sequence[RegisterEntry], agency: str, month: Month) -> Rated:
    """The agency's month, by the code that bills."""
    with city.store.reading() as transaction:
        offered = services(transaction)
        versions: tuple[Price, ...] = tuple(price_of(one) for one in prices(transaction, month.interval))
    own = [entry for entry in held if entry.agency == agency]
    records = [record for day in month.days() for record in allocation_records(own, offered, day)]
    uses = [Use(one.agency, one.resource, one.meter, one.interval.start, one.quantity) for one in records]
    holdings = [holding_of(entry) for entry in own]
    return rate(segments_of(uses, holdings, versions, month), holdings, versions, month)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minute=st.integers(min_value=0, max_value=31 * 24 * 60 - 1))
def test_the_month_of_the_change_is_split_to_the_instant(city: City, minute: int) -> None:
    """Both parts together cost what the whole would, but for one rounding of each line more."""
    month = Month(2026, 3)
    at = month.interval.start + timedelta(minutes=minute)
    with city.store.reading() as transaction:
        ever = Interval(month.interval.start - timedelta(days=400), month.interval.end + timedelta(days=400))
        (entry,) = [one for one in entries(transaction, machine_scope(), ever) if one.agency == "hrss"][:1]
    entry = replace(entry, opened=month.interval.start - timedelta(days=20), closed=None)
    old, new = replace(entry, closed=at), replace(entry, agency="work", opened=at)
    whole = bill(city, [entry], "hrss", month)
    before, after = (bill(city, [old, new], agency, month) for agency in ("hrss", "work"))
    quantity = lambda rated: sum(line.quantity for line in rated.lines)  # noqa: E731
    assert quantity(before) + quantity(after) == quantity(whole)
    assert abs(before.charged + after.charged - whole.charged) <= len(whole.lines)
    if minute == 0:
        assert before.lines == ()
    february = Month(2026, 2)
    assert bill(city, [old, new], "hrss", february).charged == bill(city, [entry], "hrss", february).charged


def test_what_is_deployed_on_an_older_plan_is_the_successors(city_at: CityAt) -> None:
    city = city_at("paid")
    reorganise(city, abolish(city))
    with city.store.transaction() as transaction:
        payload = {
            "environment": SPECS["hrss"].environment,
            "agency": "hrss",
            "system": SPECS["hrss"].system,
            "project": SPECS["hrss"].project,
            "fund_source": SPECS["hrss"].fund_source,
            "instant": format_instant(city.now() + timedelta(minutes=1)),
            "deployment": "d-later",
            "resources": [],
        }
        one = {"resource": "r", "cloud_id": "i-1", "kind": "vpc", "name": "n", "plan": "", "attributes": {}}
        event = Event("deployment.ended", "environment:x", {**payload, "resources": [one]})
        register_subscriber(city.office.clocks.real).handle(transaction, event)
        later = Interval(city.now() + timedelta(hours=1), city.now() + timedelta(hours=2))
        held = entries(transaction, machine_scope(), later, charged=False)
    assert {entry.agency for entry in held if entry.environment == SPECS["hrss"].environment} == {"work"}
