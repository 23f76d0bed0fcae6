"""``whocan`` and ``why``: the same answer as the door gives, in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import update

from governance.authority import Act, Office, acting, explain, viewing, who_can
from governance.authority.rules import sources
from governance.errors import NotFound, Refused
from governance.lists import DraftEntry, ListDraft, ListKind, Matches, draft_list, publish_list
from governance.parties.tables import account_table, party_table
from tests.conftest import MARCH

People = Mapping[str, str]


def approve(office: Office, token: str) -> None:
    with acting(office, token, Act.REQUEST_APPROVE, "request:1") as mandate:
        mandate.decide("request:1", digest="d", owner="hrss")


def publish_power_list(office: Office, people: People) -> None:
    """The bureau's power to approve requests, as a published list."""
    entry = DraftEntry(1, "审批资源申请", "approves requests", Matches(acts=frozenset({Act.REQUEST_APPROVE.value})))
    draft = ListDraft(
        *("power", ListKind.POWER, "权力清单", "Power list", "bureau", "PL-1"),
        since=MARCH,
        until=None,
        entries=(entry,),
    )
    drafted = draft_list(office, people["bureau-1"], draft)
    publish_list(office, people["bureau-2"], draft.id, digest=drafted.digest)


def test_who_may_and_who_not_is_said_with_rule_and_reason(
    office: Office, people: People, asked: str, night: str
) -> None:
    with viewing(office, people["auditor-1"]) as view:
        answer = who_can(view, Act.REQUEST_APPROVE, asked)
    assert (answer.rule, answer.owner, answer.decider) == ("R09", "hrss", "bureau")
    assert {one.account for one in answer.may} == {"bureau-1", "bureau-2"}
    (why_not,) = [one for one in answer.may_not if one.account == "night"]
    assert why_not.refusal is not None
    assert "approve" in why_not.refusal.en
    assert "职责" in why_not.refusal.zh


def test_answers_and_refusals_cite_the_domain_and_the_list_entry(
    office: Office, people: People, asked: str, night: str
) -> None:
    """The power list's entry stands beside what the rule itself rests on."""
    publish_power_list(office, people)
    with office.store.transaction() as transaction:
        moved = update(account_table).where(account_table.c.name == "operator-1").values(person="person-bureau-2")
        transaction.write(moved.values(duties=["operate"]))
    with viewing(office, people["auditor-1"]) as view:
        answer = who_can(view, Act.REQUEST_APPROVE, asked)
    assert [cited.en.partition(":")[0] for cited in answer.cites[:-1]] == ["DOMAIN §1", "DOMAIN §2", "DOMAIN §1"]
    assert "PL-1" in answer.cites[-1].en
    (sided,) = [one.refusal for one in answer.may_not if one.account == "bureau-2"]
    assert sided is not None
    assert sided.policies == ("R09-sides",)
    assert any("does not approve its own work" in cited.en for cited in sided.cites)
    assert any("使用单位" in cited.zh for cited in sided.cites)


def test_its_answer_is_the_doors(office: Office, people: People, asked: str, night: str) -> None:
    """For everybody it names: who may can, who may not is refused for that reason."""
    tokens = {**people, "night": night}
    with office.store.transaction() as transaction:
        transaction.write(
            update(account_table).where(account_table.c.name == "bureau-2").values(person="person-hrss-1")
        )
    with viewing(office, people["auditor-1"]) as view:
        answer = who_can(view, Act.REQUEST_APPROVE, asked)
    for one in answer.may_not:
        assert one.refusal is not None
        with pytest.raises(Refused):
            approve(office, tokens[one.account])
    assert {one.account for one in answer.may_not} == {"bureau-2", "night"}
    approve(office, tokens[answer.may[0].account])


def test_a_plated_office_is_decided_one_level_up(office: Office, people: People, asked: str) -> None:
    with office.store.transaction() as transaction:
        transaction.write(update(party_table).where(party_table.c.id == "hrss").values(organisation="bureau"))
    with viewing(office, people["auditor-1"]) as view:
        answer = who_can(view, Act.REQUEST_APPROVE, asked)
    assert answer.decider == "leading-group"
    assert answer.may == ()
    assert {one.account for one in answer.may_not} == {"bureau-1", "bureau-2"}
    with pytest.raises(Refused):
        approve(office, people["bureau-1"])


def test_what_an_agency_stated_for_itself_is_its_own(office: Office, people: People) -> None:
    """A statement names no other owner; who decides on it is still whoever decides for that agency."""
    with acting(office, people["hrss-1"], Act.PROJECT_STATE, "project:p") as mandate:
        mandate.decide("project:p", digest="d")
    with viewing(office, people["auditor-1"]) as view:
        answer = who_can(view, Act.PROJECT_REVIEW, "project:p")
    assert (answer.owner, answer.decider) == ("hrss", "bureau")
    assert {one.account for one in answer.may} == {"bureau-1", "bureau-2"}


def test_an_agency_asks_about_its_own_things_only(office: Office, people: People, asked: str, night: str) -> None:
    with viewing(office, people["hrss-2"]) as view:
        answer = who_can(view, Act.REQUEST_APPROVE, asked)
        assert {one.account for one in answer.may} == {"bureau-1", "bureau-2"}
        assert answer.may_not == (), "why others of the bureau may not is no agency's business"
    with viewing(office, people["housing-1"]) as view, pytest.raises(NotFound):
        who_can(view, Act.REQUEST_APPROVE, asked)


def test_a_decision_is_explained(office: Office, people: People, asked: str) -> None:
    approve(office, people["bureau-1"])
    with viewing(office, people["hrss-2"]) as view:
        found = explain(view, 2)
    assert found.decision.readable == "D-000002"
    assert (found.rule, found.decision.account, found.decision.digest) == ("R09", "bureau-1", "d")
    (opposite,) = found.apart
    assert (opposite.decision.readable, opposite.decision.account) == ("D-000001", "hrss-1")
    assert (opposite.policy, opposite.organisation) == ("R09-apart", True)
    assert [cited.en for cited in opposite.cites] == [sources()["rule"].en]
    assert found.fallen is None
    with viewing(office, people["housing-1"]) as view, pytest.raises(NotFound):
        explain(view, 2)


def test_a_decision_that_fell_says_why(office: Office, people: People, asked: str) -> None:
    approve(office, people["bureau-1"])
    with office.store.transaction() as transaction:
        moved = update(account_table).where(account_table.c.name == "operator-1").values(person="person-bureau-1")
        transaction.write(moved.values(duties=["operate"]))
    with viewing(office, people["auditor-1"]) as view:
        found = explain(view, 2)
    assert found.fallen is not None
    assert "operator" in found.fallen.en
