"""Promise 6: no person asks and approves, under any sequence of accounts, role changes and acts.

Who decided is looked at twice: when the word is given, and when it is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from billing.ledger.model import LedgerAccount
from billing.ledger.tables import balance
from billing.settlement import SettlementState
from billing.settlement import service as settling
from governance.authority import (
    RULES,
    Act,
    Decision,
    Refusal,
    acting,
    decision_table,
    machine_scope,
    standing_decision,
    viewing,
)
from governance.authority.policy import Actor, Deed, Thing, permit
from governance.errors import NotLoggedIn, Refused
from governance.parties import Duty, PartyKind, party_of
from governance.parties.tables import change_parties
from infra.deployments import NothingApproved, approve_plan
from tenants.errors import RequestDecided
from tenants.requests import RequestKind, approve_request
from tenants.requests.tables import request_table
from tests.billing.conftest import SETTLEMENT, shanghai
from tests.databases import drop_trigger
from tests.promises.city import SPECS, City, digest_of

CityAt = Callable[[str], City]
ENVIRONMENT = SPECS["hrss"].environment


def asked_and_approved(city: City, *, approver: str = "bureau-1") -> str:
    """A request of hrss, approved and planned; the plan's digest."""
    city.approve(city.ask("hrss"), approver)
    return city.plan(ENVIRONMENT).plan.digest


def replaced(city: City, digest: str) -> str:
    """The environment applied, then a change that replaces its machine, approved and planned: that plan's digest."""
    city.apply(ENVIRONMENT, digest)
    city.deliver()
    (machine,) = SPECS["hrss"].instances
    spec = replace(SPECS["hrss"], instances=(replace(machine, image="ami-2"),))
    city.approve(city.ask("hrss", kind=RequestKind.CHANGE, spec=spec), "bureau-1")
    return city.plan(ENVIRONMENT).plan.digest


# a request's approval, when the plan is applied


@pytest.mark.parametrize("party", ["operator", "hrss"])
def test_an_approver_who_has_come_to_the_other_side_no_longer_counts_when_it_is_built(
    city_at: CityAt, party: str
) -> None:
    city = city_at("issued")
    digest = asked_and_approved(city)
    city.join("bureau-1", party)
    with pytest.raises(Refused) as refused:
        city.apply(ENVIRONMENT, digest)
    assert refused.value.facts["rule"] == RULES[Act.REQUEST_APPROVE].id
    assert city.cloud.made == {}


def test_another_person_may_then_approve_anew_and_it_is_built(city_at: CityAt) -> None:
    city = city_at("issued")
    digest = asked_and_approved(city)
    with city.store.reading() as transaction:
        request = request_table.select(machine_scope()).where(request_table.c.environment == ENVIRONMENT)
        number = str(transaction.rows(request)[0]["number"])
    with pytest.raises(RequestDecided):
        _approve(city, number, "bureau-2")
    city.join("bureau-1", "operator")
    with pytest.raises(Refused):
        _approve(city, number, "bureau-1")
    assert _approve(city, number, "bureau-2")
    assert not _approve(city, number, "bureau-2")
    with pytest.raises(RequestDecided):
        _approve(city, number, "bureau-3")
    assert city.apply(ENVIRONMENT, digest)


def test_who_comes_to_an_uninvolved_agency_or_leaves_again_still_counts(city_at: CityAt) -> None:
    city = city_at("issued")
    digest = asked_and_approved(city)
    left = city.join("bureau-1", "operator")
    city.clock(shanghai(11, 9, month=4))
    city.leave(left)
    city.leave("bureau-1")
    assert city.apply(ENVIRONMENT, digest)


def test_a_membership_yet_to_begin_binds_from_its_first_instant(city_at: CityAt) -> None:
    city = city_at("issued")
    digest = asked_and_approved(city)
    begins = shanghai(12, 9, month=4)
    city.join("bureau-1", "operator", since=begins)
    city.clock(begins)
    with pytest.raises(Refused):
        city.apply(ENVIRONMENT, digest)


def test_a_row_that_says_approved_without_a_decision_builds_nothing(city_at: CityAt) -> None:
    city = city_at("issued")
    city.approve(city.ask("hrss"))
    with city.store.engine.begin() as connection:
        drop_trigger(connection, "decision", "delete")
        connection.execute(delete(decision_table).where(decision_table.c.act == Act.REQUEST_APPROVE.value))
    with pytest.raises(NothingApproved):
        city.plan(ENVIRONMENT)


# a plan's approval


def test_who_asked_may_not_approve_the_plan_after_changing_sides(city_at: CityAt) -> None:
    city = city_at("issued")
    digest = replaced(city, asked_and_approved(city))
    moved = city.join("hrss-1", "operator")
    with pytest.raises(Refused) as refused:
        approve_plan(city.deployer, city.token(moved), digest)
    assert refused.value.facts["rule"] == RULES[Act.PLAN_APPROVE].id
    approve_plan(city.deployer, city.token("operator-2"), digest)
    assert city.apply(ENVIRONMENT, digest)


def test_who_approved_the_request_may_neither_plan_nor_approve_nor_apply_after_changing_sides(
    city_at: CityAt,
) -> None:
    city = city_at("issued")
    digest = replaced(city, asked_and_approved(city))
    moved = city.join("bureau-1", "operator")
    city.leave("bureau-1")
    with pytest.raises(Refused):
        approve_plan(city.deployer, city.token(moved), digest)
    approve_plan(city.deployer, city.token("operator-2"), digest)
    with pytest.raises(Refused):
        city.apply(ENVIRONMENT, digest, moved)


def test_who_approved_a_plan_may_not_apply_it_through_another_account(city_at: CityAt) -> None:
    city = city_at("issued")
    digest = replaced(city, asked_and_approved(city))
    approve_plan(city.deployer, city.token("operator-2"), digest)
    again = city.join("operator-2", "operator", name="operator-2-again")
    with pytest.raises(Refused):
        city.apply(ENVIRONMENT, digest, again)


# the walk to payment


def walk(city: City, *acts: tuple[str, str]) -> None:
    """Settlement acts by account, in order."""
    with viewing(city.office, city.token("auditor-1")) as view:
        digest = settling.find_settlement(view, SETTLEMENT).digest
    for act, account in acts:
        getattr(settling, f"{act}_settlement")(city.office, city.token(account), SETTLEMENT, digest=digest)


WALK = (("accept", "bureau-1"), ("review", "finance-1"), ("approve", "finance-2"), ("pay", "finance-3"))


@pytest.mark.parametrize(
    ("done", "person", "party"),
    [
        (1, "bureau-1", "operator"),
        (2, "bureau-1", "operator"),
        (2, "finance-1", "operator"),
        (2, "finance-1", "bureau"),
        (3, "bureau-1", "operator"),
        (3, "finance-1", "operator"),
        (3, "finance-2", "bureau"),
        (3, "finance-2", "operator"),
    ],
)
def test_the_walk_stops_where_a_signature_has_fallen(city_at: CityAt, done: int, person: str, party: str) -> None:
    """Accepted, reviewed, approved: the next act looks again at whoever signed before."""
    city = city_at("confirmed")
    city.submit(city.draft().digest)
    walk(city, *WALK[:done])
    city.join(person, party)
    with pytest.raises(Refused):
        walk(city, WALK[done])
    with viewing(city.office, city.token("auditor-1")) as view:
        assert settling.find_settlement(view, SETTLEMENT).state is list(SettlementState)[done + 1]


def test_an_approved_settlement_whose_approval_fell_goes_back_and_is_paid_as_the_next_version(
    city_at: CityAt,
) -> None:
    city = city_at("confirmed")
    first = city.submit(city.draft().digest)
    walk(city, *WALK[:3])
    city.join("finance-2", "operator")
    with pytest.raises(Refused):
        walk(city, WALK[3])
    settling.return_settlement(
        city.office, city.token("finance-1"), SETTLEMENT, digest=first.digest, reason="批准人已调入运营中心"
    )
    second = city.submit(city.draft().digest)
    assert second.version == 2
    walk(city, ("accept", "bureau-1"), ("review", "finance-1"), ("approve", "finance-3"), ("pay", "finance-3"))
    with city.store.reading() as transaction:
        assert balance(transaction, machine_scope(), LedgerAccount.PAYABLE) == 0
        assert balance(transaction, machine_scope(), LedgerAccount.EXPENSE) == second.document["totals"]["gross"]
    assert city.verify_live().ok


def test_who_drafted_for_the_operator_pays_nothing_later(city_at: CityAt) -> None:
    """Also after leaving the operator for good: what was done stays done."""
    city = city_at("confirmed")
    city.draft("operator-2")
    city.submit(_digest(city), "operator-1")
    moved = city.join("operator-2", "finance")
    city.leave("operator-2", shanghai(9, month=4))
    walk(city, WALK[0])
    with pytest.raises(Refused) as refused:
        walk(city, ("review", moved))
    assert refused.value.facts["rule"] == "R28"


def _digest(city: City) -> str:
    with viewing(city.office, city.token("auditor-1")) as view:
        return settling.find_settlement(view, SETTLEMENT).digest


def _approve(city: City, number: str, account: str) -> bool:
    return approve_request(city.office, city.token(account), number, digest=digest_of(SPECS["hrss"]))[1]


# accounts in time


def test_an_account_acts_only_while_it_counts_as_a_membership(city_at: CityAt) -> None:
    """Otherwise somebody could act for the operator today and be none of its people when judged today."""
    city = city_at("issued")
    early = city.join("bureau-1", "operator", since=shanghai(12, month=4))
    ended = city.join("bureau-2", "operator")
    city.clock(shanghai(11, month=4))
    city.leave(ended)
    for account in (early, ended):
        with pytest.raises(NotLoggedIn), viewing(city.office, city.token(account)):
            pytest.fail("it may read")
        with pytest.raises(NotLoggedIn), acting(city.office, city.token(account), Act.PRICE_DRAFT, "x"):
            pytest.fail("it may act")
    city.clock(shanghai(12, month=4) + timedelta(seconds=1))
    with viewing(city.office, city.token(early)) as view:
        assert view.actor.kinds == {PartyKind.BUREAU, PartyKind.OPERATOR}


# the rules themselves


@pytest.mark.parametrize(
    ("first", "then"),
    [(act, other) for act in Act for other in sorted(RULES[act].apart_from)],
    ids=lambda act: act.value,
)
def test_two_acts_that_are_apart_are_so_in_either_order(first: Act, then: Act) -> None:
    for done, wanted in ((first, then), (then, first)):
        rule = RULES[wanted]
        (kind, *_) = rule.kinds
        actor = Actor("a", "p", "x", kind, frozenset(Duty), frozenset({"x"}), frozenset({kind}))
        refusal = permit(actor, wanted, Thing(deeds=(Deed(done, frozenset({"p"})),)))
        assert refusal is not None
        assert any(policy.endswith("-apart") for policy in refusal.policies)


JUDGING = (
    Act.CATALOGUE_PUBLISH,
    Act.PRICE_PUBLISH,
    Act.REQUEST_APPROVE,
    Act.REQUEST_REJECT,
    Act.ITEM_ACCEPT,
    Act.GRADE_DRAFT,
    Act.GRADE_PUBLISH,
    Act.STATEMENT_CONFIRM,
    Act.STATEMENT_DISPUTE,
    Act.SETTLEMENT_ACCEPT,
    Act.SETTLEMENT_REVIEW,
    Act.SETTLEMENT_RETURN,
    Act.SETTLEMENT_APPROVE,
    Act.SETTLEMENT_PAY,
)


@pytest.mark.parametrize("act", JUDGING)
def test_nobody_of_the_operator_judges_it(act: Act) -> None:
    assert PartyKind.OPERATOR in RULES[act].not_of
    assert PartyKind.OPERATOR not in RULES[act].kinds


# the memory of the rules


@pytest.mark.parametrize("statement", [delete(decision_table), update(decision_table).values(person="p-bureau-2")])
def test_a_decision_is_never_taken_back(city_at: CityAt, statement: object) -> None:
    city = city_at("confirmed")
    with pytest.raises(DBAPIError, match="append-only"), city.store.transaction() as transaction:
        transaction.write(statement)  # type: ignore[arg-type]


def test_of_two_decisions_the_one_that_holds_counts(city_at: CityAt) -> None:
    city = city_at("issued")
    with city.store.reading() as transaction:
        assert standing_decision(transaction, Act.REQUEST_APPROVE, "request:none", digest="", at=shanghai(1)) is None
    request = city.ask("hrss")
    city.approve(request)
    city.join("bureau-1", "hrss")
    city.approve(request, "bureau-2")
    city.join("bureau-2", "operator")
    with city.store.reading() as transaction:
        at = city.office.clocks.business(transaction)
        found = standing_decision(
            transaction, Act.REQUEST_APPROVE, request.subject, digest=request.spec_digest, at=at, owner="hrss"
        )
        before = standing_decision(
            transaction,
            Act.REQUEST_APPROVE,
            request.subject,
            digest=request.spec_digest,
            at=at - timedelta(days=1),
            owner="hrss",
        )
    assert isinstance(found, Refusal)
    assert not isinstance(before, Refusal)
    city.approve(request, "bureau-3")
    with city.store.reading() as transaction:
        found = standing_decision(
            transaction, Act.REQUEST_APPROVE, request.subject, digest=request.spec_digest, at=at, owner="hrss"
        )
    assert found is not None
    assert not isinstance(found, Refusal)
    assert found.person == "p-bureau-3"


def test_the_word_of_somebody_who_left_falls_when_the_asking_office_joins_their_body(city_at: CityAt) -> None:
    """Found by a walk of a million steps: who left is on no side any more, the body they spoke for still is."""
    city = city_at("issued")
    request = city.ask("hrss")
    city.approve(request)
    city.leave("bureau-1")

    def standing() -> object:
        with city.store.reading() as transaction:
            at = city.office.clocks.business(transaction) + timedelta(days=1)
            return standing_decision(
                transaction, Act.REQUEST_APPROVE, request.subject, digest=request.spec_digest, at=at, owner="hrss"
            )

    assert isinstance(standing(), Decision)
    with city.store.transaction() as transaction:
        change_parties(transaction, [replace(party_of(transaction, "hrss"), organisation="bureau")])
    assert isinstance(standing(), Refusal)
