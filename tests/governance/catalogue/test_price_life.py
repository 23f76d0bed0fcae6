"""Prices: proposed with their cost, drafted, published by another, rejected for a reason, ended, never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from foundation.store import AlreadyThere
from foundation.values.findings import Finding
from foundation.values.instant import Interval, parse_instant
from foundation.values.month import Month
from governance.audit.tables import audit_table
from governance.catalogue import (
    BASE,
    Notice,
    PriceList,
    PriceVersion,
    draft_prices,
    end_price,
    offers_at,
    price_gaps,
    price_lists,
    prices,
    propose_prices,
    publish_prices,
    record_notices,
    reject_prices,
)
from governance.catalogue.list_records import PriceListState
from governance.catalogue.resolving import EVER, FAR
from governance.errors import InvalidDocument, NotFound, Refused
from tests import examples
from tests.governance.catalogue.conftest import Desk, with_basis

JULY = parse_instant("2026-07-01T00:00:00+08:00")
AUGUST = parse_instant("2026-08-01T00:00:00+08:00")


@pytest.fixture
def proposal() -> PriceList:
    return examples.prices("price-proposal").lists[0]


def findings_of(caught: pytest.ExceptionInfo[InvalidDocument]) -> list[str]:
    found = caught.value.facts["findings"]
    assert isinstance(found, tuple)
    return [each.place.field for each in found if isinstance(each, Finding)]


def test_the_operator_proposes_and_the_bureau_publishes(desk: Desk, proposal: PriceList) -> None:
    digest = propose_prices(desk.office, desk.people["operator-1"], proposal)
    with desk.office.store.reading() as transaction:
        [record] = [each for each in price_lists(transaction) if each.price_list.id == proposal.id]
    assert (record.state, record.price_list, record.digest) == (PriceListState.PROPOSED, proposal, digest)
    publish_prices(desk.office, desk.people["bureau-1"], proposal.id, digest=digest)
    with desk.office.store.reading() as transaction:
        standard = [each for each in prices(transaction, Interval(EVER, FAR)) if each.meter == "standard"]
    assert [(each.price, each.end) for each in standard] == [(Decimal("0.12"), JULY), (Decimal("0.105"), None)]


def test_a_proposal_comes_with_its_cost_and_a_comparison(desk: Desk, proposal: PriceList) -> None:
    bare = replace(proposal, lines=tuple(replace(line, basis=(), comparison=()) for line in proposal.lines))
    with pytest.raises(InvalidDocument) as caught:
        propose_prices(desk.office, desk.people["operator-1"], bare)
    assert findings_of(caught) == ["P-2026-07.prices[0].basis", "P-2026-07.prices[0].comparison"]


def test_cost_items_add_up_to_the_price(desk: Desk, proposal: PriceList) -> None:
    cheaper = replace(proposal, lines=tuple(replace(line, price=Decimal("0.1")) for line in proposal.lines))
    for act, who in ((propose_prices, "operator-1"), (draft_prices, "bureau-1")):
        with pytest.raises(InvalidDocument) as caught:
            act(desk.office, desk.people[who], cheaper)
        assert findings_of(caught) == ["P-2026-07.prices[0].basis"]


def test_the_operator_drafts_nothing_and_the_bureau_proposes_nothing(desk: Desk, proposal: PriceList) -> None:
    with pytest.raises(Refused, match="R04"):
        draft_prices(desk.office, desk.people["operator-1"], proposal)
    with pytest.raises(Refused, match="R41"):
        propose_prices(desk.office, desk.people["bureau-1"], proposal)


def test_a_rejected_proposal_keeps_its_reason_and_is_never_published(desk: Desk, proposal: PriceList) -> None:
    propose_prices(desk.office, desk.people["operator-1"], proposal)
    reject_prices(desk.office, desk.people["bureau-2"], proposal.id, reason="比价是两年前的")
    reject_prices(desk.office, desk.people["bureau-2"], proposal.id, reason="比价是两年前的")
    with desk.office.store.reading() as transaction:
        [record] = [each for each in price_lists(transaction) if each.price_list.id == proposal.id]
        events = [row["event"] for row in transaction.rows(select(audit_table.c.event))]
    assert (record.state, record.reason) == (PriceListState.REJECTED, "比价是两年前的")
    assert events.count("price.rejected") == 1
    with pytest.raises(Refused, match="price-rejected"):
        publish_prices(desk.office, desk.people["bureau-1"], proposal.id)


def test_nobody_rejects_what_they_drafted_nor_for_no_reason_nor_what_is_published(
    desk: Desk, proposal: PriceList
) -> None:
    draft_prices(desk.office, desk.people["bureau-1"], proposal)
    with pytest.raises(Refused, match="R42"):
        reject_prices(desk.office, desk.people["bureau-1"], proposal.id, reason="x")
    with pytest.raises(Refused, match="price-reason"):
        reject_prices(desk.office, desk.people["bureau-2"], proposal.id, reason=" ")
    publish_prices(desk.office, desk.people["bureau-2"], proposal.id)
    with pytest.raises(Refused, match="price-published"):
        reject_prices(desk.office, desk.people["bureau-2"], proposal.id, reason="x")


def test_a_list_cites_a_notice_on_record(desk: Desk, proposal: PriceList) -> None:
    cited = replace(proposal, cites="notice:市政数〔2026〕99号")
    with pytest.raises(InvalidDocument) as caught:
        draft_prices(desk.office, desk.people["bureau-1"], cited)
    assert findings_of(caught) == ["P-2026-07.cites"]
    [example] = examples.prices().notices
    told = replace(example, number="市政数〔2026〕99号")
    assert record_notices(desk.office, desk.people["bureau-1"], [told]) == (told,)
    assert record_notices(desk.office, desk.people["bureau-2"], [told]) == ()
    draft_prices(desk.office, desk.people["bureau-1"], cited)


def test_a_notice_is_never_rewritten_nor_recorded_by_the_operator(desk: Desk) -> None:
    [example] = examples.prices().notices
    other: Notice = replace(example, en="Another title")
    with pytest.raises(AlreadyThere):
        record_notices(desk.office, desk.people["bureau-1"], [other])
    with pytest.raises(Refused, match="R44"):
        record_notices(desk.office, desk.people["operator-1"], [replace(other, number="N-2")])


@pytest.mark.parametrize("kind", ["iops", "rate", "people"])
def test_a_meter_that_billing_cannot_rate_has_no_price(desk: Desk, proposal: PriceList, kind: str) -> None:
    """Peak, 95th percentile and distinct are no sums: until billing rates them, nobody prices them."""
    service = "block-storage" if kind == "iops" else "dataset-query"
    line = replace(proposal.lines[0], service=service, meter=kind)
    with pytest.raises(InvalidDocument, match="cannot rate") as caught:
        draft_prices(desk.office, desk.people["bureau-1"], replace(proposal, lines=(line,)))
    assert findings_of(caught) == ["P-2026-07.prices[0].meter"]


def test_a_price_with_an_end_of_its_own_is_not_overlapped_only_ended(desk: Desk, proposal: PriceList) -> None:
    limited = replace(proposal, end=JULY + timedelta(days=365))
    desk.price(limited)
    within = replace(proposal, id="P-WITHIN", start=JULY + timedelta(days=10))
    with pytest.raises(Refused, match="price-never-edited"):
        desk.price(within)
    [version] = [each.id for each in _all(desk) if each.id.startswith("P-2026-07")]
    ended = end_price(
        desk.office, desk.people["bureau-1"], version, at=JULY + timedelta(days=9), reason="a new circuit is cheaper"
    )
    assert ended.end == JULY + timedelta(days=9)
    desk.price(replace(within, id="P-AFTER"))


def test_a_price_that_would_run_into_the_next_one_is_refused(desk: Desk, proposal: PriceList) -> None:
    desk.price(replace(proposal, id="P-LATE", start=AUGUST))
    with pytest.raises(Refused, match="price-never-edited"):
        desk.price(replace(proposal, id="P-LONG", end=AUGUST + timedelta(seconds=1)))
    desk.price(replace(proposal, id="P-SHORT", end=AUGUST))


def test_a_price_ends_now_or_later_and_never_gets_longer(desk: Desk) -> None:
    version = "P-2026-01/peering/peering"
    desk.clock(JULY)
    people = desk.people
    for at in (JULY - timedelta(seconds=1), parse_instant("2025-12-31T00:00:00+08:00")):
        with pytest.raises(Refused, match="price-only-ended"):
            end_price(desk.office, people["bureau-1"], version, at=at, reason="x")
    end_price(desk.office, people["bureau-1"], version, at=AUGUST, reason="不再收费")
    assert end_price(desk.office, people["bureau-2"], version, at=AUGUST, reason="again").end == AUGUST
    with pytest.raises(Refused, match="price-only-ended"):
        end_price(desk.office, people["bureau-1"], version, at=AUGUST + timedelta(days=1), reason="x")
    with pytest.raises(Refused, match="R43"):
        end_price(desk.office, people["operator-1"], version, at=AUGUST, reason="x")
    with pytest.raises(NotFound):
        end_price(desk.office, people["bureau-1"], "P-NONE/x/y", at=AUGUST, reason="x")


def test_gaps_in_the_prices_are_shown(desk: Desk) -> None:
    end_price(
        desk.office, desk.people["bureau-1"], "P-2026-01/peering/peering", at=AUGUST + timedelta(days=9), reason="x"
    )
    august = Month(2026, 8)
    with desk.office.store.reading() as transaction:
        offered = [each.service for each in offers_at(transaction, AUGUST, [BASE])]
        every = prices(transaction, august.interval)
    [gap] = price_gaps(offered, every, (BASE,), august.interval)
    assert (gap.service, gap.meter) == ("peering", "peering")
    assert gap.period == Interval(AUGUST + timedelta(days=9), august.interval.end)


def test_a_list_without_cost_keeps_the_digest_it_had_before_there_was_one(desk: Desk) -> None:
    """Digests stand in the records of the first story; drafting its list again must find it."""
    listed = examples.prices().lists[1]
    assert draft_prices(desk.office, desk.people["bureau-1"], listed) == _first_digest(listed)
    assert draft_prices(desk.office, desk.people["bureau-1"], listed) != _first_digest(with_basis(listed))


def _first_digest(listed: PriceList) -> str:
    from foundation.evidence import canonical_bytes, sha256_hex

    lines = [
        {"service": each.service, "meter": each.meter, "unit": each.unit, "price": each.price}
        | ({"basis": each.basis} if each.basis else {})
        for each in listed.lines
    ]
    head = {"id": listed.id, "cites": listed.cites, "start": listed.start, "includes_vat": listed.includes_vat}
    return sha256_hex(canonical_bytes({**head, "vat_rate": listed.vat_rate, "prices": lines}))


def _all(desk: Desk) -> list[PriceVersion]:
    with desk.office.store.reading() as transaction:
        return list(prices(transaction, Interval(EVER, FAR)))
