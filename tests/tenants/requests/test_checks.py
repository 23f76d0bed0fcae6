"""The automatic checks: kept as evidence, weighed by the policy, never deciding what has no evidence."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from foundation.store import Transaction
from governance.authority import viewing
from governance.errors import Refused
from governance.projects import ProjectState, project_of
from governance.projects.tables import save_project
from tenants.requests import Request, RequestKind, RequestState, Ruling, approved_environment, evidence_of
from tenants.requests.policy import Weight
from tenants.requests.results import CheckResult, Verdict
from tests.tenants.requests.conftest import EVERY_CHECK_ADVISORY, GROWTH, SMALL, Bench


def found(bench: Bench, request: Request, account: str = "bureau-1") -> list[dict[str, CheckResult]]:
    with viewing(bench.office, bench.token(account)) as view:
        runs = evidence_of(view.transaction, view.scope, request.number).checks
    return [{result.check: result for result in run.results} for run in runs]


def stop_project(bench: Bench) -> None:
    def stop(transaction: Transaction) -> None:
        from governance.authority import machine_scope

        project = project_of(transaction, machine_scope(), "P-1")
        save_project(transaction, machine_scope(), project, replace(project, state=ProjectState.STOPPED, version=2))

    with bench.office.store.transaction() as transaction:
        stop(transaction)


def test_every_check_that_applies_is_kept_with_the_request(bench: Bench) -> None:
    request = bench.ask()
    (run,) = found(bench, request, "hrss-1")
    assert set(run) == {
        *("placement", "negative-list", "project", "contract-line", "quota", "addresses", "idle"),
    }
    assert run["project"].verdict is Verdict.PASSED
    assert run["placement"].verdict is Verdict.PASSED
    assert run["addresses"].verdict is Verdict.PASSED
    assert {run[name].verdict for name in ("negative-list", "contract-line", "quota", "idle")} == {Verdict.NO_EVIDENCE}
    assert all(result.zh and result.en for result in run.values())


def test_checks_run_again_at_the_decision(bench: Bench) -> None:
    bench.publish()
    request = bench.ask()
    stop_project(bench)
    with pytest.raises(Refused):
        bench.approve(request)
    ruling = Ruling(overruled={"project": "已另文延期"})
    assert bench.approve(request, ruling=ruling).state is RequestState.APPROVED
    before, now = found(bench, request)
    assert (before["project"].verdict, now["project"].verdict) == (Verdict.PASSED, Verdict.FAILED)


def test_a_failed_check_is_overruled_by_name_with_a_reason_or_not_at_all(bench: Bench) -> None:
    bench.publish()
    request = bench.ask()
    stop_project(bench)
    for overruled in ({}, {"idle": "no"}, {"project": ""}):
        with pytest.raises(Refused) as refusal:
            bench.approve(request, ruling=Ruling(overruled=overruled))
        assert refusal.value.facts["rule"] == "T08"
    bench.approve(request, ruling=Ruling(overruled={"project": "已另文延期"}))
    with viewing(bench.office, bench.token("hrss-1")) as view:
        (step,) = evidence_of(view.transaction, view.scope, request.number).steps
    assert dict(step.overruled) == {"project": "已另文延期"}


def test_a_blocking_check_is_never_overruled(bench: Bench) -> None:
    bench.publish(checks={**EVERY_CHECK_ADVISORY, "project": Weight.BLOCKING})
    request = bench.ask()
    stop_project(bench)
    with pytest.raises(Refused) as refusal:
        bench.approve(request, ruling=Ruling(overruled={"project": "已另文延期"}))
    assert refusal.value.facts["rule"] == "T07"


def test_no_evidence_never_passes_by_itself(bench: Bench) -> None:
    bench.publish(delegated=10**9, automatic=(SMALL,))
    request = bench.ask()
    assert request.state is RequestState.REQUESTED
    assert bench.approve(request).state is RequestState.APPROVED


@pytest.fixture
def evident(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Every check has its evidence: a list, a quota and a contract would be many lines; their verdicts are enough."""
    from tenants.requests import assembling, checking

    def passing(name: str) -> CheckResult:
        return CheckResult(name, Verdict.PASSED, "通过", "passed")

    monkeypatch.setattr(checking, "negative_list", lambda *_: passing("negative-list"))
    monkeypatch.setattr(assembling, "check_line", lambda *_: (passing("contract-line"), ""))
    monkeypatch.setattr(assembling, "check_quota", lambda *_: passing("quota"))
    bench.measured.idle_holdings = ()
    return bench


def test_the_machine_approves_where_a_published_rule_says_so_and_every_check_passed(evident: Bench) -> None:
    evident.publish(delegated=20_000, automatic=(SMALL,))
    request = evident.ask()
    assert request.state is RequestState.APPROVED
    with viewing(evident.office, evident.token("hrss-1")) as view:
        (step,) = evidence_of(view.transaction, view.scope, request.number).steps
        standing = approved_environment(view.transaction, request.environment)
    assert (step.outcome, step.rule, step.person, step.note) == ("by-rule", "RP-1/small", "", "市政数〔2026〕3号")
    assert standing is not None
    assert standing.spec == request.spec
    assert "request.approved-by-rule" in evident.events()


@pytest.mark.parametrize("reason", ["idle", "amount", "delegated", "kind", "urgent"])
def test_the_machine_leaves_everything_else_to_a_person(evident: Bench, reason: str) -> None:
    from datetime import timedelta

    from tenants.requests import Terms
    from tests.tenants.requests.conftest import MARCH

    rule = replace(SMALL, at_most=9_999) if reason == "amount" else SMALL
    rule = replace(rule, kinds=frozenset({RequestKind.RESUME})) if reason == "kind" else rule
    evident.publish(delegated=9_999 if reason == "delegated" else 20_000, automatic=(rule,))
    evident.measured.idle_holdings = ("hrss-old/instance/web",) if reason == "idle" else ()
    terms = Terms(urgent="台风应急", until=MARCH + timedelta(days=20)) if reason == "urgent" else Terms()
    assert evident.ask(terms=terms).state is RequestState.REQUESTED


def test_a_row_that_says_by_rule_without_its_step_is_no_approval(evident: Bench) -> None:
    from governance.authority import machine_scope
    from tenants.requests.tables import request_table

    request = evident.ask()
    with evident.office.store.transaction() as transaction:
        changed = request_table.update(machine_scope()).where(request_table.c.number == request.number)
        transaction.write(changed.values(state="approved", decided=request.requested, decided_digest=request.digest))
    with evident.office.store.reading() as transaction:
        assert approved_environment(transaction, request.environment) is None


# growth


@pytest.fixture
def grown(evident: Bench) -> Bench:
    """An environment of one machine is approved; growth is decided by a rule."""
    evident.publish(growth=GROWTH)
    two = replace(evident.spec, instances=(*evident.spec.instances, named(evident, "web-2")))
    evident.spec = two
    evident.approve(evident.ask())
    return evident


def named(bench: Bench, name: str) -> object:
    machine = bench.spec.instances[0]
    return replace(machine, name=name, volumes=tuple(replace(each, name=f"{name}-data") for each in machine.volumes))


def bigger(bench: Bench, more: int) -> Request:
    machines = [named(bench, f"more-{n}") for n in range(more)]
    spec = replace(bench.spec, instances=(*bench.spec.instances, *machines))
    return bench.ask(kind=RequestKind.CHANGE, spec=spec)


def test_growth_within_the_rule_on_measured_use_is_approved_by_it(grown: Bench) -> None:
    grown.measured.share = Decimal("0.35")
    request = bigger(grown, 1)
    assert request.state is RequestState.APPROVED
    (run,) = found(grown, request)
    assert run["growth"].verdict is Verdict.PASSED
    assert run["growth"].cites == ("growth-50", "usage-root:1")


@pytest.mark.parametrize(
    ("share", "more", "verdict"),
    [
        (None, 1, Verdict.NO_EVIDENCE),
        (Decimal("0.3499"), 1, Verdict.FAILED),
        (Decimal("0.9"), 2, Verdict.FAILED),
    ],
)
def test_growth_without_evidence_or_beyond_the_rule_goes_to_a_person(
    grown: Bench, share: Decimal | None, more: int, verdict: Verdict
) -> None:
    grown.measured.share = share
    request = bigger(grown, more)
    assert request.state is RequestState.REQUESTED
    (run,) = found(grown, request)
    assert run["growth"].verdict is verdict


def test_what_does_not_grow_needs_no_evidence_of_use(grown: Bench) -> None:
    request = grown.ask(kind=RequestKind.CHANGE, spec=replace(grown.spec, instances=grown.spec.instances[:1]))
    (run,) = found(grown, request)
    assert "growth" not in run


def test_an_entry_of_the_negative_list_is_cited(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from governance.lists import ListEntry, ListKind, Matches
    from tenants.requests import checking
    from tests.tenants.requests.conftest import MARCH

    def entry(number: int, matches: Matches) -> ListEntry:
        words = ("互联网区不得部署人事系统", "no personnel system in the internet zone")
        named = ("负面清单", "Negative list", "市政数〔2026〕9号", "bureau", *words)
        return ListEntry("NL-1", number, ListKind.NEGATIVE, *named, matches, MARCH, None)

    entries = [
        entry(1, Matches(zones=frozenset({"internet"}))),
        entry(2, Matches(plans=frozenset({"general-2c4g"}), agencies=frozenset({"hrss"}))),
    ]
    monkeypatch.setattr(checking, "entries_in_force", lambda *_: entries)
    (run,) = found(bench, bench.ask())
    assert run["negative-list"].verdict is Verdict.FAILED
    assert run["negative-list"].cites == ("list-entry:NL-1/2",)
    assert "市政数〔2026〕9号" in run["negative-list"].zh
