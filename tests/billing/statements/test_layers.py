"""A bill is charged by the prices of the agency's own place, and never adds up what is no sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from billing.errors import KindNotRated
from billing.estimate import estimate_environment
from billing.statements.drawing import inputs_of
from billing.statements.model import digest, document
from billing.statements.recompute import recompute
from billing.statements.tables import StatementRow
from foundation.values.instant import parse_instant
from governance.authority import machine_scope
from governance.catalogue import BASE, PriceLine, PriceList, PriceUnit, draft_prices, publish_prices
from governance.environments import EnvironmentSpec, InstanceSpec, Protection, SubnetSpec, Zone
from governance.metering import UsageRecord
from governance.parties import Account, Duty, Level, Party, PartyKind, Person, Place, add_account, add_party, add_person
from governance.parties.levels import add_level, add_place
from governance.parties.tables import party_table
from tests.billing.conftest import MARCH, Works, shanghai
from tests.billing.statements.test_states import Billing, billing
from tests.logins import leave_session

__all__ = ["billing"]

Make = Callable[..., UsageRecord]


def put_into_city(works: Works, *agencies: str) -> dict[str, str]:
    """A city with a bureau of two persons, and the agencies moved into it; the bureau's tokens."""
    with works.office.store.transaction() as transaction:
        add_level(transaction, Level("province", 1, "省", "province"))
        add_level(transaction, Level("city", 2, "市", "city"))
        add_place(transaction, Place("jiangnan", "province", "江南省", "Jiangnan"))
        add_place(transaction, Place("pinghai", "city", "平海市", "Pinghai", "jiangnan"))
        add_party(transaction, Party("city-bureau", PartyKind.BUREAU, "市局", "City bureau", "city", place="pinghai"))
        for name in ("city-1", "city-2"):
            person = add_person(transaction, Person(f"person-{name}", f"{name:0>64}", name))
            since = parse_instant("2020-01-01T00:00:00+08:00")
            duties = frozenset({Duty.DRAFT, Duty.PUBLISH})
            add_account(transaction, Account(name, person.id, "city-bureau", duties, since, None), "-")
        transaction.write(party_table.update().where(party_table.c.id.in_(agencies)).values(place="pinghai"))
        return {name: leave_session(transaction, name, f"token-of-{name}") for name in ("city-1", "city-2")}


def city_price(works: Works, tokens: dict[str, str], name: str, meter: str, price: str, start: int) -> None:
    line = PriceLine("cloud-host", meter, PriceUnit.PER_MONTH, Decimal(price))
    listed = PriceList(
        name, "notice:市政数〔2026〕11号", shanghai(start), True, Decimal("0.06"), (line,), place="pinghai"
    )
    draft_prices(works.office, tokens["city-1"], listed)
    publish_prices(works.office, tokens["city-2"], name)


def recomputed(billing: Billing, row: StatementRow) -> str:
    with billing.works.office.store.reading() as transaction:
        inputs = inputs_of(transaction, machine_scope(), billing.sources, row)
    return digest(document(recompute(inputs)))


def versions(row: StatementRow, meter: str) -> list[tuple[str, int]]:
    return [(each["price_version"], each["amount"]) for each in row.document["lines"] if each["meter"] == meter]


def test_a_citys_agency_is_charged_by_the_citys_price_where_it_has_one(billing: Billing) -> None:
    before = billing.draft()
    tokens = put_into_city(billing.works, "hrss")
    city_price(billing.works, tokens, "P-CITY", "memory", "43.00", 20)
    billing.works.close()
    row = billing.draft()
    base, city = versions(row, "memory")
    assert [base[0], city[0]] == ["P-2026-01/cloud-host/memory", "P-CITY/cloud-host/memory"]
    # 27 days at 21.50 a month before; now 15 of them, and 12 at twice the price.
    [(_, whole)] = versions(before, "memory")
    assert base[1] + city[1] // 2 in range(whole - 2, whole + 3)
    assert versions(row, "vcpu") == versions(before, "vcpu")
    assert recomputed(billing, row) == row.digest


def test_another_agency_is_charged_by_the_base_all_the_same(billing: Billing) -> None:
    before = billing.draft()
    tokens = put_into_city(billing.works, "housing")
    city_price(billing.works, tokens, "P-CITY", "memory", "43.00", 20)
    billing.works.close()
    assert versions(billing.draft(), "memory") == versions(before, "memory")


def test_a_citys_price_published_later_changes_no_bill_that_was_issued(billing: Billing) -> None:
    tokens = put_into_city(billing.works, "hrss")
    city_price(billing.works, tokens, "P-CITY-1", "memory", "43.00", 20)
    billing.works.close()
    row = billing.issue(billing.draft())
    city_price(billing.works, tokens, "P-CITY-2", "memory", "60.00", 12)
    city_price(billing.works, tokens, "P-CITY-3", "vcpu", "60.00", 5)
    assert recomputed(billing, row) == row.digest


def test_an_estimate_is_made_by_the_same_prices_and_says_whose_they_are(billing: Billing) -> None:
    tokens = put_into_city(billing.works, "hrss")
    city_price(billing.works, tokens, "P-CITY", "memory", "43.00", 20)
    instance = InstanceSpec("web-1", "general-2c4g", "c5.large", "ami-1", "front")
    spec = EnvironmentSpec(
        "hrss-portal",
        "hrss",
        "portal",
        "P-1",
        "本级财政",
        Zone.EXTRANET,
        Protection.LEVEL_2,
        "10.10.0.0/24",
        (SubnetSpec("front", "10.10.0.0/25"),),
        instances=(instance,),
    )
    with billing.works.office.store.reading() as transaction:
        fen, lines = estimate_environment(transaction, spec, shanghai(25))
        other, _ = estimate_environment(transaction, replace(spec, agency="housing"), shanghai(25))
    layers = {line["meter"]: line["price_layer"]["place"] for line in lines}
    assert layers == {"memory": "pinghai", "vcpu": BASE}
    assert fen - other == (4300 - 2150) * 4


@pytest.mark.parametrize("priced", [False, True])
def test_use_of_a_meter_that_is_no_sum_is_refused_and_never_added_up(
    billing: Billing, record: Make, tmp_path: Path, priced: bool
) -> None:
    from governance.catalogue import Meter, MeterKind, add_services, service_of

    with billing.works.office.store.transaction() as transaction:
        host = service_of(transaction, "cloud-host")
        peak = Meter("load", MeterKind.PEAK, "负载峰值", "Peak load", "核", "vCPU")
        add_services(transaction, [replace(host, meters=(*host.meters, peak))], start=MARCH.interval.start)
    make = {"resource": "env/instance/a", "meter": "load" if priced else "cpu-seconds"}
    billing.works.take(record("one", shanghai(10), shanghai(10, 1), "5", **make))
    billing.works.close()
    if not priced:
        assert billing.draft()
        return
    with pytest.raises(KindNotRated, match="peak"):
        billing.draft()
