"""Two persons found to be one: what they did apart is looked at again, and every conflict is told once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from foundation.values.errors import InvalidValue
from foundation.work.outbox import outbox_table
from governance.authority import Act, Office, acting, decision_table, viewing
from governance.errors import Refused
from governance.parties import person_parties, same_person
from governance.personnel import Conflict, conflicts, merge_found_persons
from governance.personnel.conflicts import take_up
from tests.conftest import MARCH


def decide(office: Office, token: str, act: Act, subject: str, owner: str | None = None) -> None:
    with acting(office, token, act, subject) as mandate:
        assert mandate.decide(subject, digest="d", owner=owner)


def told(office: Office, about: str) -> int:
    with office.store.reading() as transaction:
        rows = transaction.rows(select(outbox_table).where(outbox_table.c.topic == "person.conflict-found"))
    return len([row for row in rows if row["payload"]["about"] == about])


def merge(office: Office, people: dict[str, str], one: str, other: str) -> list[Conflict]:
    return list(merge_found_persons(office, people["bureau-2"], one, other, because="身份核查")[1])


def about(found: Sequence[Conflict], subject: str) -> list[Conflict]:
    return [one for one in found if one.subject == subject]


def test_acts_that_are_apart_are_one_conflict_and_one_event(office: Office, people: dict[str, str]) -> None:
    decide(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1")
    decide(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:1")
    decide(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:2")
    found = merge(office, people, "person-bureau-1", "person-bureau-2")
    (conflict,) = about(found, "prices:1")
    assert about(found, "prices:2") == []
    assert told(office, "prices:1") == 1
    with viewing(office, people["auditor-1"]) as view:
        assert about(conflicts(view), "prices:1") == [conflict]
    assert len(conflict.decisions) == 2


def test_two_administrators_who_are_one_are_a_conflict(office: Office, people: dict[str, str]) -> None:
    (conflict,) = merge(office, people, "person-bureau-1", "person-bureau-2")
    assert conflict.rule == "administrators"


def test_merging_again_finds_nothing_twice(office: Office, people: dict[str, str]) -> None:
    decide(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1")
    decide(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:1")
    merge(office, people, "person-bureau-1", "person-bureau-2")
    new, again = merge_found_persons(office, people["bureau-2"], "person-bureau-1", "person-bureau-2", because="again")
    assert (new, list(again), told(office, "prices:1")) == (False, [], 1)


def test_who_approved_for_the_bureau_and_is_of_the_agency_is_found(office: Office, people: dict[str, str]) -> None:
    decide(office, people["hrss-1"], Act.REQUEST_CREATE, "request:1", owner="hrss")
    decide(office, people["bureau-2"], Act.REQUEST_APPROVE, "request:1", owner="hrss")
    (conflict,) = merge(office, people, "person-bureau-2", "person-hrss-2")
    assert (conflict.subject, conflict.rule) == ("request:1", "R09"), "another person of the same agency asked"


def test_from_then_on_they_are_one_wherever_they_act(office: Office, people: dict[str, str]) -> None:
    decide(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:9")
    merge(office, people, "person-bureau-1", "person-bureau-2")
    with pytest.raises(Refused, match="R05"):
        decide(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:9")
    with office.store.reading() as transaction:
        assert same_person(transaction, "person-bureau-2") == {"person-bureau-1", "person-bureau-2"}


def test_three_persons_become_one_in_any_order(office: Office, people: dict[str, str]) -> None:
    merge(office, people, "person-hrss-1", "person-hrss-2")
    merge(office, people, "person-housing-1", "person-hrss-2")
    with office.store.reading() as transaction:
        everyone = {"person-hrss-1", "person-hrss-2", "person-housing-1"}
        for person in everyone:
            assert same_person(transaction, person) == everyone
            assert person_parties(transaction, person, MARCH) == {"hrss", "housing"}


def test_a_conflict_waits_until_a_case_is_opened(office: Office, people: dict[str, str]) -> None:
    decide(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1")
    decide(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:1")
    merge(office, people, "person-bureau-1", "person-bureau-2")
    with viewing(office, people["auditor-1"]) as view:
        (conflict,) = about(conflicts(view), "prices:1")
    with office.store.transaction() as transaction:
        assert take_up(transaction, conflict.id, "CASE-1")
        assert not take_up(transaction, conflict.id, "CASE-2")
    with viewing(office, people["auditor-1"]) as view:
        assert about(conflicts(view), "prices:1") == []
        assert [one.case for one in about(conflicts(view, waiting=False), "prices:1")] == ["CASE-1"]


def test_an_agency_is_told_of_no_conflict(office: Office, people: dict[str, str]) -> None:
    decide(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:1")
    decide(office, people["bureau-2"], Act.PRICE_PUBLISH, "prices:1")
    merge(office, people, "person-bureau-1", "person-bureau-2")
    with viewing(office, people["hrss-1"]) as view:
        assert conflicts(view) == []


def test_decisions_keep_the_person_they_name(office: Office, people: dict[str, str]) -> None:
    decide(office, people["bureau-2"], Act.PRICE_DRAFT, "prices:1")
    merge(office, people, "person-bureau-1", "person-bureau-2")
    with office.store.reading() as transaction:
        rows = transaction.rows(select(decision_table).where(decision_table.c.subject == "prices:1"))
        assert [row["person"] for row in rows] == ["person-bureau-2"]


def test_a_person_is_not_merged_with_themselves_or_without_a_reason(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(InvalidValue):
        merge(office, people, "person-bureau-1", "person-bureau-1")
    with pytest.raises(InvalidValue):
        merge_found_persons(office, people["bureau-2"], "person-bureau-1", "person-bureau-2", because="")
