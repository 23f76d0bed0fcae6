"""A transfer: the receiving agency agrees, then the bureau decides; everything follows at one instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.authority import viewing
from governance.errors import NotFound, Refused
from governance.tasks import inbox
from tenants.environments import find_environment
from tenants.errors import InvalidRequest, RequestDecided
from tenants.register import entries
from tenants.requests import (
    Request,
    RequestKind,
    RequestState,
    accept_request,
    agree_to_transfer,
    agreements,
    approved_environment,
    decline_transfer,
    request_of,
    request_on,
    requests_page,
    visible_request,
    withdraw_request,
)
from tests.tenants.requests.conftest import Bench

LATER = datetime(2026, 3, 10, 1, tzinfo=UTC)


@pytest.fixture
def offered(bench: Bench) -> tuple[Bench, Request]:
    """A deployed environment of hrss that housing is asked to take over."""
    request = bench.approve(bench.ask())
    bench.deployed(request)
    bench.clock(LATER)
    token = bench.token("hrss-1")
    asked, new = request_on(
        bench.office, token, bench.spec.environment, RequestKind.TRANSFER, estimator=bench.desk, to="housing"
    )
    assert new
    return bench, asked


def agreed(bench: Bench, request: Request, account: str = "housing-1") -> Request:
    return agree_to_transfer(
        bench.office, bench.token(account), request.number, system="permits", estimator=bench.desk
    )[0]


def test_the_receiver_is_asked_first(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    assert request.state is RequestState.AGREEING
    with viewing(bench.office, bench.token("housing-1")) as view:
        assert [(task.kind, task.party) for task in inbox(view)] == [("request.agree", "housing")]
        (asked,) = agreements(view.transaction, view.scope)
        assert (asked.request, asked.giver, asked.state) == (request.number, "hrss", "asked")
        assert visible_request(view, request.number)[0].number == request.number
        assert requests_page(view.transaction, view.scope).rows == []
        with pytest.raises(NotFound):
            request_of(view.transaction, view.scope, request.number)
    with pytest.raises(RequestDecided):
        bench.approve(request)


def test_everything_follows_at_one_instant(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    waiting = agreed(bench, request)
    assert (waiting.state, [step.party for step in waiting.steps]) == (RequestState.REQUESTED, ["bureau"])
    approved = bench.approve(waiting)
    assert approved.state is RequestState.APPROVED
    with viewing(bench.office, bench.token("housing-1")) as view:
        environment = find_environment(view.transaction, view.scope, bench.spec.environment)
        assert (environment.agency, environment.system) == ("housing", "permits")
        assert environment.spec is not None
        assert (environment.spec.project, environment.spec.instances) == ("P-2", bench.spec.instances)
        held = entries(view.transaction, view.scope, Interval(LATER, Month(2026, 4).interval.end), charged=False)
        assert {(entry.agency, entry.opened) for entry in held} <= {("housing", LATER)}
    with viewing(bench.office, bench.token("hrss-1")) as view, pytest.raises(NotFound):
        find_environment(view.transaction, view.scope, bench.spec.environment)
    with bench.office.store.reading() as transaction:
        standing = approved_environment(transaction, bench.spec.environment)
    assert standing is not None
    assert (standing.request, standing.spec.agency) == (request.number, "housing")


def test_the_giver_keeps_its_history_and_the_receiver_accepts(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    approved = bench.approve(agreed(bench, request))
    bench.deployed(approved, instant="2026-03-11T00:00:00Z")
    assert bench.now(request).state is RequestState.DELIVERED
    with pytest.raises(Refused):
        accept_request(bench.office, bench.token("hrss-1"), request.number)
    assert accept_request(bench.office, bench.token("housing-1"), request.number)[0].state is RequestState.ACCEPTED
    with viewing(bench.office, bench.token("hrss-1")) as view:
        numbers = [row["number"] for row in requests_page(view.transaction, view.scope).rows]
    assert request.number in numbers


def test_the_receiver_goes_on_with_it(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    approved = bench.approve(agreed(bench, request))
    bench.deployed(approved, instant="2026-03-11T00:00:00Z")
    spec = replace(approved.now_asked.specs[0], instances=())
    change = bench.ask(kind=RequestKind.CHANGE, spec=spec, account="housing-1")
    bench.approve(change)
    assert bench.now(request).state is RequestState.ENDED


def test_the_same_answer_again_changes_nothing(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    first = agreed(bench, request)
    before = bench.events()
    assert agreed(bench, request) == first
    assert bench.events() == before


def test_a_declined_transfer_is_rejected_with_the_reason(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    declined, new = decline_transfer(bench.office, bench.token("housing-1"), request.number, reason="不归本单位")
    assert (declined.state, declined.reason, new) == (RequestState.REJECTED, "不归本单位", True)
    with pytest.raises(RequestDecided):
        agreed(bench, request)
    with viewing(bench.office, bench.token("housing-1")) as view, pytest.raises(NotFound):
        visible_request(view, request.number)


def test_a_withdrawn_transfer_asks_no_more(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    withdraw_request(bench.office, bench.token("hrss-1"), request.number)
    with pytest.raises(RequestDecided):
        agreed(bench, request)


def test_only_the_receiver_answers(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    with pytest.raises(NotFound):
        agreed(bench, request, "hrss-2")
    with pytest.raises(Refused):
        agreed(bench, request, "bureau-1")


def test_the_same_person_does_not_stand_on_both_sides(offered: tuple[Bench, Request]) -> None:
    bench, request = offered
    bench.join("hrss-1-there", "housing", person="hrss-1")
    with pytest.raises(Refused) as refusal:
        agreed(bench, request, "hrss-1-there")
    assert refusal.value.facts["rule"] == "R103"
    assert bench.now(request).state is RequestState.AGREEING


def test_a_transfer_goes_to_another_agency(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    bench.deployed(request)
    for to in ("", "hrss"):
        with pytest.raises(InvalidRequest):
            request_on(
                bench.office,
                bench.token("hrss-1"),
                bench.spec.environment,
                RequestKind.TRANSFER,
                estimator=bench.desk,
                to=to,
            )
