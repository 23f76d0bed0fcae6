"""Delegation: for a time, of what one has oneself, to a colleague; and nothing of it outlives its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from governance.authority import Office
from governance.errors import NotFound
from governance.parties import Duty, Person, account_of, add_person, delegations_to, own_duties
from governance.parties.delegations import add_delegation
from governance.parties.model import Delegation
from governance.parties.tables import change_account
from governance.personnel import Powers, give_delegation, leave, revoke_delegation
from governance.personnel.errors import NothingToDelegate
from tests.conftest import MARCH

END = MARCH + timedelta(days=10)


def give(office: Office, token: str, delegate: str = "person-hrss-2", **more: object) -> Delegation:
    powers = Powers(Duty.CONFIRM, **more)  # type: ignore[arg-type]
    return give_delegation(office, token, delegate, powers, until=END, because="出差")


def held(office: Office, person: str, days: int = 0) -> list[Delegation]:
    with office.store.reading() as transaction:
        return list(delegations_to(transaction, person, MARCH + timedelta(days=days)))


def without(office: Office, name: str, duty: Duty) -> None:
    with office.store.transaction() as transaction:
        account = account_of(transaction, name)
        assert account is not None
        change_account(transaction, replace(account, duties=account.duties - {duty}))


def test_it_holds_from_its_beginning_until_its_end(office: Office, people: dict[str, str]) -> None:
    given = give(office, people["hrss-1"])
    assert held(office, "person-hrss-2") == [given]
    assert held(office, "person-hrss-2", 9) == [given]
    assert held(office, "person-hrss-2", 10) == []


def test_it_covers_the_acts_and_subjects_it_names(office: Office, people: dict[str, str]) -> None:
    given = give(
        office, people["hrss-1"], acts=frozenset({"statement.confirm"}), subjects=frozenset({"statement:US-hrss-*"})
    )
    assert given.covers("statement.confirm", "statement:US-hrss-2026-03")
    assert not given.covers("statement.dispute", "statement:US-hrss-2026-03")
    assert not given.covers("statement.confirm", "statement:US-housing-2026-03")


def test_what_one_has_by_delegation_is_not_passed_on(office: Office, people: dict[str, str]) -> None:
    without(office, "hrss-2", Duty.CONFIRM)
    give(office, people["hrss-1"])
    with pytest.raises(NothingToDelegate, match="no sub-delegation"):
        give(office, people["hrss-2"], "person-hrss-1")


def test_it_never_goes_beyond_what_the_delegator_has_then(office: Office, people: dict[str, str]) -> None:
    give(office, people["hrss-1"])
    without(office, "hrss-1", Duty.CONFIRM)
    assert held(office, "person-hrss-2") == []


@pytest.mark.parametrize("duty", [Duty.ADMINISTER_SYSTEM, Duty.DELEGATE])
def test_administrators_duties_and_delegating_itself_are_not_delegated(
    office: Office, people: dict[str, str], duty: Duty
) -> None:
    with pytest.raises(NothingToDelegate):
        give_delegation(office, people["hrss-1"], "person-hrss-2", Powers(duty), until=END, because="x")


def test_only_a_colleague_gets_it(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(NothingToDelegate, match="same party"):
        give(office, people["hrss-1"], "person-housing-1")
    with pytest.raises(NothingToDelegate, match="themselves"):
        give(office, people["hrss-1"], "person-hrss-1")


def test_the_giver_takes_it_back_and_nobody_else(office: Office, people: dict[str, str]) -> None:
    given = give(office, people["hrss-1"])
    with pytest.raises(NotFound):
        revoke_delegation(office, people["hrss-2"], given.id)
    assert revoke_delegation(office, people["hrss-1"], given.id)
    assert not revoke_delegation(office, people["hrss-1"], given.id)
    assert held(office, "person-hrss-2") == []


def test_it_ends_with_the_membership_of_either(office: Office, people: dict[str, str]) -> None:
    give(office, people["hrss-1"])
    assert leave(office, people["bureau-1"], "person-hrss-1", "hrss", because="调离").delegations == 1
    assert held(office, "person-hrss-2") == []


def test_an_unverified_delegator_has_nothing_to_give(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        person = add_person(transaction, Person("p-x", "unverified:x", "x", verified=False))
        assert own_duties(transaction, person.id, "hrss", MARCH) == frozenset()
        row = Delegation("d", "p-x", "person-hrss-2", "hrss", Duty.CONFIRM, frozenset(), frozenset(), MARCH, END)
        add_delegation(transaction, row, because="x")
    assert held(office, "person-hrss-2") == []
