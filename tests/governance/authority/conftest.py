"""A request of hrss that waits for the bureau, and an officer of the bureau on duty without the duty to approve."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from foundation.evidence import sha256_hex
from governance.authority import Act, Office, acting
from governance.logins.tables import session_table
from governance.parties import Account, Duty, Person, add_account, add_person
from tests.conftest import MARCH
from tests.logins import leave_session

REQUEST = "request:1"


@pytest.fixture
def asked(office: Office, people: dict[str, str]) -> str:
    """The request's subject."""
    with acting(office, people["hrss-1"], Act.REQUEST_CREATE, REQUEST) as mandate:
        mandate.decide(REQUEST, digest="d", owner="hrss")
    return REQUEST


@pytest.fixture
def night(office: Office, people: dict[str, str]) -> str:
    """The officer's token, of a login with a second factor; the account is called ``night``."""
    with office.store.transaction() as transaction:
        person = add_person(transaction, Person("person-night", sha256_hex(b"night"), "night"))
        add_account(transaction, Account("night", person.id, "bureau", frozenset({Duty.DRAFT}), MARCH, None), "-")
        token = leave_session(transaction, "night", "token-of-night")
        with_a_code = update(session_table).where(session_table.c.account == "night").values(second_factor=True)
        transaction.write(with_a_code)
        return token
