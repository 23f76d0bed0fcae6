"""Logging in: argon2, one duty, tokens that expire and of which only the hash is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from governance.authority import Act, acting, close_session, open_session, switch_duty, viewing
from governance.errors import LoginRefused, NotLoggedIn, Refused
from governance.logins import add_session, end_all_sessions
from governance.logins.errors import DutyNotHeld, DutyToChoose, InPersonOnly
from governance.logins.model import Way
from governance.parties import Duty, account_of
from governance.parties.tables import account_table, change_account
from tests.governance.logins.conftest import PASSWORD, Bureau


def works(bureau: Bureau, token: str) -> bool:
    try:
        with viewing(bureau.office, token):
            return True
    except NotLoggedIn:
        return False


def test_an_account_with_one_duty_serves_it_without_saying_so(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    opened = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())
    assert opened.duty is Duty.DRAFT
    with viewing(bureau.office, opened.token) as view:
        assert (view.actor.account, view.actor.duties) == ("zhang", {Duty.DRAFT})


def test_with_several_duties_one_must_be_named_and_the_error_lists_them(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT, Duty.PUBLISH)
    with pytest.raises(DutyToChoose, match="draft, publish"):
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())
    with pytest.raises(DutyNotHeld, match="draft, publish"):
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), duty=Duty.PAY)
    opened = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), duty=Duty.PUBLISH)
    assert opened.duty is Duty.PUBLISH


def test_a_login_does_nothing_under_another_duty_of_the_same_account(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT, Duty.PUBLISH)
    opened = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), duty=Duty.DRAFT)
    with acting(bureau.office, opened.token, Act.PRICE_DRAFT, "prices:1"):
        pass
    with pytest.raises(Refused, match="publish"), acting(bureau.office, opened.token, Act.PRICE_PUBLISH, "prices:1"):
        pass


def test_a_duty_is_changed_within_the_login_and_that_is_in_the_audit_log(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT, Duty.PUBLISH)
    opened = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), duty=Duty.DRAFT)
    assert switch_duty(bureau.office, opened.token, Duty.PUBLISH, door=bureau.door()) is Duty.DRAFT
    with viewing(bureau.office, opened.token) as view:
        assert view.actor.duties == {Duty.PUBLISH}
    last = bureau.entries()[-1]
    assert (last.event, last.facts, last.account) == (
        "login.duty-switched",
        {"before": "draft", "duty": "publish"},
        "zhang",
    )
    with pytest.raises(DutyNotHeld):
        switch_duty(bureau.office, opened.token, Duty.PAY, door=bureau.door())


def test_work_on_somebodys_behalf_cannot_change_its_duty(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT, Duty.PUBLISH)
    with bureau.office.store.transaction() as transaction:
        add_session(
            transaction,
            "zhang",
            Duty.DRAFT,
            token="worker",
            way=Way.BEHALF,
            now=bureau.clock.now,
            length=timedelta(days=2),
        )
    with pytest.raises(InPersonOnly):
        switch_duty(bureau.office, "worker", Duty.PUBLISH, door=bureau.door())


def test_a_login_ends_when_it_stands_unused(bureau: Bureau) -> None:
    policy = bureau.policy(idle_minutes=30, session_hours=8, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    token = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).token
    for _ in range(10):
        bureau.clock.pass_(minutes=policy.idle_minutes - 1)
        assert works(bureau, token)
    bureau.clock.pass_(minutes=policy.idle_minutes)
    assert not works(bureau, token)


def test_a_login_ends_after_its_longest_time_however_much_it_is_used(bureau: Bureau) -> None:
    policy = bureau.policy(idle_minutes=30, session_hours=2, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    opened = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())
    for _ in range(policy.session_hours * 6 - 1):
        bureau.clock.pass_(minutes=10)
        assert works(bureau, opened.token)
    bureau.clock.pass_(minutes=10)
    assert bureau.clock.now == opened.expires_at
    assert not works(bureau, opened.token)


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_a_wrong_password_and_an_unknown_account_are_refused_alike_and_audited(bureau: Bureau, name: str) -> None:
    bureau.join("zhang", Duty.DRAFT)
    with pytest.raises(LoginRefused) as caught:
        open_session(bureau.office, name, "wrong", door=bureau.door())
    assert caught.value.facts == {}
    last = bureau.entries()[-1]
    assert (last.event, last.subject, last.facts, last.person) == ("login.refused", f"account:{name}", {}, "")


def test_an_account_without_a_usable_password_lets_nobody_in(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    for broken in ("", "-", "$argon2id$nonsense"):
        with bureau.office.store.transaction() as transaction:
            transaction.write(
                text(
                    "insert into login_password select account, number + 1, :hash, set_at, given "
                    "from login_password order by number desc limit 1"
                ).bindparams(hash=broken)
            )
        with pytest.raises(LoginRefused):
            open_session(bureau.office, "zhang", "", door=bureau.door())


def test_an_account_that_ended_is_not_let_in_and_its_logins_are_over(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    token = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).token
    with bureau.office.store.transaction() as transaction:
        transaction.write(update(account_table).values(until=bureau.clock.now))
    assert not works(bureau, token)
    with pytest.raises(LoginRefused):
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())


def test_a_duty_that_is_taken_away_ends_the_login_that_serves_it(bureau: Bureau) -> None:
    from dataclasses import replace

    bureau.join("zhang", Duty.DRAFT, Duty.PUBLISH)
    token = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), duty=Duty.DRAFT).token
    with bureau.office.store.transaction() as transaction:
        found = account_of(transaction, "zhang")
        assert found is not None
        change_account(transaction, replace(found, duties=frozenset({Duty.PUBLISH})))
    assert not works(bureau, token)


def test_all_logins_of_a_person_end_at_once(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    bureau.join("zhang.2", Duty.READ, person="p-zhang")
    bureau.join("li", Duty.DRAFT)
    mine = [open_session(bureau.office, name, PASSWORD, door=bureau.door()).token for name in ("zhang", "zhang.2")]
    other = open_session(bureau.office, "li", PASSWORD, door=bureau.door()).token
    with bureau.office.store.transaction() as transaction:
        assert end_all_sessions(transaction, person="p-zhang", now=bureau.clock.now) == 2
        assert end_all_sessions(transaction, account="zhang.2", now=bureau.clock.now) == 0
    assert [works(bureau, token) for token in [*mine, other]] == [False, False, True]


def test_the_database_holds_neither_token_nor_password(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    token = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).token
    with bureau.office.store.reading() as transaction:
        for table in ("session", "account", "login_password", "audit_entry"):
            rows = str(transaction.rows(text(f"select * from {table}")))
            assert token not in rows
            assert PASSWORD not in rows


def test_after_logout_the_token_is_worth_nothing(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    token = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).token
    close_session(bureau.office, token)
    close_session(bureau.office, token)
    assert not works(bureau, token)
    assert bureau.events()[-1] == "login.ended"
