"""Lockout: so many failures and no more, whoever tries, however many at once; and never everybody."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from foundation.store import open_store
from governance.authority import Clocks, Door, Office, locks, open_session, unlock_account, viewing
from governance.errors import GovernanceError, LoginRefused, NotFound, Refused
from governance.logins import passwords
from governance.logins.errors import LoginLocked
from governance.logins.lockout import Count, Limit, as_of, counted, forgiven
from governance.logins.passwords import NOBODYS, fits
from governance.logins.tables import failure_table
from governance.parties import Duty
from tests.governance.logins.conftest import PASSWORD, START, Bureau

LIMIT = Limit(5, timedelta(minutes=15))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(1, 6))
def test_no_more_failures_than_the_limit_are_let_through_in_any_window(minutes: list[int], failures: int) -> None:
    limit, now, count = Limit(failures, timedelta(minutes=15)), START, Count()
    let_through = []
    for pause in minutes:
        now += timedelta(minutes=pause)
        count, free = counted(count, limit, now)
        if free:
            let_through.append(now)
    for first, beyond in zip(let_through, let_through[failures:], strict=False):
        assert beyond - first >= limit.window


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=40))
def test_a_count_never_goes_below_nothing_and_a_lock_has_an_end(steps: list[tuple[int, bool]]) -> None:
    now, count = START, Count()
    for pause, right in steps:
        now += timedelta(minutes=pause)
        count, free = counted(count, LIMIT, now)
        if free and right:
            count = forgiven(count, LIMIT)
        assert 0 <= count.failures <= LIMIT.failures
        assert count.locked_until is None or count.locked_until <= now + LIMIT.window
        assert as_of(count, LIMIT, now + LIMIT.window).locked_until is None


@given(st.integers(1, 200))
def test_a_lock_is_not_made_longer_by_trying(tries: int) -> None:
    count = Count()
    for _ in range(LIMIT.failures):
        count, _ = counted(count, LIMIT, START)
    for number in range(tries):
        count, free = counted(count, LIMIT, START + timedelta(seconds=number))
        assert not free
    assert count.locked_until == START + LIMIT.window
    assert count.turned_away == tries


def fail(bureau: Bureau, name: str, times: int, source: str = "desk-1") -> list[type[GovernanceError]]:
    told: list[type[GovernanceError]] = []
    for _ in range(times):
        with pytest.raises((LoginRefused, LoginLocked)) as caught:
            open_session(bureau.office, name, "Wrong-wrong-7", door=bureau.door(source))
        told.append(type(caught.value))
    return told


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_the_last_failure_locks_and_that_is_the_same_for_a_name_nobody_has(bureau: Bureau, name: str) -> None:
    policy = bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    assert fail(bureau, name, 5) == [LoginRefused] * 3 + [LoginLocked] * 2
    told = [(entry.event, entry.subject) for entry in bureau.entries()]
    assert told == [("login.refused", f"account:{name}")] * 3 + [("login.locked", f"account:{name}")]
    bureau.clock.pass_(minutes=policy.lock_minutes)
    assert fail(bureau, name, 1) == [LoginRefused]
    assert bureau.entries()[-1].facts == {"turned_away": 2}


def test_while_it_is_locked_the_right_password_does_not_help(bureau: Bureau) -> None:
    policy = bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    fail(bureau, "zhang", 3)
    with pytest.raises(LoginLocked, match="2026-11-02T01:15:00Z"):
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())
    bureau.clock.pass_(minutes=policy.lock_minutes)
    assert open_session(bureau.office, "zhang", PASSWORD, door=bureau.door()).duty is Duty.DRAFT


def test_a_login_in_between_forgets_the_failures_of_that_account(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    for _ in range(5):
        fail(bureau, "zhang", 2)
        open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())


def test_the_lock_survives_a_restart(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    fail(bureau, "zhang", 3)
    again = open_store(bureau.office.store.engine.url.render_as_string(hide_password=False))
    try:
        office = Office(again, Clocks(bureau.clock), bureau.office.ids)
        with pytest.raises(LoginLocked):
            open_session(office, "zhang", PASSWORD, door=bureau.door())
    finally:
        again.close()


def test_a_source_that_guesses_at_many_accounts_is_locked(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, source_failures=6, second_factor_duties=frozenset())
    told = [kind for number in range(8) for kind in fail(bureau, f"name-{number}", 1)]
    assert told == [LoginRefused] * 6 + [LoginLocked] * 2
    assert fail(bureau, "name-9", 1, source="desk-2") == [LoginRefused]


def test_an_account_of_ones_own_does_not_buy_more_guesses_at_others(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, source_failures=6, second_factor_duties=frozenset())
    bureau.join("mallory", Duty.READ)
    told: list[type[GovernanceError]] = []
    for number in range(12):
        told += fail(bureau, f"name-{number}", 1)
        open_session(bureau.office, "mallory", PASSWORD, door=bureau.door())
        if told[-1] is LoginLocked:
            break
    assert told == [LoginRefused] * 6 + [LoginLocked]


def test_nobody_keeps_the_owner_out_of_where_they_usually_log_in(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    open_session(bureau.office, "zhang", PASSWORD, door=bureau.door("home"))
    assert fail(bureau, "zhang", 4, source="elsewhere")[-1] is LoginLocked
    assert open_session(bureau.office, "zhang", PASSWORD, door=bureau.door("home"))
    # and who guesses from there is locked as well
    assert fail(bureau, "zhang", 4, source="home") == [LoginRefused] * 3 + [LoginLocked]


def test_a_locked_source_locks_nobody_out_who_is_known_there(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, source_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    open_session(bureau.office, "zhang", PASSWORD, door=bureau.door("proxy"))
    fail(bureau, "somebody", 4, source="proxy")
    assert open_session(bureau.office, "zhang", PASSWORD, door=bureau.door("proxy"))


def test_a_security_administrator_unlocks_and_that_is_audited(bureau: Bureau) -> None:
    bureau.policy(account_failures=3, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    bureau.join("guard", Duty.ADMINISTER_SECURITY)
    bureau.join("clerk", Duty.ADMINISTER_SYSTEM)
    guard = open_session(bureau.office, "guard", PASSWORD, door=bureau.door("gate")).token
    clerk = open_session(bureau.office, "clerk", PASSWORD, door=bureau.door("gate")).token
    fail(bureau, "zhang", 3)
    with viewing(bureau.office, guard) as view:
        assert list(locks(view, now=bureau.clock.now)) == ["zhang"]
    with pytest.raises(Refused):
        unlock_account(bureau.office, clerk, "zhang")
    with pytest.raises(NotFound):
        unlock_account(bureau.office, guard, "nobody")
    assert unlock_account(bureau.office, guard, "zhang")
    assert not unlock_account(bureau.office, guard, "zhang")
    assert [(entry.event, entry.subject, entry.account) for entry in bureau.entries()[-1:]] == [
        ("login.unlocked", "account:zhang", "guard")
    ]
    assert open_session(bureau.office, "zhang", PASSWORD, door=bureau.door())


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_fifty_wrong_logins_at_once_never_exceed_the_limit(
    bureau: Bureau, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.policy(account_failures=5, source_failures=1000, second_factor_duties=frozenset())
    bureau.join("zhang", Duty.DRAFT)
    looked_at: list[str] = []
    real = passwords._HASHER

    class Watching:
        def verify(self, password: str, hash_: str) -> bool:
            looked_at.append(hash_)
            return real.verify(password, hash_)

    monkeypatch.setattr(passwords, "_HASHER", Watching())
    doors = [bureau.door(f"desk-{number % 10}") for number in range(50)]
    together, told = threading.Barrier(50), []

    def try_it(door: Door) -> None:
        together.wait()
        try:
            open_session(bureau.office, name, "Wrong-wrong-7", door=door)
        except (LoginRefused, LoginLocked) as refused:
            told.append(type(refused))

    _at_once(try_it, doors)
    assert (told.count(LoginRefused), told.count(LoginLocked)) == (5, 45)
    assert len(looked_at) == 5
    assert bureau.events().count("login.refused") == 5
    assert bureau.events().count("login.locked") == 1


def _at_once(try_it: object, doors: Sequence[Door]) -> None:
    threads = [threading.Thread(target=try_it, args=(door,)) for door in doors]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_failing_login_costs_the_same_with_and_without_an_account(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.join("zhang", Duty.DRAFT)
    statements: list[str] = []
    verified: list[str] = []
    real = passwords._HASHER

    class Watching:
        def verify(self, password: str, hash_: str) -> bool:
            verified.append(hash_.split("$")[3])
            return real.verify(password, hash_)

    monkeypatch.setattr(passwords, "_HASHER", Watching())

    @event.listens_for(bureau.office.store.engine, "before_cursor_execute")
    def _note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    fail(bureau, "warm-up", 1)
    costs = []
    for name in ("zhang", "nobody"):
        statements.clear()
        verified.clear()
        fail(bureau, name, 1, source=f"a desk of {name}")
        costs.append((list(statements), list(verified)))
    assert costs[0] == costs[1]


def test_the_hash_that_stands_for_nobodys_costs_what_a_real_one_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    from pwdlib import PasswordHash

    fresh = PasswordHash.recommended().hash("any")
    assert passwords.NOBODYS.split("$")[1:4] == fresh.split("$")[1:4]
    assert not fits("any", passwords.NOBODYS)


def test_names_tried_at_random_are_kept_as_hashes_and_not_for_ever(bureau: Bureau) -> None:
    for number in range(5):
        fail(bureau, f"a typed password {number}", 1)
    with bureau.office.store.reading() as transaction:
        assert "typed" not in str(transaction.rows(select(failure_table)))
    bureau.clock.pass_(days=2)
    fail(bureau, "another", 1)
    with bureau.office.store.reading() as transaction:
        assert len(transaction.rows(select(failure_table))) == 2


def test_a_very_long_password_is_not_worked_on(bureau: Bureau) -> None:
    assert not fits("x" * 1_000_000, NOBODYS)
