"""Codes of six digits: needed where the policy says so, good once, sealed at rest."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from governance.authority import (
    begin_second_factor,
    confirm_second_factor,
    open_session,
    switch_duty,
    take_second_factor,
    viewing,
)
from governance.errors import LoginRefused, NotLoggedIn, Refused
from governance.logins import Vault
from governance.logins.errors import (
    LoginLocked,
    SealBroken,
    SecondFactorNeeded,
    SecondFactorNotBegun,
    SecondFactorNotEnrolled,
    SecondFactorStands,
)
from governance.logins.second_factor import matching_step, recovery_codes_left
from governance.logins.tables import second_factor_table
from governance.parties import Duty
from tests.governance.logins.conftest import PASSWORD, START, Bureau

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@given(st.integers(0, 10**6), st.integers(0, 3), st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 90))))
def test_no_code_is_good_twice_and_none_outside_the_drift(start: int, drift: int, tries: list[tuple[int, int]]) -> None:
    machine, now, after = pyotp.TOTP(SECRET), START + timedelta(seconds=start), -1
    used = set()
    for early, pause in tries:
        now += timedelta(seconds=pause)
        code = machine.at(now, counter_offset=early)
        step = matching_step(SECRET, code, now, drift=drift, after=after)
        if step is None:
            continue
        assert abs(step - machine.timecode(now)) <= drift
        assert step > after
        assert step not in used
        used.add(step)
        after = step


@given(st.integers(0, 10**7), st.integers(0, 3))
def test_the_code_of_now_is_good_until_it_was_used(seconds: int, drift: int) -> None:
    now = START + timedelta(seconds=seconds)
    code = pyotp.TOTP(SECRET).at(now)
    step = matching_step(SECRET, code, now, drift=drift, after=-1)
    assert step is not None
    assert matching_step(SECRET, code, now, drift=drift, after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000 ", "x" * 10_000])
def test_what_is_no_code_is_none(code: str) -> None:
    assert matching_step(SECRET, code, START, drift=1, after=-1) is None


def enrol(bureau: Bureau, name: str) -> tuple[str, tuple[str, ...]]:
    """The secret, and the recovery codes; the code used is of a minute ago."""
    begun = begin_second_factor(bureau.office, name, PASSWORD, door=bureau.door())
    codes = confirm_second_factor(
        bureau.office, name, PASSWORD, code_of(begun.secret, bureau.clock.now), door=bureau.door()
    )
    bureau.clock.pass_(seconds=60)
    return begun.secret, codes


def code_of(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).at(now)


def test_a_duty_that_needs_a_second_factor_is_not_served_without_one(bureau: Bureau) -> None:
    bureau.policy(second_factor_duties=frozenset({Duty.APPROVE}))
    bureau.join("li", Duty.APPROVE, Duty.DRAFT)
    with pytest.raises(SecondFactorNotEnrolled):
        open_session(bureau.office, "li", PASSWORD, door=bureau.door(), duty=Duty.APPROVE)
    token = open_session(bureau.office, "li", PASSWORD, door=bureau.door(), duty=Duty.DRAFT).token
    with pytest.raises(SecondFactorNotEnrolled):
        switch_duty(bureau.office, token, Duty.APPROVE, door=bureau.door())
    secret, _ = enrol(bureau, "li")
    with pytest.raises(SecondFactorNeeded):
        switch_duty(bureau.office, token, Duty.APPROVE, door=bureau.door())
    switch_duty(bureau.office, token, Duty.APPROVE, door=bureau.door(), code=code_of(secret, bureau.clock.now))
    with viewing(bureau.office, token) as view:
        assert view.actor.duties == {Duty.APPROVE}
    # what the login proved once it need not prove again
    switch_duty(bureau.office, token, Duty.DRAFT, door=bureau.door())
    switch_duty(bureau.office, token, Duty.APPROVE, door=bureau.door())


def test_whoever_has_one_needs_it_at_every_login(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    secret, _ = enrol(bureau, "li")
    with pytest.raises(SecondFactorNeeded):
        open_session(bureau.office, "li", PASSWORD, door=bureau.door())
    opened = open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=code_of(secret, bureau.clock.now))
    assert opened.duty is Duty.READ
    assert bureau.entries()[-1].facts == {"duty": "read", "way": "password", "second_factor": "code"}


def test_a_code_lets_in_once(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    secret, _ = enrol(bureau, "li")
    code = code_of(secret, bureau.clock.now)
    open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=code)
    with pytest.raises(LoginRefused):
        open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=code)


def test_of_ten_at_once_with_one_code_one_is_let_in(bureau: Bureau) -> None:
    bureau.policy(account_failures=50, source_failures=50, second_factor_duties=frozenset())
    bureau.join("li", Duty.READ)
    secret, _ = enrol(bureau, "li")
    code, told = code_of(secret, bureau.clock.now), []

    def try_it() -> None:
        try:
            told.append(open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=code).account)
        except LoginRefused:
            told.append("")

    threads = [threading.Thread(target=try_it) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [""] * 9 + ["li"]


def test_the_code_it_was_confirmed_with_is_used_up(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    begun = begin_second_factor(bureau.office, "li", PASSWORD, door=bureau.door())
    code = code_of(begun.secret, bureau.clock.now)
    confirm_second_factor(bureau.office, "li", PASSWORD, code, door=bureau.door())
    with pytest.raises(LoginRefused):
        open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=code)


def test_wrong_codes_lock_as_wrong_passwords_do_and_a_missing_one_does_not(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("li", Duty.READ)
    secret, _ = enrol(bureau, "li")
    for _ in range(5):
        with pytest.raises(SecondFactorNeeded):
            open_session(bureau.office, "li", PASSWORD, door=bureau.door())
    for _ in range(3):
        with pytest.raises(LoginRefused):
            open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code="no-code")
    with pytest.raises(LoginLocked):
        open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=code_of(secret, bureau.clock.now))


def test_wrong_codes_lock_also_when_a_login_changes_its_duty(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset({Duty.PAY}))
    bureau.join("li", Duty.READ, Duty.PAY)
    token = open_session(bureau.office, "li", PASSWORD, door=bureau.door(), duty=Duty.READ).token
    enrol(bureau, "li")
    for kind in (LoginRefused, LoginRefused, LoginRefused, LoginLocked):
        with pytest.raises(kind):
            switch_duty(bureau.office, token, Duty.PAY, door=bureau.door(), code="no-code")
    assert bureau.events()[-1] == "login.locked"


def test_a_recovery_code_lets_in_once_and_that_is_audited(bureau: Bureau) -> None:
    policy = bureau.policy(recovery_codes=4, second_factor_duties=frozenset())
    bureau.join("li", Duty.READ)
    _, codes = enrol(bureau, "li")
    assert len(set(codes)) == policy.recovery_codes
    open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=codes[1].upper())
    assert "second-factor.recovery-code-used" in bureau.events()
    with pytest.raises(LoginRefused):
        open_session(bureau.office, "li", PASSWORD, door=bureau.door(), code=codes[1])
    with bureau.office.store.reading() as transaction:
        assert recovery_codes_left(transaction, "li") == 3


def test_neither_secret_nor_recovery_codes_are_in_the_database(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    secret, codes = enrol(bureau, "li")
    with bureau.office.store.reading() as transaction:
        for table in ("login_second_factor", "login_recovery_code", "audit_entry"):
            rows = str(transaction.rows(text(f"select * from {table}")))
            assert secret not in rows
            assert not any(code in rows for code in codes)


def test_a_sealed_secret_opens_with_its_key_for_its_owner_only(bureau: Bureau) -> None:
    sealed = bureau.vault.seal(b"secret", owner="li")
    assert bureau.vault.open(sealed, owner="li") == b"secret"
    other = Vault(b"o" * 32, bureau.randomness)
    for vault, owner, text_ in ((bureau.vault, "zhang", sealed), (other, "li", sealed), (bureau.vault, "li", "x")):
        with pytest.raises(SealBroken):
            vault.open(text_, owner=owner)
    assert "k" * 8 not in repr(bureau.vault)


def test_a_row_copied_to_another_account_is_worth_nothing(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    bureau.join("zhang", Duty.READ)
    secret, _ = enrol(bureau, "li")
    enrol(bureau, "zhang")
    with bureau.office.store.transaction() as transaction:
        sealed = transaction.value(
            text("select sealed from login_second_factor where account = 'li'"),
        )
        mine = second_factor_table.c.account == "zhang"
        transaction.write(update(second_factor_table).where(mine).values(sealed=sealed))
    with pytest.raises(SealBroken):
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door(), code=code_of(secret, bureau.clock.now))


def test_one_that_counts_is_not_replaced_by_who_knows_the_password(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    with pytest.raises(SecondFactorNotBegun):
        confirm_second_factor(bureau.office, "li", PASSWORD, "123456", door=bureau.door())
    enrol(bureau, "li")
    with pytest.raises(SecondFactorStands):
        begin_second_factor(bureau.office, "li", PASSWORD, door=bureau.door())
    with pytest.raises(LoginRefused):
        begin_second_factor(bureau.office, "li", "Wrong-wrong-7", door=bureau.door())


def test_a_lost_one_is_taken_away_by_another_person_and_the_logins_end(bureau: Bureau) -> None:
    bureau.join("li", Duty.READ)
    bureau.join("guard", Duty.ADMINISTER_SECURITY)
    guard = open_session(bureau.office, "guard", PASSWORD, door=bureau.door()).token
    secret, _ = enrol(bureau, "li")
    enrol(bureau, "guard")
    token = open_session(
        bureau.office, "li", PASSWORD, door=bureau.door(), code=code_of(secret, bureau.clock.now)
    ).token
    with pytest.raises(Refused, match="L03"):
        take_second_factor(bureau.office, guard, "guard")
    assert take_second_factor(bureau.office, guard, "li")
    assert not take_second_factor(bureau.office, guard, "li")
    assert bureau.events()[-1] == "second-factor.removed"
    with pytest.raises(NotLoggedIn), viewing(bureau.office, token):
        pass
    assert open_session(bureau.office, "li", PASSWORD, door=bureau.door())
