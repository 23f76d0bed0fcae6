"""An office with the example's contract, notices and catalogue, and a city below the province with its own bureau."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from foundation.values.instant import parse_instant
from governance import installation
from governance.authority import Office
from governance.catalogue import (
    CatalogueDocument,
    Comparison,
    CostItem,
    PriceList,
    PriceVersion,
    draft_catalogue,
    draft_prices,
    publish_catalogue,
    publish_prices,
    record_notices,
)
from governance.contracts import record_contract
from governance.parties import Account, Duty, Level, Party, PartyKind, Person, Place, add_account, add_party, add_person
from governance.parties.levels import add_level, add_place
from tests import examples
from tests.logins import leave_session

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SINCE = parse_instant("2020-01-01T00:00:00+08:00")


def with_basis(price_list: PriceList) -> PriceList:
    """The list as the operator owes it: with cost items that add up, and a comparison."""
    lines = (
        replace(
            line,
            basis=(CostItem("折旧", "Depreciation", line.price / 4), CostItem("其他", "Rest", line.price * 3 / 4)),
            comparison=(Comparison("邻市 next city", line.price * 2),),
        )
        for line in price_list.lines
    )
    return replace(price_list, lines=tuple(lines))


@dataclass(frozen=True)
class Desk:
    """An office with everybody's tokens; ``first`` drafts and ``second`` publishes unless others are named."""

    office: Office
    people: dict[str, str]

    def offer(self, document: CatalogueDocument, *, first: str = "bureau-1", second: str = "bureau-2") -> None:
        assert draft_catalogue(self.office, self.people[first], document).new
        assert publish_catalogue(self.office, self.people[second], document.id)

    def price(
        self, price_list: PriceList, *, first: str = "bureau-1", second: str = "bureau-2"
    ) -> tuple[PriceVersion, ...]:
        draft_prices(self.office, self.people[first], price_list)
        return publish_prices(self.office, self.people[second], price_list.id)

    def clock(self, at: datetime) -> None:
        with self.office.store.transaction() as transaction:
            installation.set_business_clock(transaction, at, self.office.clocks.real)


@pytest.fixture
def desk(office: Office, people: dict[str, str]) -> Desk:
    """The base: the example contract, notice, catalogue and prices in force."""
    record_contract(office, people["bureau-1"], examples.contract())
    made = Desk(office, people)
    record_notices(office, people["bureau-1"], examples.prices().notices)
    made.offer(examples.catalogue())
    for price_list in examples.prices().lists:
        made.price(price_list)
    return made


@pytest.fixture
def city(desk: Desk) -> Desk:
    """A province over the city of Pinghai with a bureau of two persons and an agency; its own offers in force."""
    office, people = desk.office, dict(desk.people)
    parties = (
        Party("pinghai-bureau", PartyKind.BUREAU, "平海市局", "Pinghai bureau", level="city", place="pinghai"),
        Party("pinghai-health", PartyKind.AGENCY, "平海市卫健局", "Pinghai health", level="city", place="pinghai"),
        Party("duhai-health", PartyKind.AGENCY, "渡海市卫健局", "Duhai health", level="city", place="duhai"),
    )
    with office.store.transaction() as transaction:
        for rank, level in enumerate(("province", "city", "county"), 1):
            add_level(transaction, Level(level, rank, level, level))
        add_place(transaction, Place("jiangnan", "province", "江南省", "Jiangnan"))
        for place in ("pinghai", "duhai"):
            add_place(transaction, Place(place, "city", place, place, "jiangnan"))
        add_place(transaction, Place("beihu", "county", "北湖县", "Beihu", "pinghai"))
        for party in parties:
            add_party(transaction, party)
        for name, party_id in {"pinghai-1": "pinghai-bureau", "pinghai-2": "pinghai-bureau"}.items():
            person = add_person(transaction, Person(f"person-{name}", f"{name:0>64}", name))
            duties = frozenset({Duty.DRAFT, Duty.PUBLISH})
            add_account(transaction, Account(name, person.id, party_id, duties, SINCE, None), "-")
        for name in ("pinghai-1", "pinghai-2"):
            people[name] = leave_session(transaction, name, f"token-of-{name}")
    made = Desk(office, people)
    record_notices(office, people["pinghai-1"], examples.prices("city-prices").notices)
    made.offer(examples.catalogue("city-catalogue"), first="pinghai-1", second="pinghai-2")
    return made
