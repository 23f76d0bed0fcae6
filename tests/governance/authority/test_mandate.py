"""Nobody asks and approves: by person, by organisation, through any account."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.store import Scope
from governance import audit
from governance.authority import RULES, Act, Actor, Office, acting, viewing
from governance.authority.policy import Deed, Thing, forbid, permit, scope_of
from governance.errors import NotLoggedIn, Refused
from governance.parties import Account, Duty, PartyKind, add_account
from tests.duties import ORDINARY


def _audit(office: Office) -> list[audit.Entry]:
    with office.store.reading() as transaction:
        return list(audit.entries(transaction))


def _second_account(office: Office, name: str, person: str, party: str) -> str:
    from datetime import UTC, datetime

    from tests.logins import leave_session

    with office.store.transaction() as transaction:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        add_account(transaction, Account(name, person, party, ORDINARY, since, None), "$unused")
        return leave_session(transaction, name, name)


def test_an_agency_cannot_approve_its_own_request(office: Office, people: dict[str, str]) -> None:
    with (
        pytest.raises(Refused, match="R09"),
        acting(office, people["hrss-1"], Act.REQUEST_APPROVE, "request:1"),
    ):
        pytest.fail("the body ran")
    assert [(entry.event, entry.subject, entry.facts["rule"]) for entry in _audit(office)] == [
        ("act.refused", "request:1", "R09")
    ]


def test_the_same_person_through_a_second_account_is_refused(office: Office, people: dict[str, str]) -> None:
    second = _second_account(office, "hrss-1-at-bureau", "person-hrss-1", "bureau")
    with acting(office, people["hrss-1"], Act.REQUEST_CREATE, "request:1") as mandate:
        assert mandate.decide("request:1", owner="hrss")
    with (
        pytest.raises(Refused) as caught,
        acting(office, second, Act.REQUEST_APPROVE, "request:1") as mandate,
    ):
        mandate.decide("request:1", owner="hrss")
    assert caught.value.facts["rule"] == "R09"
    assert _audit(office)[-1].event == "act.refused"


def test_two_accounts_of_one_person_in_one_party_are_one_person(office: Office, people: dict[str, str]) -> None:
    second = _second_account(office, "bureau-1-again", "person-bureau-1", "bureau")
    with acting(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1") as mandate:
        mandate.decide("prices:1", digest="d")
    with (
        pytest.raises(Refused, match="R05"),
        acting(office, second, Act.PRICE_PUBLISH, "prices:1") as mandate,
    ):
        mandate.decide("prices:1", digest="d")
    with acting(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:1") as mandate:
        assert mandate.decide("prices:1", digest="d")


def test_a_refusal_undoes_what_was_written_before_it(office: Office, people: dict[str, str]) -> None:
    with (
        pytest.raises(Refused),
        acting(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1") as mandate,
    ):
        mandate.decide("prices:1")
        raise mandate.refuse("X1", "prices:1", "不行", "no")
    assert [entry.event for entry in _audit(office)] == ["act.refused"]
    with acting(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1") as mandate:
        assert mandate.decide("prices:1"), "the first decision was rolled back"


def test_the_same_decision_twice_is_recorded_once(office: Office, people: dict[str, str]) -> None:
    for expected in (True, False):
        with acting(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1") as mandate:
            assert mandate.decide("prices:1", digest="d") is expected


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_a_session_nothing_can_be_read_or_done(office: Office, people: dict[str, str], token: str) -> None:
    with pytest.raises(NotLoggedIn), acting(office, token, Act.PRICE_DRAFT, "prices:1"):
        pytest.fail("the body ran")
    with pytest.raises(NotLoggedIn), viewing(office, token):
        pytest.fail("the body ran")


def test_an_agency_sees_itself_and_everybody_else_sees_all(office: Office, people: dict[str, str]) -> None:
    for account, scope in {"hrss-1": Scope(frozenset({"hrss"})), "bureau-1": Scope(None)}.items():
        with viewing(office, people[account]) as view:
            assert view.scope == scope


_KINDS = st.sampled_from(PartyKind)


@st.composite
def _actors(draw: st.DrawFn) -> Actor:
    kind = draw(_KINDS)
    return Actor(
        account="a",
        person=draw(st.sampled_from(["p1", "p2"])),
        party=kind.value,
        kind=kind,
        duties=draw(st.frozensets(st.sampled_from(Duty))),
        parties=frozenset({kind.value}) | draw(st.frozensets(_KINDS.map(str), max_size=2)),
        kinds=frozenset({kind}) | draw(st.frozensets(_KINDS, max_size=2)),
    )


_APPROVING = [act for act in Act if RULES[act].apart_from]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(_actors(), st.sampled_from(_APPROVING), st.data())
def test_no_actor_passes_where_the_same_person_was_on_the_other_side(
    actor: Actor, act: Act, data: st.DataObject
) -> None:
    other = data.draw(st.sampled_from(sorted(RULES[act].apart_from)))
    neutral = replace(actor, kinds=actor.kinds - RULES[act].not_of)
    assert forbid(actor, act, Thing(deeds=(Deed(other, frozenset({actor.person})),))) is not None
    assert forbid(neutral, act, Thing(deeds=(Deed(other, frozenset({"somebody else"})),))) is None


@given(_actors(), st.sampled_from(Act))
def test_whoever_is_permitted_has_the_kind_the_duty_and_no_forbidden_side(actor: Actor, act: Act) -> None:
    rule = RULES[act]
    allowed = actor.kind in rule.kinds and rule.duty in actor.duties and not actor.kinds & rule.not_of
    assert (permit(actor, act) is None) is allowed


def test_every_act_has_a_rule_with_its_own_id() -> None:
    assert set(RULES) == set(Act)
    assert len({rule.id for rule in RULES.values()}) == len(RULES)


def test_scope_follows_the_party_a_login_serves_not_the_others_of_the_person() -> None:
    actor = Actor(
        "a", "p", "hrss", PartyKind.AGENCY, frozenset(), frozenset({"hrss", "housing"}), frozenset({PartyKind.AGENCY})
    )
    assert scope_of(actor).agencies == frozenset({"hrss"})
