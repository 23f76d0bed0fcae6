"""Somebody leaves: nothing of theirs dangles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from foundation.values.errors import InvalidValue
from foundation.work.outbox import outbox_table
from governance.authority import Act, Office, acting, machine_scope, viewing
from governance.errors import NotLoggedIn
from governance.parties import Duty, account_of, memberships, person_parties
from governance.personnel import appoint, join_party, leave
from governance.tasks import open_task
from governance.tasks.tables import task_table
from tests.conftest import MARCH


def test_logins_end_at_once(office: Office, people: dict[str, str]) -> None:
    gone = leave(office, people["bureau-1"], "person-hrss-1", because="退休")
    assert gone.accounts == ("hrss-1",)
    with pytest.raises(NotLoggedIn), viewing(office, people["hrss-1"]):
        pytest.fail("the body ran")
    with pytest.raises(NotLoggedIn), acting(office, people["hrss-1"], Act.REQUEST_CREATE, "x"):
        pytest.fail("the body ran")
    with office.store.reading() as transaction:
        account = account_of(transaction, "hrss-1")
        assert account is not None
        assert account.until == MARCH
        topics = [row["topic"] for row in transaction.rows(select(outbox_table.c.topic))]
    assert topics.count("person.left") == 1


def test_one_party_is_left_and_another_stays(office: Office, people: dict[str, str]) -> None:
    join_party(office, people["bureau-1"], "person-hrss-1", "housing")
    leave(office, people["bureau-1"], "person-hrss-1", "hrss", because="调动")
    with office.store.reading() as transaction:
        assert person_parties(transaction, "person-hrss-1", MARCH) == {"housing"}
        ended = memberships(transaction, person="person-hrss-1", party="hrss")
        assert [one.until for one in ended] in ([], [MARCH])


def test_open_tasks_go_back_to_the_inbox(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        open_task(
            transaction,
            party="hrss",
            duty=Duty.CONFIRM,
            kind="x",
            subject="statement:1",
            zh="确认",
            en="confirm",
            opened_at=MARCH,
        )
        taken = task_table.update(machine_scope()).values(taken_by="person-hrss-1", taken_at=MARCH)
        transaction.write(taken)
    assert leave(office, people["bureau-1"], "person-hrss-1", because="退休").tasks == 1
    with office.store.reading() as transaction:
        (task,) = transaction.rows(task_table.select(machine_scope()))
    assert (task["taken_by"], task["closed_at"]) == ("", None)


def test_who_answers_for_an_agency_is_followed_first(office: Office, people: dict[str, str]) -> None:
    appoint(office, people["bureau-1"], "hrss", "person-hrss-1")
    with pytest.raises(InvalidValue, match="appoint"):
        leave(office, people["bureau-1"], "person-hrss-1", because="退休")
    appoint(office, people["bureau-1"], "hrss", "person-hrss-2", since=MARCH + timedelta(microseconds=1))
