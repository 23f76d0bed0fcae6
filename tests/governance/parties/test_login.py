"""Logins: argon2, tokens that expire and of which only the hash is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from governance import audit
from governance.authority import Clocks, Office, close_session, open_session, viewing
from governance.errors import LoginRefused, NotLoggedIn
from governance.parties import Account, Duty, add_account, hash_password


@pytest.fixture
def account(office: Office, people: dict[str, str]) -> str:
    with office.store.transaction() as transaction:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        add_account(
            transaction,
            Account("zhang", "person-bureau-1", "bureau", frozenset({Duty.DRAFT}), since, None),
            hash_password("正确的密码"),
        )
    return "zhang"


def test_the_right_password_opens_a_session_that_expires(office: Office, account: str) -> None:
    token, expires = open_session(office, account, "正确的密码", token=lambda: "secret")
    with viewing(office, token) as view:
        assert view.actor.account == account
    later = Office(office.store, Clocks(lambda: expires), office.ids)
    with pytest.raises(NotLoggedIn), viewing(later, token):
        pytest.fail("an expired token was taken")


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_a_wrong_password_and_an_unknown_account_are_refused_alike_and_audited(
    office: Office, account: str, name: str
) -> None:
    with pytest.raises(LoginRefused) as caught:
        open_session(office, name, "wrong", token=lambda: "secret")
    assert caught.value.facts == {}
    with office.store.reading() as transaction:
        assert [(entry.event, entry.subject) for entry in audit.entries(transaction)] == [
            ("login.refused", f"account:{name}")
        ]


def test_the_database_holds_neither_token_nor_password(office: Office, account: str) -> None:
    open_session(office, account, "正确的密码", token=lambda: "very-secret-token")
    with office.store.reading() as transaction:
        for table in ("session", "account", "audit_entry"):
            rows = str(transaction.rows(text(f"select * from {table}")))
            assert "very-secret-token" not in rows
            assert "正确的密码" not in rows


def test_after_logout_the_token_is_worth_nothing(office: Office, account: str) -> None:
    token, _ = open_session(office, account, "正确的密码", token=lambda: "secret")
    close_session(office, token)
    close_session(office, token)
    with pytest.raises(NotLoggedIn), viewing(office, token):
        pytest.fail("an ended session was taken")
