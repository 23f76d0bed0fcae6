"""Service items without an environment: asked for, changed, renewed, given back; what they take and what is metered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval
from governance.authority import machine_scope, viewing
from governance.errors import NotFound
from governance.tasks import inbox
from tenants.errors import RequestPending, RequestUnfit
from tenants.quotas.tables import counters
from tenants.register import entries
from tenants.requests import (
    Request,
    RequestKind,
    RequestState,
    ServiceItem,
    Terms,
    accept_request,
    deliver_request,
    reject_request,
    request_items,
    request_on_items,
)
from tenants.requests.results import Verdict
from tests.tenants.requests.conftest import MARCH, Bench
from tests.tenants.requests.test_checks import found
from tests.tenants.requests.test_places import Publish

ITEM = ServiceItem("hosts", "cloud-host", "general-2c4g", 2)
MORE = ServiceItem("hosts", "cloud-host", "general-2c4g", 3)
OTHER = ServiceItem("spare", "cloud-host", "general-4c8g", 1)


def ask(bench: Bench, *items: ServiceItem, account: str = "hrss-1", **more: Any) -> Request:
    terms = Terms(items=items or (ITEM,))
    return request_items(bench.office, bench.token(account), project="P-1", terms=terms, estimator=bench.desk, **more)[
        0
    ]


def on(
    bench: Bench, of: Request, kind: RequestKind, *items: ServiceItem, account: str = "hrss-1", **more: Any
) -> Request:
    terms = Terms(items=items, until=more.pop("until", None))
    token = bench.token(account)
    return request_on_items(bench.office, token, of.number, kind, estimator=bench.desk, terms=terms, **more)[0]


def deliver(bench: Bench, request: Request) -> Request:
    return deliver_request(bench.office, bench.token("operator-1"), request.number)[0]


def delivered(bench: Bench, *items: ServiceItem) -> Request:
    request = bench.approve(ask(bench, *items))
    deliver(bench, request)
    return accept_request(bench.office, bench.token("hrss-1"), request.number)[0]


def on_register(bench: Bench) -> list[tuple[str, str, int]]:
    """(resource, plan, vCPU) of what is open."""
    with bench.office.store.reading() as transaction:
        year = Interval(MARCH, MARCH + timedelta(days=365))
        standing = [one for one in entries(transaction, machine_scope(), year) if one.closed is None]
        return [(one.resource, one.plan, int(one.attributes["vcpu"])) for one in standing]


def held(bench: Bench, key: str) -> tuple[int, int]:
    with bench.office.store.reading() as transaction:
        row = counters(transaction, [key])[key]
        return row["reserved"], row["held"]


def waits(bench: Bench, account: str) -> list[str]:
    with viewing(bench.office, bench.token(account)) as view:
        return [task.kind for task in inbox(view)]


def test_what_is_delivered_stands_on_the_register_with_its_quantity(bench: Bench) -> None:
    request = bench.approve(ask(bench))
    assert on_register(bench) == []
    deliver(bench, request)
    assert on_register(bench) == [(f"req:{request.number}/hosts", "general-2c4g", 4)]


def test_a_change_keeps_three_snapshots_and_takes_the_place_of_what_stood(bench: Bench, publish_quota: Publish) -> None:
    publish_quota({"limits": {"count.cloud-host": 4}})
    first = delivered(bench)
    change = on(bench, first, RequestKind.CHANGE, MORE, OTHER)
    assert (change.kind, change.project, change.first) == (RequestKind.CHANGE, "P-1", first.number)
    assert change.original == first.requested
    assert found(bench, change)[0]["quota"].verdict is Verdict.PASSED  # of four, two are held and two more are asked
    assert found(bench, change)[0]["project"].verdict is Verdict.PASSED
    assert held(bench, "count.cloud-host") == (2 * 10**6, 2 * 10**6)
    approved = bench.approve(change)
    assert approved.decided == change.requested
    assert bench.now(first).state is RequestState.ENDED
    assert held(bench, "count.cloud-host") == (0, 4 * 10**6)
    assert [line for *_, line in on_register(bench)] == [4]  # until it is delivered, what stood is metered
    deliver(bench, change)
    place = f"req:{first.number}"
    assert on_register(bench) == [(f"{place}/hosts", "general-2c4g", 6), (f"{place}/spare", "general-4c8g", 4)]


def test_an_item_that_a_change_drops_is_metered_no_more(bench: Bench) -> None:
    first = delivered(bench, ITEM, OTHER)
    change = bench.approve(on(bench, first, RequestKind.CHANGE, OTHER))
    deliver(bench, change)
    assert on_register(bench) == [(f"req:{first.number}/spare", "general-4c8g", 4)]


def test_any_request_of_the_items_names_them(bench: Bench) -> None:
    first = delivered(bench)
    second = bench.approve(on(bench, first, RequestKind.CHANGE, MORE))
    for named in (first, second):
        third = on(bench, named, RequestKind.CHANGE, OTHER)
        assert (third.first, third.original) == (first.number, second.requested)


def test_a_renewal_asks_for_nothing_but_another_end(bench: Bench) -> None:
    first = delivered(bench)
    renewal = on(bench, first, RequestKind.CHANGE, until=MARCH + timedelta(days=200))
    assert (renewal.content, renewal.until) == (first.content, MARCH + timedelta(days=200))
    with pytest.raises(InvalidValue):
        on(bench, first, RequestKind.CHANGE)


def test_given_back_nothing_is_held_or_metered_any_more(bench: Bench, publish_quota: Publish) -> None:
    publish_quota({"limits": {"count.cloud-host": 4}})
    first = delivered(bench)
    ending = on(bench, first, RequestKind.TERMINATE)
    assert (ending.estimate.monthly, ending.original, ending.requested) == (0, first.requested, first.requested)
    bench.approve(ending)
    assert held(bench, "count.cloud-host") == (0, 2 * 10**6)  # until the operator has done it
    assert waits(bench, "operator-1") == ["request.deliver"]
    assert deliver(bench, ending).state is RequestState.ENDED
    assert bench.now(first).state is RequestState.ENDED
    assert (held(bench, "count.cloud-host"), on_register(bench), waits(bench, "operator-1")) == ((0, 0), [], [])
    assert deliver_request(bench.office, bench.token("operator-2"), ending.number)[1] is False
    with pytest.raises(RequestUnfit):
        on(bench, first, RequestKind.CHANGE, MORE)
    assert {"register.opened", "register.closed", "request.ended"} <= set(bench.events())


def test_what_is_asked_twice_is_one_request_and_one_at_a_time(bench: Bench) -> None:
    first = delivered(bench)
    change = on(bench, first, RequestKind.CHANGE, MORE)
    assert on(bench, first, RequestKind.CHANGE, MORE) == change
    with pytest.raises(RequestPending):
        on(bench, first, RequestKind.CHANGE, OTHER)
    reject_request(bench.office, bench.token("bureau-1"), change.number, digest=change.digest, reason="暂缓")
    assert bench.now(first).state is RequestState.ACCEPTED
    ending = bench.approve(on(bench, first, RequestKind.TERMINATE))
    assert on(bench, first, RequestKind.TERMINATE).number == ending.number
    with pytest.raises(RequestPending):
        on(bench, first, RequestKind.CHANGE, OTHER)


def test_the_same_change_of_other_items_is_another_request(bench: Bench) -> None:
    one, two = delivered(bench, ITEM), delivered(bench, OTHER)
    assert on(bench, one, RequestKind.CHANGE, MORE).number != on(bench, two, RequestKind.CHANGE, MORE).number


@pytest.mark.parametrize("kind", [RequestKind.SUSPEND, RequestKind.RESUME, RequestKind.TRANSFER, RequestKind.CREATE])
def test_items_are_only_changed_or_given_back(bench: Bench, kind: RequestKind) -> None:
    first = delivered(bench)
    with pytest.raises(RequestUnfit):
        on(bench, first, kind)


def test_a_request_of_an_environment_is_changed_by_its_environment(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    with pytest.raises(RequestUnfit):
        on(bench, request, RequestKind.TERMINATE)


def test_items_asked_with_an_environment_are_metered_from_its_delivery_to_its_end(bench: Bench) -> None:
    request = bench.approve(bench.ask(terms=Terms(items=(ITEM,))))
    assert on_register(bench) == []
    bench.deployed(request)
    assert on_register(bench) == [(f"items:{request.environment}/hosts", "general-2c4g", 4)]
    bench.deployed(request)  # heard twice
    assert len(on_register(bench)) == 1
    accept_request(bench.office, bench.token("hrss-1"), request.number)
    ending = bench.approve(bench.ask(kind=RequestKind.TERMINATE))
    bench.deployed(ending, terminated=True, instant="2026-03-20T02:00:00Z")
    assert on_register(bench) == []


def test_other_items_for_the_same_environment_are_delivered_by_the_operators_word(bench: Bench) -> None:
    request = bench.approve(bench.ask(terms=Terms(items=(ITEM,))))
    bench.deployed(request)
    accept_request(bench.office, bench.token("hrss-1"), request.number)
    bench.clock(MARCH + timedelta(days=5))
    change = bench.approve(bench.ask(kind=RequestKind.CHANGE, terms=Terms(items=(MORE,))))
    deliver(bench, change)
    assert on_register(bench) == [(f"items:{request.environment}/hosts", "general-2c4g", 6)]


def test_items_of_another_agency_do_not_exist(bench: Bench) -> None:
    first = delivered(bench)
    with pytest.raises(NotFound):
        on(bench, first, RequestKind.TERMINATE, account="housing-1")
