"""API tokens: for one duty or less, for a time, shown once, ended at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from governance.authority import (
    Act,
    acting,
    close_session,
    give_password,
    make_token,
    open_session,
    own_tokens,
    revoke_token,
    switch_duty,
    viewing,
)
from governance.errors import NotFound, NotLoggedIn, Refused
from governance.logins import end_all_sessions
from governance.logins.errors import InPersonOnly, UnfitToken
from governance.parties import Duty, account_of
from governance.parties.tables import change_account
from tests.governance.logins.conftest import PASSWORD, Bureau


@pytest.fixture
def session(bureau: Bureau) -> str:
    bureau.join("zhang", Duty.DRAFT, Duty.PUBLISH)
    return open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), duty=Duty.DRAFT).token


def make(bureau: Bureau, session: str, name: str = "script", **more: object) -> str:
    arguments: dict[str, object] = {"days": 30, "secret": lambda: f"api-{next(bureau.made)}", **more}
    return make_token(bureau.office, session, name, **arguments)[1]  # type: ignore[arg-type]


def works(bureau: Bureau, token: str) -> bool:
    try:
        with viewing(bureau.office, token):
            return True
    except NotLoggedIn:
        return False


def test_it_acts_as_its_maker_under_the_duty_it_was_made_under(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    with acting(bureau.office, token, Act.PRICE_DRAFT, "prices:1") as mandate:
        assert (mandate.actor.account, mandate.actor.duties) == ("zhang", {Duty.DRAFT})
    with pytest.raises(Refused), acting(bureau.office, token, Act.PRICE_PUBLISH, "prices:1"):
        pass
    # the maker goes on, changes duty, logs out: the token stays what it is
    switch_duty(bureau.office, session, Duty.PUBLISH, door=bureau.door())
    close_session(bureau.office, session)
    with acting(bureau.office, token, Act.PRICE_DRAFT, "prices:1"):
        pass


def test_it_can_be_narrowed_to_some_acts_of_the_duty(bureau: Bureau, session: str) -> None:
    token = make(bureau, session, acts=["price.draft"])
    with acting(bureau.office, token, Act.PRICE_DRAFT, "prices:1"):
        pass
    with pytest.raises(Refused, match="L01"), acting(bureau.office, token, Act.GRADE_DRAFT, "grade:1"):
        pass
    assert bureau.events()[-1] == "act.refused"


def test_one_that_only_reads_does_nothing(bureau: Bureau, session: str) -> None:
    token = make(bureau, session, read_only=True)
    assert works(bureau, token)
    with pytest.raises(Refused, match="L01"), acting(bureau.office, token, Act.PRICE_DRAFT, "prices:1"):
        pass


def test_it_ends_by_itself(bureau: Bureau, session: str) -> None:
    token = make(bureau, session, days=3)
    bureau.clock.pass_(days=3, microseconds=-1)
    assert works(bureau, token)
    bureau.clock.pass_(microseconds=1)
    assert not works(bureau, token)


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 0},
        {"days": 91},
        {"acts": ["price.publish"]},
        {"acts": ["no.such-act"]},
        {"acts": ["price.draft"], "read_only": True},
        {"name": ""},
        {"name": "x" * 61},
        {"name": "a\nb"},
    ],
)
def test_what_a_duty_does_not_allow_no_token_does(bureau: Bureau, session: str, wrong: dict[str, object]) -> None:
    with pytest.raises(UnfitToken):
        make(bureau, session, **wrong)
    assert own_tokens(bureau.office, session) == []


def test_it_is_ended_at_once_by_name(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    assert revoke_token(bureau.office, session, "script")
    assert not revoke_token(bureau.office, session, "script")
    assert not works(bureau, token)
    with pytest.raises(NotFound):
        revoke_token(bureau.office, session, "another")
    assert bureau.events()[-1] == "api-token.ended"
    with pytest.raises(UnfitToken, match="script"):
        make(bureau, session)  # a name tells one token for ever


def test_its_maker_sees_when_it_was_last_used_and_never_the_token(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    assert [one.used_at for one in own_tokens(bureau.office, session)] == [None]
    bureau.clock.pass_(minutes=2)
    assert works(bureau, token)
    [one] = own_tokens(bureau.office, session)
    assert one.used_at == bureau.clock.now
    assert token not in repr(one)


def test_only_the_hash_is_kept_and_nothing_is_in_the_audit_log(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    with bureau.office.store.reading() as transaction:
        for table in ("api_token", "session", "audit_entry"):
            assert token.rpartition("-")[0] + token[-6:] not in str(transaction.rows(text(f"select * from {table}")))
            assert token not in str(transaction.rows(text(f"select * from {table}")))
    assert bureau.events()[-1] == "api-token.made"


def test_a_token_makes_ends_and_lists_none_and_changes_no_duty(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    with pytest.raises(InPersonOnly):
        make(bureau, token, "more")
    with pytest.raises(InPersonOnly):
        revoke_token(bureau.office, token, "script")
    with pytest.raises(InPersonOnly):
        own_tokens(bureau.office, token)
    with pytest.raises(InPersonOnly):
        switch_duty(bureau.office, token, Duty.PUBLISH, door=bureau.door())


def test_another_persons_token_cannot_be_ended_by_its_name(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    bureau.join("li", Duty.DRAFT)
    other = open_session(bureau.office, "li", PASSWORD, door=bureau.door()).token
    with pytest.raises(NotFound):
        revoke_token(bureau.office, other, "script")
    assert works(bureau, token)


def test_whoever_loses_the_duty_loses_the_token_at_once_and_for_good(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    for held in (frozenset({Duty.PUBLISH}), frozenset({Duty.PUBLISH, Duty.DRAFT})):
        with bureau.office.store.transaction() as transaction:
            found = account_of(transaction, "zhang")
            assert found is not None
            for lost in found.duties - held:
                end_all_sessions(transaction, account="zhang", duty=lost, now=bureau.clock.now, because="duty")
            change_account(transaction, replace(found, duties=held))
        assert not works(bureau, token)


def test_whoever_leaves_loses_every_token_at_once(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    bureau.join("zhang.2", Duty.READ, person="p-zhang")
    with bureau.office.store.transaction() as transaction:
        assert end_all_sessions(transaction, person="p-zhang", now=bureau.clock.now) == 2
    assert not works(bureau, token)
    assert not works(bureau, session)


def test_an_account_that_ends_takes_its_tokens_with_it(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    with bureau.office.store.transaction() as transaction:
        found = account_of(transaction, "zhang")
        assert found is not None
        change_account(transaction, replace(found, until=bureau.clock.now + timedelta(days=1)))
    bureau.clock.pass_(days=1)
    assert not works(bureau, token)


def test_a_password_given_by_an_administrator_ends_the_tokens(bureau: Bureau, session: str) -> None:
    token = make(bureau, session)
    bureau.join("clerk", Duty.ADMINISTER_SYSTEM)
    clerk = open_session(bureau.office, "clerk", PASSWORD, door=bureau.door()).token
    give_password(bureau.office, clerk, "zhang", "Given-horse-1")
    assert not works(bureau, token)


@pytest.mark.parametrize("token", ["guanyun-", "guanyun-guessed", "guanyun-" + "x" * 10_000])
def test_what_is_no_token_is_none(bureau: Bureau, token: str) -> None:
    assert not works(bureau, token)
