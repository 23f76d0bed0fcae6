"""A decision is a copy of the request: as requested, or changed downwards, with a reason. What it holds and frees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from governance.authority import machine_scope, viewing
from governance.contracts import line_use, obligations
from governance.environments import InstanceSpec, VolumeSpec, spec_document
from governance.errors import Refused
from governance.projects import AccountCoding, CodingLine, FundSource, draft_coding, project_of, sign_coding
from governance.projects.errors import CodingUnsigned
from governance.projects.tables import save_project
from tenants.environments import find_environment
from tenants.environments.service import spec_digest
from tenants.errors import InvalidRequest, RequestDecided
from tenants.quotas.tables import open_uses
from tenants.requests import (
    Content,
    Request,
    RequestKind,
    RequestState,
    Ruling,
    Terms,
    approved_environment,
    evidence_of,
    reject_request,
    request_items,
    request_on,
    withdraw_request,
)
from tenants.requests.content import ServiceItem
from tenants.requests.policy import Weight
from tenants.requests.results import Verdict
from tests.tenants.requests.conftest import EVERY_CHECK_ADVISORY, MARCH, Bench


def machine(name: str, plan: str = "general-2c4g", size: int = 100) -> InstanceSpec:
    return InstanceSpec(name, plan, "c5.large", "ami-1", "front", (VolumeSpec(f"{name}-data", size),))


@pytest.fixture
def wide(bench: Bench) -> Bench:
    """Two machines are asked for."""
    bench.spec = replace(bench.spec, instances=(machine("web-1"), machine("web-2")))
    return bench


def fewer(bench: Bench) -> Content:
    return Content((replace(bench.spec, instances=(machine("web-1", size=50),)),))


def test_what_is_built_is_what_was_decided(wide: Bench) -> None:
    request = wide.ask()
    decided = wide.approve(request, ruling=Ruling(decided=fewer(wide), because="两台过多"))
    assert decided.requested == spec_document(wide.spec)
    assert decided.decided == spec_document(fewer(wide).specs[0])
    assert (decided.estimate.monthly, decided.monthly) == (20_000, 10_000)
    assert [(each.item, each.changed, each.because) for each in decided.differences] == [
        ("environment:hrss-portal", True, "两台过多")
    ]
    with wide.office.store.reading() as transaction:
        standing = approved_environment(transaction, wide.spec.environment)
    assert standing is not None
    assert (standing.spec, standing.monthly) == (fewer(wide).specs[0], 10_000)
    assert standing.spec_digest == spec_digest(fewer(wide).specs[0]) != request.spec_digest


def test_the_environment_holds_the_decided_spec(wide: Bench) -> None:
    wide.approve(wide.ask(), ruling=Ruling(decided=fewer(wide), because="两台过多"))
    with viewing(wide.office, wide.token("hrss-1")) as view:
        assert find_environment(view.transaction, view.scope, wide.spec.environment).spec == fewer(wide).specs[0]


@pytest.mark.parametrize(
    ("instances", "because"),
    [
        ((machine("web-1"),), ""),
        ((machine("web-1"), machine("web-2"), machine("web-3")), "再加一台"),
        ((machine("web-1", size=101), machine("web-2")), "磁盘加大"),
        ((machine("other-1"),), "换一台"),
    ],
)
def test_a_change_upwards_or_without_a_reason_is_none(
    wide: Bench, instances: tuple[InstanceSpec, ...], because: str
) -> None:
    request = wide.ask()
    changed = Content((replace(wide.spec, instances=instances),))
    with pytest.raises(InvalidRequest):
        wide.approve(request, ruling=Ruling(decided=changed, because=because))
    assert wide.now(request) == request


def test_a_change_that_costs_more_is_none(wide: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tenants.conftest import FlatEstimator

    request = wide.ask()
    monkeypatch.setattr(FlatEstimator, "__call__", lambda self, transaction, spec, at: (20_001, []))
    with pytest.raises(InvalidRequest) as refusal:
        wide.approve(request, ruling=Ruling(decided=fewer(wide), because="换规格"))
    assert refusal.value.facts["first_en"] == "the change costs more than what was asked"


def test_an_edited_decided_snapshot_is_no_approval(wide: Bench) -> None:
    from governance.authority import machine_scope
    from tenants.requests.tables import request_table

    request = wide.approve(wide.ask(), ruling=Ruling(decided=fewer(wide), because="两台过多"))
    with wide.office.store.transaction() as transaction:
        changed = request_table.update(machine_scope()).where(request_table.c.number == request.number)
        transaction.write(changed.values(decided=request.requested))
    with wide.office.store.reading() as transaction:
        assert approved_environment(transaction, wide.spec.environment) is None


# quota and contract line


@pytest.fixture
def limited(wide: Bench, publish_quota: Callable[..., None]) -> Bench:
    """Three machines for the agency."""
    publish_quota({"agency": "hrss", "limits": {"count.instance": 3}})
    wide.publish()
    return wide


def held(bench: Bench) -> dict[tuple[str, str], int]:
    with viewing(bench.office, bench.token("bureau-1")) as view:
        uses = open_uses(view.transaction, view.scope, "hrss")
    return {(use.subject, use.state.value): use.units // 10**6 for use in uses if use.dimension == "count.instance"}


def test_an_open_request_reserves_and_an_approved_one_holds(limited: Bench) -> None:
    request = limited.ask()
    assert held(limited) == {(request.subject, "reserved"): 2}
    limited.approve(request)
    assert held(limited) == {(request.subject, "held"): 2}


def test_a_smaller_decision_holds_less(limited: Bench) -> None:
    request = limited.approve(limited.ask(), ruling=Ruling(decided=fewer(limited), because="两台过多"))
    assert held(limited) == {(request.subject, "held"): 1}


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_what_comes_to_nothing_is_free_again(limited: Bench, end: str) -> None:
    request = limited.ask()
    if end == "reject":
        token = limited.token("bureau-1")
        reject_request(limited.office, token, request.number, digest=request.digest, reason="重复建设")
    else:
        withdrawn, new = withdraw_request(limited.office, limited.token("hrss-1"), request.number)
        assert (withdrawn.state, new) == (RequestState.WITHDRAWN, True)
        assert withdraw_request(limited.office, limited.token("hrss-1"), request.number) == (withdrawn, False)
    assert held(limited) == {}
    assert limited.ask(number="REQ-X").state is RequestState.REQUESTED


def test_beyond_the_quota_the_check_fails_and_nobody_overrules_it(limited: Bench) -> None:
    limited.spec = replace(limited.spec, instances=tuple(machine(f"web-{n}") for n in range(4)))
    request = limited.ask()
    assert held(limited) == {}
    with viewing(limited.office, limited.token("hrss-1")) as view:
        (run,) = evidence_of(view.transaction, view.scope, request.number).checks
    (quota,) = [result for result in run.results if result.check == "quota"]
    assert quota.verdict is Verdict.FAILED
    assert quota.cites == ("quota:count.instance|agency=hrss",)
    with pytest.raises(Refused):
        limited.approve(request, ruling=Ruling(overruled={"quota": "急"}))
    smaller = Content((replace(limited.spec, instances=limited.spec.instances[:3]),))
    limited.approve(request, ruling=Ruling(decided=smaller, because="按配额"))
    assert held(limited) == {(request.subject, "held"): 3}


def test_a_change_takes_the_place_of_what_stood(limited: Bench) -> None:
    first = limited.approve(limited.ask())
    three = replace(limited.spec, instances=(*limited.spec.instances, machine("web-3")))
    change = limited.ask(kind=RequestKind.CHANGE, spec=three)
    assert held(limited)[change.subject, "reserved"] == 3
    limited.approve(change)
    assert held(limited) == {(change.subject, "held"): 3}
    assert limited.now(first).state is RequestState.ENDED


@pytest.fixture
def bought(wide: Bench) -> Bench:
    """One contract in force, without lines: its ceiling holds 30 machine-months of the estimate's hundred yuan."""
    from foundation.values.instant import Interval
    from foundation.values.month import Month
    from governance.contracts import Contract, GradeStep, SettlementScheme
    from governance.contracts.tables import add_contract

    scheme = SettlementScheme("s", (GradeStep(0, Decimal(1)),), (), Decimal("0.001"), Decimal(0), 10)
    term = Interval(Month(2026, 1).interval.start, Month(2027, 1).interval.start)
    contract = Contract("C-1", "市政数合〔2026〕1号", "bureau", "operator", "finance", term, 30 * 10_000, scheme)
    with wide.office.store.transaction() as transaction:
        add_contract(transaction, contract)
    wide.publish()
    return wide


def obligated(bench: Bench) -> int:
    with bench.office.store.reading() as transaction:
        return line_use(transaction, "C-1.0").obligated


def test_the_contract_line_is_obligated_to_the_end_of_its_term(bought: Bench) -> None:
    request = bought.ask()
    assert request.line == "C-1.0"
    assert obligated(bought) == 2 * 10_000 * 10  # March to December
    bought.approve(request, ruling=Ruling(decided=fewer(bought), because="两台过多"))
    assert obligated(bought) == 10_000 * 10
    with bought.office.store.reading() as transaction:
        (standing,) = [one for one in obligations(transaction, line="C-1.0") if one.open]
    assert standing.subject == request.subject


def test_without_room_in_the_contract_the_check_fails(bought: Bench) -> None:
    bought.spec = replace(bought.spec, instances=tuple(machine(f"web-{n}") for n in range(4)))
    request = bought.ask()
    with viewing(bought.office, bought.token("hrss-1")) as view:
        (run,) = evidence_of(view.transaction, view.scope, request.number).checks
    (line,) = [result for result in run.results if result.check == "contract-line"]
    assert line.verdict is Verdict.FAILED
    assert obligated(bought) == 0


def test_money_is_promised_on_a_signed_account_coding_once_the_project_has_one(bought: Bench) -> None:
    with bought.office.store.transaction() as transaction:
        project = project_of(transaction, machine_scope(), "P-1")
        funded = replace(project, funds=(FundSource("本级财政", Decimal(1), "city"),), version=2)
        save_project(transaction, machine_scope(), project, funded)
    lines = (CodingLine("本级财政", "01", "30213"),)
    coding = AccountCoding("P-1", "2026-001", "finance", "finance-1", lines)
    drafted = draft_coding(bought.office, bought.token("hrss-1"), coding)
    bought.publish(id="RP-2", checks={**EVERY_CHECK_ADVISORY, "coding": Weight.ADVISORY})
    request = bought.ask()
    with viewing(bought.office, bought.token("hrss-1")) as view:
        (run,) = evidence_of(view.transaction, view.scope, request.number).checks
    assert {one.check: one.verdict for one in run.results}["coding"] is Verdict.FAILED
    with pytest.raises(CodingUnsigned, match="waits for the signature"):
        bought.approve(request, ruling=Ruling(overruled={"coding": "先行批准"}))
    sign_coding(bought.office, bought.token("finance-1"), "P-1", digest=drafted.digest)
    assert bought.approve(request).state is RequestState.APPROVED


def test_a_change_obligates_its_growth_and_then_the_whole(bought: Bench) -> None:
    bought.approve(bought.ask())
    three = replace(bought.spec, instances=(*bought.spec.instances, machine("web-3")))
    change = bought.ask(kind=RequestKind.CHANGE, spec=three)
    assert obligated(bought) == 3 * 10_000 * 10
    bought.approve(change)
    assert obligated(bought) == 3 * 10_000 * 10


def test_a_grant_with_an_end_obligates_to_its_end(bought: Bench) -> None:
    from foundation.values.month import Month

    bought.ask(terms=Terms(until=Month(2026, 6).interval.start))
    assert obligated(bought) == 2 * 10_000 * 3


def test_an_ended_environment_gives_everything_back(bought: Bench) -> None:
    request = bought.approve(bought.ask())
    bought.deployed(request)
    ending, _ = request_on(
        bought.office, bought.token("hrss-1"), request.environment, RequestKind.TERMINATE, estimator=bought.desk
    )
    bought.approve(ending)
    assert obligated(bought) == 2 * 10_000 * 10
    bought.deployed(ending, terminated=True, instant="2026-03-09T00:00:00Z")
    assert obligated(bought) == 0
    assert {bought.now(one).state for one in (request, ending)} == {RequestState.ENDED}


# service items, needs and terms


def item(**changed: Any) -> ServiceItem:
    return replace(ServiceItem("hosts", "cloud-host", "general-2c4g", 2), **changed)


def test_service_items_alone_are_a_request_under_a_project(bench: Bench) -> None:
    token = bench.token("hrss-1")
    terms = Terms(items=(item(),))
    request, new = request_items(bench.office, token, project="P-1", terms=terms, estimator=bench.desk)
    assert new
    assert (request.environment, request.project, request.content.items) == ("", "P-1", (item(),))
    assert request_items(bench.office, token, project="P-1", terms=terms, estimator=bench.desk) == (request, False)
    assert bench.approve(request).state is RequestState.APPROVED


def test_an_item_nobody_prices_goes_to_a_person(bench: Bench) -> None:
    request = bench.ask(terms=Terms(items=(item(),)))
    with viewing(bench.office, bench.token("hrss-1")) as view:
        (run,) = evidence_of(view.transaction, view.scope, request.number).checks
    assert [result.verdict for result in run.results if result.check == "price"] == [Verdict.NO_EVIDENCE]


@pytest.mark.parametrize("changed", [{"service": "teleport"}, {"plan": "huge"}, {"answers": {"colour": "red"}}])
def test_an_item_that_is_not_on_offer_or_answers_what_was_not_asked_is_a_finding(
    bench: Bench, changed: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest):
        bench.ask(terms=Terms(items=(item(**changed),)))


def test_the_urgent_path_is_granted_for_a_time_only(bench: Bench) -> None:
    from datetime import timedelta

    for until in (None, MARCH + timedelta(days=31)):
        with pytest.raises(InvalidRequest):
            bench.ask(terms=Terms(urgent="台风应急", until=until))
    request = bench.ask(terms=Terms(urgent="台风应急", until=MARCH + timedelta(days=20)))
    assert request.urgent


def test_what_is_decided_cannot_be_withdrawn(bench: Bench) -> None:
    request = bench.approve(bench.ask())
    with pytest.raises(RequestDecided):
        withdraw_request(bench.office, bench.token("hrss-1"), request.number)


def test_nobody_else_withdraws(bench: Bench) -> None:
    from governance.errors import NotFound

    request = bench.ask()
    with pytest.raises(NotFound):
        withdraw_request(bench.office, bench.token("housing-1"), request.number)
    with pytest.raises(Refused):
        withdraw_request(bench.office, bench.token("bureau-1"), request.number)
    assert isinstance(bench.now(request), Request)
