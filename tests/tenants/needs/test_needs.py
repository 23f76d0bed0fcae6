"""From the business questions to the decision: who may do what when, and that nothing said is ever edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert

from foundation.store import AlreadyThere
from foundation.values.errors import InvalidValue
from governance.authority import viewing
from governance.errors import NotFound, Refused
from tenants.errors import InvalidNeed, NeedUnfit
from tenants.needs import (
    NeedState,
    agree,
    approve_need,
    approved_alternative,
    needs,
    proposal_of,
    questions_of,
    reject_need,
    restate_need,
    return_need,
    send_back,
    state_need,
    steps_of,
    withdraw_need,
)
from tenants.needs.model import Urgency
from tenants.numbering import series_table
from tests.tenants.needs.conftest import PERMITS, QUESTIONS, City


def test_a_need_goes_from_questions_to_an_approved_alternative(city: City) -> None:
    need = city.state()
    assert (need.number, need.state, need.version) == ("NEED-2026-0001", NeedState.STATED, 1)
    assert city.waits("operator-1") == ["need.propose"]
    proposal = city.propose(need)
    assert [one.monthly for one in proposal.alternatives] == [10_000, 10_000]
    assert (city.waits("operator-1"), city.waits("hrss-1")) == ([], ["need.agree"])
    agreed, _ = agree(city.office, city.people["hrss-2"], need.number, "large", digest=proposal.digest)
    assert (city.waits("hrss-1"), city.waits("bureau-1")) == ([], ["need.decide"])
    approved = city.approve(agreed)
    assert approved.state is NeedState.APPROVED
    assert (city.waits("bureau-1"), city.waits("hrss-1")) == ([], ["need.request"])
    with viewing(city.office, city.people["hrss-1"]) as view:
        found = approved_alternative(view.transaction, view.scope, need.number)
        steps = steps_of(view.transaction, view.scope, need.number)
    assert found is not None
    assert (found.alternative.id, found.alternative.environment) == ("large", city.spec)
    assert [step.act for step in steps] == ["need.stated", "need.proposed", "need.agreed", "need.approved"]
    assert [step.party for step in steps] == ["hrss", "operator", "hrss", "bureau"]
    assert [name for name in city.entries() if name.startswith("need.")] == [step.act for step in steps]
    assert [name for name in city.topics() if name.startswith("need.")] == [step.act for step in steps]


def test_stating_the_same_again_gives_back_the_first(city: City) -> None:
    first = city.state()
    before = city.entries()
    assert state_need(city.office, city.people["hrss-2"], QUESTIONS) == (first, False)
    assert state_need(city.office, city.people["hrss-1"], QUESTIONS, number=first.number) == (first, False)
    assert city.entries() == before
    with pytest.raises(AlreadyThere):
        city.state(replace(QUESTIONS, peak=1), number=first.number)


def test_the_need_after_the_ten_thousandth_of_a_year_is_a_need_of_its_own(city: City) -> None:
    """Numbers of five digits come before those of four in the order of texts."""
    city.state(number="NEED-2026-99999999999")  # chosen by hand, and no reason to go on from there
    with city.office.store.transaction() as transaction:
        transaction.write(insert(series_table).values(series="need", year=2026, last=9_999))
    numbers = [city.state(replace(QUESTIONS, peak=peak)).number for peak in (1, 2)]
    assert numbers == ["NEED-2026-10000", "NEED-2026-10001"]


def test_a_number_another_agency_has_is_taken_and_tells_nothing_of_it(city: City) -> None:
    need = city.state()
    with pytest.raises(AlreadyThere) as refusal:
        city.state(PERMITS, "housing-1", number=need.number)
    assert need.digest not in str(refusal.value)


def test_nobody_states_for_another_agency(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        city.state(QUESTIONS, "housing-1")
    assert refusal.value.facts["rule"] == "T21"


def test_what_the_terms_do_not_know_is_refused_with_every_finding(city: City) -> None:
    wrong = replace(
        QUESTIONS,
        data=(replace(QUESTIONS.data[0], level="top-secret"),),
        deadline=date(2020, 1, 1),
        urgent=Urgency("boss", "台风", date(2026, 5, 1)),
    )
    with pytest.raises(InvalidNeed) as refusal:
        city.state(wrong)
    findings = refusal.value.facts["findings"]
    assert isinstance(findings, tuple)
    assert [one.place.field for one in findings] == ["need.data[0].level", "need.deadline", "need.urgent.reason"]


def test_a_proposal_is_for_the_needs_own_agency_and_system(city: City) -> None:
    need = city.state(PERMITS, "housing-1")
    alternative = replace(city.alternatives("housing")[0], environment=city.spec, items=())
    with pytest.raises(InvalidNeed) as refusal:
        city.propose(need, alternatives=(alternative, replace(alternative, id="large")))
    assert refusal.value.facts["count"] == 4


def test_a_proposal_sent_back_is_answered_by_the_next_version(city: City) -> None:
    need = city.state()
    first = city.propose(need)
    assert city.propose(need) == first
    back, _ = send_back(city.office, city.people["hrss-1"], need.number, digest=first.digest, reason="没有容灾")
    assert (back.state, back.reason) == (NeedState.STATED, "没有容灾")
    assert (
        send_back(city.office, city.people["hrss-1"], need.number, digest=first.digest, reason="没有容灾")[1] is False
    )
    second = city.propose(need)
    assert second.version == 2
    with pytest.raises(Refused) as refusal:
        agree(city.office, city.people["hrss-1"], need.number, "small", digest=first.digest)
    assert refusal.value.facts["rule"] == "T22"
    with pytest.raises(InvalidValue):
        agree(city.office, city.people["hrss-1"], need.number, "none", digest=second.digest)
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert proposal_of(view.transaction, view.scope, need.number, 1) == first


def test_a_returned_need_is_stated_anew_and_the_earlier_version_stays(city: City) -> None:
    need = city.state()
    agreed = city.agree(need)
    returned, _ = return_need(
        city.office, city.people["bureau-1"], need.number, digest=agreed.decision_digest, reason="用户数不实"
    )
    assert returned.state is NeedState.RETURNED
    assert city.waits("hrss-1") == ["need.restate"]
    fewer = replace(QUESTIONS, peak=900)
    restated, _ = restate_need(city.office, city.people["hrss-1"], need.number, fewer)
    assert (restated.version, restated.state) == (2, NeedState.STATED)
    assert restate_need(city.office, city.people["hrss-1"], need.number, fewer) == (restated, False)
    assert (city.waits("hrss-1"), city.waits("operator-1")) == ([], ["need.propose"])
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert questions_of(view.transaction, view.scope, need.number, 1) == QUESTIONS
        assert questions_of(view.transaction, view.scope, need.number) == fewer
    assert city.approve(restated).state is NeedState.APPROVED


def test_a_rejection_has_a_reason_and_ends_it(city: City) -> None:
    need = city.agree(city.state())
    bureau = city.people["bureau-1"]
    rejected, _ = reject_need(
        city.office, bureau, need.number, digest=need.decision_digest, reason="已有同类", quota=city.quota
    )
    assert (rejected.state, rejected.reason) == (NeedState.REJECTED, "已有同类")
    assert city.waits("bureau-1") == city.waits("hrss-1") == city.waits("operator-1") == []
    again = reject_need(
        city.office, bureau, need.number, digest=need.decision_digest, reason="已有同类", quota=city.quota
    )
    assert again == (rejected, False)


def test_approving_again_changes_nothing_and_another_digest_is_refused(city: City) -> None:
    need = city.agree(city.state())
    with pytest.raises(Refused) as refusal:
        approve_need(city.office, city.people["bureau-1"], need.number, digest="0" * 64)
    assert refusal.value.facts["rule"] == "T23"
    approved = city.approve(need)
    before = city.entries()
    assert approve_need(city.office, city.people["bureau-1"], need.number, digest=need.decision_digest) == (
        approved,
        False,
    )
    assert city.entries() == before


def test_an_agency_withdraws_until_it_is_decided(city: City) -> None:
    for prepare in (city.state, lambda: city.agree(city.state())):
        need = prepare()
        gone, _ = withdraw_need(city.office, city.people["hrss-1"], need.number, reason="项目取消", quota=city.quota)
        assert gone.state is NeedState.WITHDRAWN
        assert city.waits("hrss-1") == city.waits("operator-1") == city.waits("bureau-1") == []
    approved = city.approve(city.state())
    with pytest.raises(NeedUnfit):
        withdraw_need(city.office, city.people["hrss-1"], approved.number, reason="晚了", quota=city.quota)


@pytest.mark.parametrize("act", ["approve", "reject", "return"])
def test_who_stated_does_not_decide_through_a_second_account(
    city: City, log_in_also: Callable[[str, str], str], act: str
) -> None:
    need = city.agree(city.state())
    token = log_in_also("hrss-1", "bureau")
    decide = {
        "approve": lambda: approve_need(city.office, token, need.number, digest=need.decision_digest),
        "reject": lambda: reject_need(
            city.office, token, need.number, digest=need.decision_digest, reason="x", quota=city.quota
        ),
        "return": lambda: return_need(city.office, token, need.number, digest=need.decision_digest, reason="x"),
    }[act]
    with pytest.raises(Refused):
        decide()
    assert city.entries()[-1] == "act.refused"
    assert city.now_of(need).state is NeedState.AGREED


def test_who_proposed_does_not_agree(city: City, log_in_also: Callable[[str, str], str]) -> None:
    need = city.state()
    proposal = city.propose(need)
    with pytest.raises(Refused):
        agree(city.office, log_in_also("operator-1", "hrss"), need.number, "small", digest=proposal.digest)


def test_a_decision_before_the_agency_agreed_is_refused(city: City) -> None:
    need = city.state()
    city.propose(need)
    proposed = city.now_of(need)
    with pytest.raises(NeedUnfit):
        approve_need(city.office, city.people["bureau-1"], need.number, digest=proposed.decision_digest)


def test_an_agency_reads_its_own_needs_only(city: City) -> None:
    mine, theirs = city.state(), city.state(PERMITS, "housing-1")
    city.agree(theirs)
    with viewing(city.office, city.people["hrss-2"]) as view:
        assert [one.number for one in needs(view.transaction, view.scope)] == [mine.number]
        for read in (questions_of, proposal_of, steps_of, approved_alternative):
            with pytest.raises(NotFound):
                read(view.transaction, view.scope, theirs.number)
    with pytest.raises(NotFound):
        withdraw_need(city.office, city.people["hrss-1"], theirs.number, reason="x", quota=city.quota)
    with viewing(city.office, city.people["bureau-1"]) as view:
        assert len(needs(view.transaction, view.scope)) == 2
        assert [one.number for one in needs(view.transaction, view.scope, states=[NeedState.AGREED])] == [theirs.number]
        assert len(needs(view.transaction, view.scope, limit=1)) == 1


def test_an_approval_that_is_only_a_row_is_none(city: City) -> None:
    from sqlalchemy import update

    from tenants.needs.tables import need_table

    need = city.agree(city.state())
    with city.office.store.transaction() as transaction:
        table = need_table.table
        transaction.write(update(table).values(state="approved").execution_options(guanyun_scoped=table.name))
    with viewing(city.office, city.people["bureau-1"]) as view:
        assert approved_alternative(view.transaction, view.scope, need.number) is None
