"""Rounds collect needs over their dates; merged needs follow the one that leads them, and keep their history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval
from governance.authority import viewing
from governance.errors import NotFound, Refused
from tenants.errors import NeedUnfit, RoundClosed
from tenants.needs import (
    Conclusion,
    NeedState,
    approved_alternative,
    close_round,
    join_round,
    led_by,
    merge_needs,
    move_open_needs,
    needs,
    open_round,
    proposal_of,
    reject_need,
    rounds,
    steps_of,
    withdraw_need,
)
from tests.tenants.needs.conftest import ALIKE, PERMITS, City

MARCH = Interval(datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC))
APRIL = Interval(MARCH.end, datetime(2026, 4, 30, 16, tzinfo=UTC))


def test_needs_join_a_round_over_its_dates(city: City) -> None:
    bureau = city.people["bureau-1"]
    for id_, taking in (("R-1", MARCH), ("R-2", APRIL)):
        assert open_round(city.office, bureau, id_, zh="征集", en="Round", taking=taking)[1]
    assert open_round(city.office, bureau, "R-1", zh="征集", en="Round", taking=MARCH)[1] is False
    mine, theirs = city.state(round_id="R-1"), city.state(PERMITS, "housing-1")
    joined, new = join_round(city.office, city.people["housing-1"], theirs.number, "R-1")
    assert (joined.round, new) == ("R-1", True)
    assert join_round(city.office, city.people["housing-1"], theirs.number, "R-1") == (joined, False)
    with pytest.raises(RoundClosed):
        join_round(city.office, city.people["housing-1"], theirs.number, "R-2")
    with viewing(city.office, bureau) as view:
        assert [one.number for one in needs(view.transaction, view.scope, round_id="R-1")] == [
            mine.number,
            theirs.number,
        ]
        assert [one.id for one in rounds(view.transaction)] == ["R-2", "R-1"]
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert [one.number for one in needs(view.transaction, view.scope, round_id="R-1")] == [mine.number]


def test_a_round_that_was_closed_takes_nothing_more(city: City) -> None:
    open_round(city.office, city.people["bureau-1"], "R-1", zh="征集", en="Round", taking=MARCH)
    assert close_round(city.office, city.people["bureau-2"], "R-1")[1]
    assert close_round(city.office, city.people["bureau-2"], "R-1")[1] is False
    with pytest.raises(RoundClosed):
        city.state(round_id="R-1")
    with pytest.raises(NotFound):
        city.state(round_id="R-9")
    for account in ("hrss-1", "operator-1"):
        with pytest.raises(Refused):
            open_round(city.office, city.people[account], "R-3", zh="x", en="x", taking=MARCH)


def merged(city: City) -> tuple[str, str]:
    lead, follower = city.state(), city.state(ALIKE, "housing-1")
    city.agree(lead)
    merge_needs(city.office, city.people["bureau-1"], lead.number, [follower.number], reason="共性统建")
    return lead.number, follower.number


def test_merging_makes_the_lead_wait_for_a_proposal_for_all(city: City) -> None:
    lead, follower = merged(city)
    assert (city.now_of(lead).state, city.now_of(lead).participants) == (NeedState.STATED, ("housing",))
    following = city.now_of(follower)
    assert (following.state, following.leading, following.leading_agency) == (NeedState.MERGED, lead, "hrss")
    (pair,) = city.pairs(following)
    assert (pair.conclusion, pair.reason) == (Conclusion.REUSE, "共性统建")
    assert city.waits("operator-1") == ["need.propose"]
    assert city.waits("bureau-1") == []
    token = city.people["bureau-1"]
    assert merge_needs(city.office, token, lead, [follower], reason="共性统建")[1] is False
    with viewing(city.office, city.people["housing-1"]) as view:
        assert led_by(view.transaction, view.scope, lead) == [following]
        with pytest.raises(NotFound):
            proposal_of(view.transaction, view.scope, lead)


def test_merged_needs_come_to_the_end_of_their_lead(city: City) -> None:
    lead, follower = merged(city)
    city.approve(city.now_of(lead))
    approved = city.now_of(follower)
    assert approved.state is NeedState.APPROVED
    with viewing(city.office, city.people["housing-1"]) as view:
        steps = steps_of(view.transaction, view.scope, follower)
        assert approved_alternative(view.transaction, view.scope, follower) is None
    assert [step.act for step in steps] == ["need.stated", "need.merged", "need.approved"]
    with viewing(city.office, city.people["hrss-1"]) as view:
        found = approved_alternative(view.transaction, view.scope, lead)
    assert found is not None
    assert found.participants == ("housing",)


def test_a_rejected_lead_takes_the_merged_along(city: City) -> None:
    lead, follower = merged(city)
    agreed = city.agree(city.now_of(lead))
    reject_need(
        city.office,
        city.people["bureau-1"],
        lead,
        digest=agreed.decision_digest,
        reason="不予立项",
        quota=city.quota,
    )
    assert (city.now_of(follower).state, city.now_of(follower).reason) == (NeedState.REJECTED, "不予立项")


def test_a_withdrawn_lead_lets_the_merged_go(city: City) -> None:
    lead, follower = merged(city)
    withdraw_need(city.office, city.people["hrss-1"], lead, reason="不做了", quota=city.quota)
    free = city.now_of(follower)
    assert (free.state, free.leading) == (NeedState.STATED, "")
    assert city.waits("operator-1") == ["need.propose"]
    assert city.approve(free).state is NeedState.APPROVED


def test_a_merged_need_that_is_withdrawn_makes_the_lead_smaller(city: City) -> None:
    lead, follower = merged(city)
    city.agree(city.now_of(lead))
    withdraw_need(city.office, city.people["housing-1"], follower, reason="不做了", quota=city.quota)
    left = city.now_of(lead)
    assert (left.state, left.participants) == (NeedState.STATED, ())
    assert city.now_of(follower).state is NeedState.WITHDRAWN


def test_only_undecided_needs_are_merged_and_not_with_themselves(city: City) -> None:
    lead, other = city.state(), city.state(PERMITS, "housing-1")
    with pytest.raises(InvalidValue):
        merge_needs(city.office, city.people["bureau-1"], lead.number, [lead.number], reason="x")
    city.approve(other)
    with pytest.raises(NeedUnfit):
        merge_needs(city.office, city.people["bureau-1"], lead.number, [other.number], reason="x")
    with pytest.raises(Refused):
        merge_needs(city.office, city.people["hrss-1"], lead.number, [other.number], reason="x")


def test_open_needs_follow_the_successor_of_their_agency(city: City) -> None:
    lead, follower = merged(city)
    with city.office.store.transaction() as transaction:
        assert move_open_needs(transaction, "housing", "hrss") == 1
    assert city.now_of(follower, "hrss-1").agency == "hrss"
    assert city.now_of(lead).participants == ("hrss",)
    with viewing(city.office, city.people["hrss-1"]) as view:
        steps = steps_of(view.transaction, view.scope, follower)
    assert [step.party for step in steps] == ["housing", "bureau"]
