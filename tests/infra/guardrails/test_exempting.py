"""Exemptions: who may ask, who decides, what they bind to, when they end, and that they let a blocked plan through."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from foundation.store import StoreError, Transaction
from foundation.values.errors import InvalidValue
from governance import audit, installation
from governance.authority import Office, machine_scope, viewing
from governance.errors import NotFound, Refused
from governance.tasks import inbox
from infra.deployments import Deployer, apply_plan, approve_plan, plan_environment
from infra.engine.model import PlanSummary
from infra.guardrails import (
    Exemption,
    ExemptionState,
    ExemptionUnfit,
    ExemptionWish,
    Guardrails,
    NoSuchRule,
    NotExemptible,
    TableRecords,
    approve_exemption,
    ask_exemption,
    list_exemptions,
    reject_exemption,
    revoke_exemption,
)
from infra.guardrails.tables import insert_exemption, judgements_of
from tests.conftest import MARCH
from tests.infra.deployments.conftest import SPEC, World, make_world
from tests.infra.guardrails.conftest import step

ENVIRONMENT = SPEC.environment
WISH = ExemptionWish("GR-S3-001", "Bucket/public", "门户静态页面", MARCH + timedelta(days=30))


def agency_of(transaction: Transaction, environment: str) -> str | None:
    return {ENVIRONMENT: "hrss"}.get(environment)


def ask(
    office: Office, token: str, wish: ExemptionWish = WISH, environment: str = ENVIRONMENT
) -> tuple[Exemption, bool]:
    return ask_exemption(office, token, environment, wish, agency_of=agency_of)


def events(office: Office) -> list[str]:
    with office.store.reading() as transaction:
        return [entry.event for entry in audit.entries(transaction)]


def later(office: Office, by: timedelta) -> None:
    with office.store.transaction() as transaction:
        installation.set_business_clock(transaction, office.clocks.business(transaction) + by, office.clocks.real)


@pytest.mark.parametrize("asker", ["hrss-1", "operator-1"])
def test_agency_or_operator_asks_and_the_bureau_decides(office: Office, people: dict[str, str], asker: str) -> None:
    asked, new = ask(office, people[asker])
    assert (new, asked.state, asked.agency) == (True, ExemptionState.ASKED, "hrss")
    assert ask(office, people[asker]) == (asked, False)
    approved, new = approve_exemption(office, people["bureau-1"], asked.id, digest=asked.digest)
    assert (new, approved.state, approved.holds(MARCH + timedelta(days=1))) == (True, ExemptionState.APPROVED, True)
    assert not approve_exemption(office, people["bureau-2"], asked.id, digest=asked.digest)[1]
    assert events(office) == ["exemption.asked", "exemption.approved"]


def test_it_waits_in_the_inbox_of_whoever_decides_until_it_is_decided(office: Office, people: dict[str, str]) -> None:
    asked, _ = ask(office, people["hrss-1"])
    with viewing(office, people["bureau-1"]) as view:
        (task,) = inbox(view)
    assert (task.kind, task.subject, task.party) == ("exemption.approve", asked.subject, "bureau")
    reject_exemption(office, people["bureau-1"], asked.id, digest=asked.digest, because="请改用负载均衡")
    with viewing(office, people["bureau-1"]) as view:
        assert list(inbox(view)) == []


@pytest.mark.parametrize("account", ["operator-2", "hrss-2", "housing-1", "finance-1", "auditor-1"])
def test_nobody_but_the_bureau_decides(office: Office, people: dict[str, str], account: str) -> None:
    asked, _ = ask(office, people["operator-1"])
    for decide in (
        lambda: approve_exemption(office, people[account], asked.id, digest=asked.digest),
        lambda: reject_exemption(office, people[account], asked.id, digest=asked.digest, because="no"),
        lambda: revoke_exemption(office, people[account], asked.id, digest=asked.digest, because="no"),
    ):
        with pytest.raises(Refused):
            decide()


def test_the_bureau_does_not_ask(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(Refused):
        ask(office, people["bureau-1"])


def test_another_agency_neither_asks_nor_sees(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        ask(office, people["housing-1"])
    asked, _ = ask(office, people["hrss-1"])
    for account, seen in (("hrss-1", (asked,)), ("housing-1", ()), ("bureau-1", (asked,))):
        with viewing(office, people[account]) as view:
            assert list_exemptions(view, environment=ENVIRONMENT) == seen


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"rule": "GR-S3-099"}, NoSuchRule),
        ({"rule": "GR-DATA-001"}, NotExemptible),
        ({"until": MARCH}, ExemptionUnfit),
        ({"until": MARCH + timedelta(days=181)}, ExemptionUnfit),
        ({"resource": "the bucket"}, InvalidValue),
        ({"reason": "  "}, InvalidValue),
        ({"reason": "长" * 501}, InvalidValue),
    ],
)
def test_an_unfit_wish_is_refused(
    office: Office, people: dict[str, str], changed: dict[str, object], refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        ask(office, people["hrss-1"], replace(WISH, **changed))  # type: ignore[arg-type]


def test_an_environment_that_is_not_there_has_no_exemption(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        ask(office, people["operator-1"], environment="nowhere")


def test_a_decision_binds_to_what_was_read(office: Office, people: dict[str, str]) -> None:
    asked, _ = ask(office, people["hrss-1"])
    with pytest.raises(Refused) as refusal:
        approve_exemption(office, people["bureau-1"], asked.id, digest="0" * 64)
    assert refusal.value.facts["rule"] == "D02"
    with pytest.raises(NotFound):
        approve_exemption(office, people["bureau-1"], "exemption-0", digest=asked.digest)


def test_what_was_rejected_is_not_approved_and_what_is_over_is_not_either(
    office: Office, people: dict[str, str]
) -> None:
    asked, _ = ask(office, people["hrss-1"])
    rejected, _ = reject_exemption(office, people["bureau-1"], asked.id, digest=asked.digest, because="另行发布")
    assert (rejected.state, rejected.note) == (ExemptionState.REJECTED, "另行发布")
    with pytest.raises(ExemptionUnfit):
        approve_exemption(office, people["bureau-2"], asked.id, digest=asked.digest)
    again, new = ask(office, people["hrss-1"])
    assert new
    later(office, timedelta(days=31))
    with pytest.raises(ExemptionUnfit):
        approve_exemption(office, people["bureau-1"], again.id, digest=again.digest)


def test_a_row_that_says_approved_without_a_decision_lets_nothing_pass(office: Office, people: dict[str, str]) -> None:
    forged = Exemption(
        id="exemption-x",
        agency="hrss",
        environment=ENVIRONMENT,
        rule=WISH.rule,
        resource=WISH.resource,
        reason="-",
        until=WISH.until,
        state=ExemptionState.APPROVED,
        asked_by="person-hrss-1",
        asked_at=MARCH,
        since=MARCH,
    )
    with office.store.transaction() as transaction:
        insert_exemption(transaction, forged, office.clocks.real())
    with office.store.reading() as transaction:
        assert forged.holds(MARCH + timedelta(days=1))
        assert TableRecords().standing(transaction, ENVIRONMENT, MARCH + timedelta(days=1)) == ()


def test_the_database_itself_refuses_one_person_asking_and_deciding(office: Office, people: dict[str, str]) -> None:
    from infra.guardrails.tables import decide_exemption

    asked, _ = ask(office, people["hrss-1"])
    own = replace(asked, state=ExemptionState.APPROVED, since=MARCH, decided_by=asked.asked_by)
    with pytest.raises((IntegrityError, StoreError)), office.store.transaction() as transaction:
        decide_exemption(transaction, machine_scope(), own)


# A plan that is blocked, then exempted, then not any more.


def guarded(office: Office, people: dict[str, str]) -> World:
    """A world whose plans also make a public bucket, with the guardrails' own tables bound."""
    world = make_world(office, people)
    preview = world.engine._plan

    def with_bucket(spec: object) -> PlanSummary:
        found = preview(spec)  # type: ignore[arg-type]
        return replace(found, steps=(*found.steps, step("Bucket", "public", block_public_access=False, policy=None)))

    world.engine._plan = with_bucket  # type: ignore[method-assign, assignment]
    world.deployer = _with_records(world.deployer)
    return world


def _with_records(deployer: Deployer) -> Deployer:
    return replace(deployer, guardrails=Guardrails(records=TableRecords()))


def exempt(world: World, rule: str, until: datetime = WISH.until) -> Exemption:
    asked, _ = ask(world.office, world.tokens["hrss-1"], replace(WISH, rule=rule, until=until))
    return approve_exemption(world.office, world.tokens["bureau-1"], asked.id, digest=asked.digest)[0]


def test_a_blocked_plan_is_recorded_and_neither_approved_nor_applied(office: Office, people: dict[str, str]) -> None:
    world = guarded(office, people)
    world.approve()
    planned = plan_environment(world.deployer, people["operator-1"], ENVIRONMENT)
    assert planned.judgement is not None
    assert [reason.code for reason in planned.coverage.forbidden] == ["guardrail", "guardrail"]
    assert {one.rule for one in planned.judgement.blocking} == {"GR-S3-001", "GR-TLS-001"}
    for attempt in (
        lambda: approve_plan(world.deployer, people["operator-2"], planned.plan.digest),
        lambda: apply_plan(world.deployer, people["operator-1"], ENVIRONMENT, planned.plan.digest),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.facts["rule"] == "I04"
        assert "GR-S3-001" in str(refusal.value.facts["because_en"])
    assert "apply" not in world.engine.calls
    with office.store.reading() as transaction:
        [(kept, _)] = judgements_of(transaction, machine_scope(), planned.plan.id)
    assert kept == planned.judgement


def test_an_exempted_plan_is_applied_and_both_judgements_stay(office: Office, people: dict[str, str]) -> None:
    world = guarded(office, people)
    world.approve()
    planned = plan_environment(world.deployer, people["operator-1"], ENVIRONMENT)
    ids = {exempt(world, rule).id for rule in ("GR-S3-001", "GR-TLS-001")}
    assert apply_plan(world.deployer, people["operator-1"], ENVIRONMENT, planned.plan.digest).new
    with office.store.reading() as transaction:
        kept = judgements_of(transaction, machine_scope(), planned.plan.id)
    assert [len(judgement.blocking) for judgement, _ in kept] == [0, 2]
    assert {one.exemption for one in kept[0][0].exempted} == ids


@pytest.mark.parametrize("ended", ["by its date", "by the bureau"])
def test_an_exemption_that_ended_between_plan_and_apply_lets_nothing_pass(
    office: Office, people: dict[str, str], ended: str
) -> None:
    world = guarded(office, people)
    world.approve()
    exempt(world, "GR-TLS-001", MARCH + timedelta(days=90))
    short = exempt(world, "GR-S3-001")
    planned = plan_environment(world.deployer, people["operator-1"], ENVIRONMENT)
    assert planned.coverage.covered
    if ended == "by its date":
        later(office, timedelta(days=31))
    else:
        revoke_exemption(office, people["bureau-2"], short.id, digest=short.digest, because="不再需要")
    with pytest.raises(Refused, match="GR-S3-001"):
        apply_plan(world.deployer, people["operator-1"], ENVIRONMENT, planned.plan.digest)
