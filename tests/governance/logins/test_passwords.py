"""Passwords: what a new one must be, when one must be changed, and what an administrator may."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.authority import (
    begin_second_factor,
    change_password,
    confirm_second_factor,
    give_password,
    open_session,
    set_login_policy,
    viewing,
)
from governance.errors import LoginRefused, NotLoggedIn, Refused
from governance.logins import check_new_password, policy_from_document, published_policy, read_policy
from governance.logins.errors import (
    FirstPasswordLapsed,
    LoginLocked,
    PasswordExpired,
    SecondFactorNeeded,
    UnfitPassword,
)
from governance.logins.passwords import kinds_in
from governance.parties import Duty
from tests.governance.logins.conftest import PASSWORD, QUICK, Bureau

POLICY = published_policy()


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Correct-horse-7", set()),
        ("正确的马-电池-钉书机-9", set()),
        ("short-A1", {"length"}),
        ("alllowercaseletters", {"kinds"}),
        ("zhang-Min-20261122", {"account"}),
        ("aaaaaaaaaaaaA1-", {"repeated"}),
        ("x" * 300, {"length", "kinds", "repeated"}),
        ("", {"length", "kinds"}),
    ],
)
def test_a_new_password_is_told_all_that_is_wrong_with_it(password: str, codes: set[str]) -> None:
    findings = check_new_password(password, POLICY, account="zhang")
    assert {finding.code.rpartition(".")[2] for finding in findings} == codes


@given(st.text(min_size=4, max_size=40))
def test_a_password_is_in_none_of_its_findings(password: str) -> None:
    said = " ".join(f"{one.zh} {one.en} {one.found}" for one in check_new_password(password, POLICY, account="zhang"))
    assert password not in said


@given(st.text())
def test_there_are_four_kinds_of_characters(password: str) -> None:
    assert 0 <= kinds_in(password) <= 4


def test_one_of_the_last_passwords_is_not_taken_again(bureau: Bureau) -> None:
    bureau.policy(passwords_remembered=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    words = [PASSWORD, *(f"Another-horse-{number}" for number in range(3))]
    for old, new in pairwise(words):
        change_password(bureau.office, "zhang", old, new, door=bureau.door())
    for recent in words[1:]:
        with pytest.raises(UnfitPassword) as caught:
            change_password(bureau.office, "zhang", words[-1], recent, door=bureau.door())
        assert [one.code for one in caught.value.facts["findings"]] == ["governance.password.used"]
    change_password(bureau.office, "zhang", words[-1], PASSWORD, door=bureau.door())
    assert open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())


def test_an_unfit_one_does_not_count_as_a_failure(bureau: Bureau) -> None:
    bureau.policy(account_failures=2, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    for _ in range(5):
        with pytest.raises(UnfitPassword):
            change_password(bureau.office, "zhang", PASSWORD, "short", door=bureau.door())


def test_a_changed_password_ends_the_other_logins_and_is_audited(bureau: Bureau) -> None:
    bureau.join("zhang", Duty.DRAFT)
    token = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).token
    change_password(bureau.office, "zhang", PASSWORD, "Another-horse-8", door=bureau.door())
    with pytest.raises(NotLoggedIn), viewing(bureau.office, token):
        pass
    assert bureau.events()[-1] == "password.changed"
    with pytest.raises(LoginRefused):
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())


def test_the_old_password_is_guessed_no_more_often_than_at_the_login(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    for kind in (LoginRefused, LoginRefused, LoginRefused, LoginLocked):
        with pytest.raises(kind):
            change_password(bureau.office, "zhang", "Wrong-wrong-7", "Another-horse-8", door=bureau.door())


def test_an_expired_password_lets_in_only_to_change_it(bureau: Bureau) -> None:
    policy = bureau.policy(password_days=90, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    bureau.clock.pass_(days=policy.password_days, microseconds=-1)
    assert open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())
    bureau.clock.pass_(microseconds=1)
    for _ in range(10):  # nor does being right count as a failure
        with pytest.raises(PasswordExpired):
            open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())
    with pytest.raises(LoginRefused):
        open_session(bureau.office, "zhang", "Wrong-wrong-7", door=bureau.door())
    change_password(bureau.office, "zhang", PASSWORD, "Another-horse-8", door=bureau.door())
    assert open_session(bureau.office, "zhang", "Another-horse-8", door=bureau.door())


def test_a_first_password_must_be_changed_and_lapses(bureau: Bureau) -> None:
    policy = bureau.policy(first_password_days=7, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    bureau.join("clerk", Duty.ADMINISTER_SYSTEM)
    clerk = open_session(bureau.office, "clerk", PASSWORD, door=bureau.door()).token
    mine = open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).token
    give_password(bureau.office, clerk, "zhang", "Given-horse-1")
    assert bureau.events()[-1] == "password.given"
    with pytest.raises(NotLoggedIn), viewing(bureau.office, mine):
        pass
    with pytest.raises(PasswordExpired):
        open_session(bureau.office, "zhang", "Given-horse-1", door=bureau.door())
    bureau.clock.pass_(days=policy.first_password_days)
    with pytest.raises(FirstPasswordLapsed):
        change_password(bureau.office, "zhang", "Given-horse-1", "Another-horse-8", door=bureau.door())
    with pytest.raises(FirstPasswordLapsed):
        open_session(bureau.office, "zhang", "Given-horse-1", door=bureau.door())
    clerk = open_session(bureau.office, "clerk", PASSWORD, door=bureau.door()).token
    give_password(bureau.office, clerk, "zhang", "Given-horse-2")
    change_password(bureau.office, "zhang", "Given-horse-2", "Another-horse-8", door=bureau.door())
    assert open_session(bureau.office, "zhang", "Another-horse-8", door=bureau.door())


def test_nobody_gives_a_password_to_an_account_of_their_own(bureau: Bureau) -> None:
    bureau.join("clerk", Duty.ADMINISTER_SYSTEM)
    bureau.join("clerk.2", Duty.READ, person="p-clerk")
    clerk = open_session(bureau.office, "clerk", PASSWORD, door=bureau.door()).token
    for own in ("clerk", "clerk.2"):
        with pytest.raises(Refused, match="L03"):
            give_password(bureau.office, clerk, own, "Given-horse-1")


def test_who_has_a_second_factor_changes_the_password_with_it(bureau: Bureau) -> None:
    import pyotp

    bureau.join("zhang", Duty.DRAFT)
    begun = begin_second_factor(bureau.office, "zhang", PASSWORD, door=bureau.door())
    machine = pyotp.TOTP(begun.secret)
    confirm_second_factor(bureau.office, "zhang", PASSWORD, machine.at(bureau.clock.now), door=bureau.door())
    bureau.clock.pass_(minutes=1)
    with pytest.raises(SecondFactorNeeded):
        change_password(bureau.office, "zhang", PASSWORD, "Another-horse-8", door=bureau.door())
    with pytest.raises(LoginRefused):
        change_password(bureau.office, "zhang", PASSWORD, "Another-horse-8", door=bureau.door(), code="no-code")
    code = machine.at(bureau.clock.now)
    change_password(bureau.office, "zhang", PASSWORD, "Another-horse-8", door=bureau.door(), code=code)


def test_the_policy_is_set_by_a_security_administrator_and_holds_from_then_on(bureau: Bureau) -> None:
    bureau.join("guard", Duty.ADMINISTER_SECURITY)
    bureau.join("clerk", Duty.ADMINISTER_SYSTEM)
    guard = open_session(bureau.office, "guard", PASSWORD, door=bureau.door()).token
    clerk = open_session(bureau.office, "clerk", PASSWORD, door=bureau.door()).token
    wanted = replace(POLICY, password_length=20)
    with pytest.raises(Refused):
        set_login_policy(bureau.office, clerk, wanted)
    assert set_login_policy(bureau.office, guard, wanted) == 2
    assert set_login_policy(bureau.office, guard, wanted) is None
    last = bureau.entries()[-1]
    assert (last.event, last.facts["policy"]["password_length"]) == ("login.policy-set", 20)
    with pytest.raises(UnfitPassword):
        change_password(bureau.office, "guard", PASSWORD, "Another-horse-8", door=bureau.door())


def test_a_policy_survives_its_document() -> None:
    assert policy_from_document(POLICY.document()) == POLICY


@pytest.mark.parametrize(
    "wrong",
    [
        {"password_length": 4},
        {"idle_minutes": 600, "session_hours": 8},
        {"source_failures": 1},
        {"second_factor_duties": ["fly"]},
        {"nonsense": 1},
        {"lock_minutes": "long"},
    ],
)
def test_a_policy_file_is_told_what_is_wrong_with_it(tmp_path: Path, wrong: dict[str, Any]) -> None:
    import yaml

    path = tmp_path / "login-policy.yaml"
    path.write_text(yaml.safe_dump(POLICY.document() | wrong), encoding="utf-8")
    policy, findings = read_policy(path)
    assert policy is None
    assert all(finding.place.file == "login-policy.yaml" for finding in findings)
    assert findings


def test_hashing_in_tests_is_the_cheap_kind() -> None:
    assert QUICK.hash("x").startswith("$argon2id$v=19$m=8,t=1,p=1$")
