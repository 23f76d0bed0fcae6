"""From approval to acceptance, and the grants that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from foundation.values.month import day_interval
from foundation.values.working_days import WorkingCalendar, published_calendar
from foundation.work import Event
from foundation.work.outbox import outbox_table
from governance.authority import viewing
from governance.errors import NotFound, Refused
from governance.tasks import inbox
from tenants.environments import EnvironmentState, find_environment
from tenants.errors import DeploymentMissing, RequestUnfit
from tenants.errors import EnvironmentState as WrongState
from tenants.requests import (
    Request,
    RequestKind,
    RequestState,
    Terms,
    accept_request,
    approved_environment,
    deliver_request,
    delivery_clocks,
    look_after_grants,
    refuse_delivery,
    request_items,
    request_on,
    to_carry_out,
)
from tenants.requests.content import ServiceItem
from tenants.requests.granting import delivery_clock
from tests.tenants.requests.conftest import MARCH, Bench


def kinds_of_tasks(bench: Bench, account: str) -> list[str]:
    with viewing(bench.office, bench.token(account)) as view:
        return [task.kind for task in inbox(view)]


def test_the_delivery_clock_runs_in_working_days_from_the_approval(bench: Bench) -> None:
    approved = bench.approve(bench.ask())
    # 2026-03-01 is a Sunday: the fifth working day after it is Friday the 6th.
    assert approved.delivery.due == date(2026, 3, 6)


def test_a_clock_into_a_year_without_a_calendar_awaits_it(bench: Bench) -> None:
    years = {year: known for year, known in published_calendar().years.items() if year <= 2026}
    clock = delivery_clock(WorkingCalendar(years), datetime(2026, 12, 30, tzinfo=UTC), 5)
    assert (clock.due, clock.awaiting_year) == (None, 2027)


def test_a_loaded_calendar_computes_the_waiting_clocks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from governance.calendar import LOADED
    from tenants.requests import expiring, granting

    short = WorkingCalendar({2026: published_calendar().years[2026]})
    bench.clock(datetime(2026, 12, 30, 1, tzinfo=UTC))
    monkeypatch.setattr(granting, "calendar_at", lambda _: short)
    request = bench.approve(bench.ask())
    assert request.delivery.awaiting_year == 2027
    whole = short.with_years([replace(short.years[2026], year=2027, holidays=frozenset(), make_up_days=frozenset())])
    monkeypatch.setattr(expiring, "calendar_at", lambda _: whole)
    subscriber = delivery_clocks(bench.office.clocks.real)
    with bench.office.store.transaction() as transaction:
        subscriber.handle(transaction, Event(LOADED, "calendar:2027", {"year": 2027}))
    found = bench.now(request).delivery
    assert (found.due, found.awaiting_year) == (date(2027, 1, 6), None)


def test_the_deployments_end_delivers_and_the_agency_accepts(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    assert kinds_of_tasks(bench, "operator-1") == ["request.deliver"]
    with pytest.raises(RequestUnfit):
        accept_request(bench.office, bench.token("hrss-1"), request.number)
    bench.deployed(request)
    delivered = bench.now(request)
    assert delivered.state is RequestState.DELIVERED
    assert delivered.delivery.delivered_at == datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert kinds_of_tasks(bench, "operator-1") == []
    assert kinds_of_tasks(bench, "hrss-1") == ["request.accept"]
    accepted, new = accept_request(bench.office, bench.token("hrss-1"), request.number)
    assert (accepted.state, new) == (RequestState.ACCEPTED, True)
    assert accept_request(bench.office, bench.token("hrss-1"), request.number) == (accepted, False)
    assert kinds_of_tasks(bench, "hrss-1") == []


def test_the_same_end_twice_delivers_once(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    bench.deployed(request)
    accept_request(bench.office, bench.token("hrss-1"), request.number)
    bench.deployed(request, instant="2026-03-04T02:00:00Z")
    assert bench.now(request).state is RequestState.ACCEPTED


def test_another_spec_delivers_nothing(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    other = replace(request, content=replace(request.content, specs=(replace(request.spec, buckets=(), ingress=()),)))
    changed = replace(other.content.specs[0], instances=())
    bench.deployed(replace(request, decided_content=replace(request.content, specs=(changed,))))
    assert bench.now(request).state is RequestState.APPROVED


def test_a_refused_delivery_is_delivered_again(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    bench.deployed(request)
    refused, new = refuse_delivery(bench.office, bench.token("hrss-1"), request.number, reason="磁盘容量不足")
    assert (refused.state, refused.reason, new) == (RequestState.REFUSED, "磁盘容量不足", True)
    assert refuse_delivery(bench.office, bench.token("hrss-1"), request.number, reason="磁盘容量不足") == (
        refused,
        False,
    )
    assert kinds_of_tasks(bench, "operator-1") == ["request.deliver"]
    with bench.office.store.reading() as transaction:
        assert approved_environment(transaction, request.environment) is not None
    delivered, _ = deliver_request(bench.office, bench.token("operator-1"), request.number)
    assert delivered.state is RequestState.DELIVERED
    assert accept_request(bench.office, bench.token("hrss-2"), request.number)[1]


def test_nobody_else_accepts(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    bench.deployed(request)
    with pytest.raises(NotFound):
        accept_request(bench.office, bench.token("housing-1"), request.number)
    with pytest.raises(Refused):
        accept_request(bench.office, bench.token("operator-1"), request.number)


def test_what_a_deployment_builds_is_not_delivered_by_word(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    with pytest.raises(DeploymentMissing):
        deliver_request(bench.office, bench.token("operator-1"), request.number)


def test_service_items_are_delivered_by_the_operators_word(bench: Bench) -> None:
    terms = Terms(items=(ServiceItem("hosts", "cloud-host", "general-2c4g", 2),))
    token = bench.token("hrss-1")
    request, _ = request_items(bench.office, token, project="P-1", terms=terms, estimator=bench.desk)
    bench.approve(request)
    assert deliver_request(bench.office, bench.token("operator-1"), request.number)[0].state is RequestState.DELIVERED
    assert accept_request(bench.office, token, request.number)[0].state is RequestState.ACCEPTED


# suspend and resume


def on(bench: Bench, kind: RequestKind, account: str = "hrss-1", **more: object) -> Request:
    return request_on(
        bench.office,
        bench.token(account),
        bench.spec.environment,
        kind,
        estimator=bench.desk,
        **more,  # type: ignore[arg-type]
    )[0]


def state_of(bench: Bench) -> EnvironmentState:
    with viewing(bench.office, bench.token("bureau-1")) as view:
        return find_environment(view.transaction, view.scope, bench.spec.environment).state


def test_a_paused_environment_is_resumed_by_another_request(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    bench.deployed(request)
    paused = bench.approve(on(bench, RequestKind.SUSPEND))
    assert state_of(bench) is EnvironmentState.SUSPENDED
    assert bench.now(request).state is RequestState.DELIVERED
    with pytest.raises(WrongState):
        on(bench, RequestKind.SUSPEND)
    with pytest.raises(WrongState):
        bench.ask(kind=RequestKind.CHANGE, spec=replace(bench.spec, instances=()))
    assert deliver_request(bench.office, bench.token("operator-1"), paused.number)[1]
    bench.approve(on(bench, RequestKind.RESUME))
    assert state_of(bench) is EnvironmentState.DEPLOYED
    with bench.office.store.reading() as transaction:
        standing = approved_environment(transaction, bench.spec.environment)
    assert standing is not None
    assert standing.request == request.number


def work_told(bench: Bench, topic: str) -> list[tuple[str, list[str]]]:
    """(request, what the operator is to stop or start) of each event."""
    with bench.office.store.reading() as transaction:
        rows = transaction.rows(select(outbox_table.c.payload).where(outbox_table.c.topic == topic))
    payloads = [row["payload"] for row in rows]
    return [(one["request"], [each["cloud_id"] for each in one["resources"]]) for one in payloads]


def test_the_operator_is_told_what_to_stop_and_what_to_start_and_confirms_it(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    built = [
        {"resource": f"hrss-portal/{kind}/web-1", "cloud_id": id_, "kind": kind, "name": "web-1", "plan": plan}
        for kind, id_, plan in (("instance", "i-1", "general-2c4g"), ("volume", "vol-1", ""))
    ]
    bench.deployed(request, resources=[one | {"attributes": {"size_gb": "100"}} for one in built])
    for day, kind, topic, words in (
        (4, RequestKind.SUSPEND, "environment.suspended", "stop what"),
        (9, RequestKind.RESUME, "environment.resumed", "start again"),
    ):
        bench.clock(datetime(2026, 3, day, tzinfo=UTC))
        paused = bench.approve(on(bench, kind))
        assert work_told(bench, topic) == [(paused.number, ["i-1"])]  # the disk stays as it is
        with viewing(bench.office, bench.token("operator-1")) as view:
            (task,) = [one for one in inbox(view) if one.subject == paused.subject]
            assert words in task.en
            assert [one.cloud_id for one in to_carry_out(view.transaction, view.scope, paused)] == ["i-1"]
        deliver_request(bench.office, bench.token("operator-1"), paused.number)
        assert kinds_of_tasks(bench, "operator-1") == []
        assert accept_request(bench.office, bench.token("hrss-1"), paused.number)[1]


# the end of a grant

LAST = day_interval(date(2026, 5, 31)).end


def looked_after(bench: Bench, instant: datetime) -> dict[str, int]:
    bench.clock(instant)
    with bench.office.store.transaction() as transaction:
        return look_after_grants(transaction, now=instant, real=bench.office.clocks.real)


def test_the_agency_is_reminded_once_for_each_of_the_policys_days(bench: Bench) -> None:
    bench.approve(bench.ask(terms=Terms(until=LAST)))
    assert looked_after(bench, LAST - timedelta(days=31)) == {"reminded": 0, "expired": 0}
    assert looked_after(bench, LAST - timedelta(days=30)) == {"reminded": 1, "expired": 0}
    assert looked_after(bench, LAST - timedelta(days=20)) == {"reminded": 0, "expired": 0}
    assert looked_after(bench, LAST - timedelta(days=6)) == {"reminded": 1, "expired": 0}
    assert "request.renew" in kinds_of_tasks(bench, "hrss-1")


def test_an_expired_grant_shows_and_deletes_nothing(bench: Bench) -> None:
    request = bench.approve(bench.ask(terms=Terms(until=LAST)))
    bench.deployed(request)
    assert looked_after(bench, LAST) == {"reminded": 0, "expired": 1}
    assert looked_after(bench, LAST) == {"reminded": 0, "expired": 0}
    assert bench.now(request).state is RequestState.EXPIRED
    assert state_of(bench) is EnvironmentState.DEPLOYED
    assert kinds_of_tasks(bench, "hrss-1") == ["request.renew"]
    with bench.office.store.reading() as transaction:
        assert approved_environment(transaction, bench.spec.environment) is not None


def test_what_expired_before_it_was_built_is_not_built(bench: Bench) -> None:
    bench.approve(bench.ask(terms=Terms(until=LAST)))
    looked_after(bench, LAST + timedelta(days=1))
    with bench.office.store.reading() as transaction:
        assert approved_environment(transaction, bench.spec.environment) is None


def test_a_renewal_is_a_request_that_takes_the_grants_place(bench: Bench) -> None:
    request = bench.approve(bench.ask(terms=Terms(until=LAST)))
    bench.deployed(request)
    looked_after(bench, LAST)
    renewal = on(bench, RequestKind.CHANGE, until=LAST + timedelta(days=365))
    assert (renewal.kind, renewal.content) == (RequestKind.CHANGE, request.content)
    assert renewal.spec_digest != request.spec_digest
    bench.approve(renewal)
    assert bench.now(request).state is RequestState.ENDED
    assert kinds_of_tasks(bench, "hrss-1") == []
    with bench.office.store.reading() as transaction:
        standing = approved_environment(transaction, bench.spec.environment)
    assert standing is not None
    assert standing.spec == request.spec


def test_an_end_lies_ahead(bench: Bench) -> None:
    from tenants.errors import InvalidRequest

    with pytest.raises(InvalidRequest):
        bench.ask(terms=Terms(until=MARCH))
