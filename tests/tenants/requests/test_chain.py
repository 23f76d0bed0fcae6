"""The chain of decisions: by the policy at submission, each step another person of the party whose turn it is."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from governance.authority import viewing
from governance.errors import NotFound, Refused
from governance.parties import PartyKind
from governance.parties.tables import party_table
from governance.tasks import inbox, tasks_on
from tenants.errors import RequestDecided, RequestUnfit
from tenants.requests import (
    Favour,
    Request,
    RequestState,
    approved_environment,
    evidence_of,
    give_opinion,
    visible_request,
)
from tenants.requests.policy import Band, By
from tests.tenants.requests.conftest import Bench

TWO_STEPS = (Band(0, (By.DECIDER, By.UPPER)),)


@pytest.fixture
def levels(bench: Bench) -> Bench:
    """A chain of two steps: the bureau, then the leading group's office above it."""
    bench.publish(bands=TWO_STEPS)
    bench.join("group-1", "leading-group")
    bench.join("group-2", "leading-group")
    return bench


def standing(bench: Bench, request: Request) -> object:
    with bench.office.store.reading() as transaction:
        return approved_environment(transaction, request.environment)


def tasks(bench: Bench, account: str) -> list[tuple[str, str]]:
    with viewing(bench.office, bench.token(account)) as view:
        return [(task.kind, task.party) for task in inbox(view)]


def test_the_agency_sees_who_will_decide(levels: Bench) -> None:
    request = levels.ask()
    assert [step.party for step in request.steps] == ["bureau", "leading-group"]
    with viewing(levels.office, levels.token("hrss-1")) as view:
        assert visible_request(view, request.number)[0].steps == request.steps


def test_nothing_is_approved_before_the_last_step(levels: Bench) -> None:
    request = levels.ask()
    endorsed = levels.approve(request)
    assert (endorsed.state, endorsed.done) == (RequestState.REQUESTED, 1)
    assert standing(levels, request) is None
    approved = levels.approve(endorsed, "group-1")
    assert approved.state is RequestState.APPROVED
    assert standing(levels, request) is not None
    with viewing(levels.office, levels.token("hrss-1")) as view:
        taken = evidence_of(view.transaction, view.scope, request.number).steps
    assert [(one.step, one.outcome, one.party) for one in taken] == [
        (1, "endorsed", "bureau"),
        (2, "approved", "leading-group"),
    ]


def test_a_step_is_its_partys_only(levels: Bench) -> None:
    request = levels.ask()
    with pytest.raises(Refused) as refusal:
        levels.approve(request, "group-1")
    assert refusal.value.facts["rule"] == "T04"
    endorsed = levels.approve(request)
    with pytest.raises(Refused) as refusal:
        levels.approve(endorsed, "bureau-2")
    assert refusal.value.facts["rule"] == "T04"


def test_one_person_takes_one_step_also_through_another_account(levels: Bench) -> None:
    request = levels.ask()
    endorsed = levels.approve(request)
    levels.join("bureau-1-above", "leading-group", person="bureau-1")
    assert levels.approve(endorsed, "bureau-1-above") == endorsed
    assert levels.now(request).state is RequestState.REQUESTED


def test_the_same_step_again_says_already(levels: Bench) -> None:
    endorsed = levels.approve(levels.ask())
    before = levels.events()
    assert levels.approve(endorsed) == endorsed
    assert levels.events() == before


def test_any_step_may_reject(levels: Bench) -> None:
    from tenants.requests import reject_request

    endorsed = levels.approve(levels.ask())
    rejected, new = reject_request(
        levels.office, levels.token("group-1"), endorsed.number, digest=endorsed.digest, reason="暂缓"
    )
    assert new
    assert rejected.state is RequestState.REJECTED
    with pytest.raises(RequestDecided):
        levels.approve(levels.now(rejected), "group-1")


def test_who_endorsed_and_has_changed_sides_stops_the_last_step(levels: Bench) -> None:
    endorsed = levels.approve(levels.ask())
    levels.join("bureau-1-at-operator", "operator", person="bureau-1")
    with pytest.raises(Refused):
        levels.approve(endorsed, "group-1")
    assert levels.now(endorsed).state is RequestState.REQUESTED


def test_tasks_follow_the_steps(levels: Bench) -> None:
    request = levels.ask()
    assert ("request.decide", "bureau") in tasks(levels, "bureau-1")
    assert tasks(levels, "group-1") == []
    levels.approve(request)
    assert ("request.decide", "bureau") not in tasks(levels, "bureau-1")
    assert tasks(levels, "group-1") == [("request.decide", "leading-group")]
    levels.approve(levels.now(request), "group-1")
    assert tasks(levels, "group-1") == []
    assert ("request.deliver", "operator") in tasks(levels, "operator-1")
    assert not [task for task in tasks(levels, "housing-1") if task[0].startswith("request.")]


def test_an_office_that_carries_the_bureaus_plate_is_decided_one_level_up(bench: Bench) -> None:
    with bench.office.store.transaction() as transaction:
        transaction.write(update(party_table).where(party_table.c.id == "hrss").values(organisation="bureau"))
    bench.join("group-1", "leading-group")
    request = bench.ask()
    assert [step.party for step in request.steps] == ["leading-group"]
    with pytest.raises(Refused):
        bench.approve(request)
    assert bench.approve(request, "group-1").state is RequestState.APPROVED


# expert opinion


@pytest.fixture
def large(bench: Bench) -> Bench:
    """Everything needs an expert's opinion."""
    bench.party("experts", PartyKind.EXPERT)
    bench.join("expert-1", "experts")
    bench.join("expert-2", "experts")
    bench.publish(bands=(Band(0, (By.DECIDER,), opinion=True),))
    return bench


def test_above_the_amount_nothing_is_approved_without_an_opinion(large: Bench) -> None:
    request = large.ask()
    assert request.needs_opinion
    assert ("request.opinion", "experts") in tasks(large, "expert-1")
    with pytest.raises(Refused) as refusal:
        large.approve(request)
    assert refusal.value.facts["rule"] == "T06"
    token = large.token("expert-1")
    opinion, new = give_opinion(large.office, token, request.number, favours=Favour.AGAINST, text="规模偏大")
    assert new
    assert opinion.favours == "against"
    assert tasks(large, "expert-2") == []
    assert large.now(request).state is RequestState.REQUESTED
    assert give_opinion(large.office, token, request.number, favours=Favour.AGAINST, text="规模偏大") == (
        opinion,
        False,
    )
    with pytest.raises(RequestUnfit):
        give_opinion(large.office, token, request.number, favours=Favour.FOR, text="规模合理")
    assert large.approve(request).state is RequestState.APPROVED


def test_an_expert_reads_a_request_only_while_asked(large: Bench) -> None:
    request = large.ask()
    with viewing(large.office, large.token("expert-1")) as view:
        assert visible_request(view, request.number)[0].number == request.number
    give_opinion(large.office, large.token("expert-1"), request.number, favours=Favour.FOR, text="可行")
    large.approve(request)
    with viewing(large.office, large.token("expert-1")) as view, pytest.raises(NotFound):
        visible_request(view, request.number)


def test_an_interested_expert_stands_aside(large: Bench) -> None:
    request = large.ask()
    large.join("hrss-1-expert", "experts", person="hrss-9")
    large.join("hrss-9", "hrss", person="hrss-9")
    with pytest.raises(Refused):
        give_opinion(large.office, large.token("hrss-1-expert"), request.number, favours=Favour.FOR, text="好")
    assert tasks_of(large, request) == {"request.decide", "request.opinion"}


def test_an_opinion_nobody_asked_for_is_none(bench: Bench) -> None:
    bench.party("experts", PartyKind.EXPERT)
    bench.join("expert-1", "experts")
    request = bench.ask()
    with pytest.raises(RequestUnfit):
        give_opinion(bench.office, bench.token("expert-1"), request.number, favours=Favour.FOR, text="好")


def tasks_of(bench: Bench, request: Request) -> set[str]:
    with viewing(bench.office, bench.token("bureau-1")) as view:
        return {task.kind for task in tasks_on(view.transaction, view.scope, request.subject) if task.closed_at is None}
