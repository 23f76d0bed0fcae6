"""Work done later acts as whoever asked for it, while the work lasts and while that account may act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from governance.audit import AuditEvent, entries
from governance.authority import Act, Office, acting, on_behalf
from governance.errors import AskerGone, NotLoggedIn, Refused
from governance.logins import remember_asker
from governance.logins.tables import session_table
from governance.parties import Duty
from governance.parties.tables import account_table

SECRET = "a-token-that-only-the-worker-knows"


@pytest.fixture(autouse=True)
def asked(one_duty_at_a_time: None, office: Office, people: dict[str, str]) -> None:
    """Two people asked for the work, each under one duty."""
    with office.store.transaction() as transaction:
        remember_asker(transaction, "run:1", "operator-1", Duty.OPERATE)
        remember_asker(transaction, "run:2", "hrss-1", Duty.OPERATE)


def behalf(office: Office, account: str) -> Any:
    work = {"hrss-1": "run:2"}.get(account, "run:1")
    return on_behalf(office, account, work=work, token=lambda: SECRET)


def test_the_token_acts_as_the_asker_and_is_over_with_the_work(office: Office, people: dict[str, str]) -> None:
    with behalf(office, "operator-1") as token, acting(office, token, Act.USAGE_COLLECT, "usage-month:1") as mandate:
        assert (mandate.actor.account, mandate.actor.party) == ("operator-1", "operator")
    with pytest.raises(NotLoggedIn), acting(office, SECRET, Act.USAGE_COLLECT, "usage-month:1"):
        pass


def test_it_ends_also_when_the_work_fails(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(RuntimeError), behalf(office, "operator-1"):
        raise RuntimeError
    with pytest.raises(NotLoggedIn), acting(office, SECRET, Act.USAGE_COLLECT, "usage-month:1"):
        pass


def test_it_may_no_more_than_the_asker(office: Office, people: dict[str, str]) -> None:
    with (
        behalf(office, "hrss-1") as token,
        pytest.raises(Refused),
        acting(office, token, Act.USAGE_COLLECT, "usage-month:1"),
    ):
        pass


def test_an_account_that_ended_meanwhile_does_nothing(office: Office, people: dict[str, str]) -> None:
    ended = office.clocks.real() - timedelta(days=1)
    with office.store.transaction() as transaction:
        transaction.write(update(account_table).where(account_table.c.name == "operator-1").values(until=ended))
    with pytest.raises(AskerGone, match="operator-1"), behalf(office, "operator-1"):
        pass


def test_it_is_in_the_audit_log_and_the_token_nowhere(office: Office, people: dict[str, str]) -> None:
    with behalf(office, "operator-1"):
        pass
    with office.store.reading() as transaction:
        found = [entry for entry in entries(transaction) if entry.event == AuditEvent.WORK_ON_BEHALF]
        sessions = transaction.rows(select(session_table))
    assert [(entry.subject, entry.facts, entry.person) for entry in found] == [
        ("account:operator-1", {"work": "run:1"}, "")
    ]
    assert SECRET not in repr(found) + repr(sessions)
