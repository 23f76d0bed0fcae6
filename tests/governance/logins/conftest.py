"""Logins as they really are, on a clock that stands where a test puts it, with hashes that cost little."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from foundation.store import Store
from governance import audit, installation
from governance.authority import Clocks, Door, Office
from governance.logins import Vault, add_password, add_policy, passwords, published_policy
from governance.logins.policy import LoginPolicy
from governance.parties import Account, Duty, add_account, add_party, add_person
from governance.parties.model import Party, PartyKind, Person

START = datetime(2026, 11, 2, 1, tzinfo=UTC)
PASSWORD = "Correct-horse-7"
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@dataclass
class Clock:
    """A real clock that a test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


@dataclass
class Bureau:
    """An installation with one bureau, and whoever a test lets in."""

    office: Office
    clock: Clock
    made: Any = field(default_factory=itertools.count)

    def door(self, source: str = "desk-1") -> Door:
        """A door; what it makes can be told apart, and is the same in every run."""
        return Door(source, self.vault, lambda: f"secret-{next(self.made)}", self.randomness)

    @property
    def vault(self) -> Vault:
        """The key of secrets."""
        return Vault(b"k" * 32, self.randomness)

    def randomness(self, count: int) -> bytes:
        """Bytes that nobody but a test can guess."""
        return (next(self.made).to_bytes(8, "big") * (count // 8 + 1))[-count:]

    def join(self, name: str, *duties: Duty, person: str = "", password: str = PASSWORD) -> str:
        """An account with these duties."""
        with self.office.store.transaction() as transaction:
            human = add_person(transaction, Person(person or f"p-{name}", f"identity of {person or f'p-{name}'}", name))
            add_account(transaction, Account(name, human.id, "bureau", frozenset(duties), START, None), "")
            add_password(transaction, name, QUICK.hash(password), now=self.clock.now)
        return name

    def policy(self, **changes: Any) -> LoginPolicy:
        """Let a policy hold that differs from the published one in this."""
        from dataclasses import replace

        policy = replace(published_policy(), **changes)
        with self.office.store.transaction() as transaction:
            add_policy(transaction, policy, now=self.clock.now, person=None)
        return policy

    def events(self) -> list[str]:
        """What the audit log says happened, in order."""
        return [entry.event for entry in self.entries()]

    def entries(self) -> list[audit.Entry]:
        """The audit log."""
        with self.office.store.reading() as transaction:
            return list(audit.entries(transaction))


@pytest.fixture(autouse=True)
def as_it_is(one_duty_at_a_time: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made easier, but hashing costs little."""
    monkeypatch.setattr(passwords, "_HASHER", QUICK)
    monkeypatch.setattr(passwords, "NOBODYS", QUICK.hash("nobody's"))


@pytest.fixture
def bureau(store: Store) -> Bureau:
    """A bureau; no duty needs a second factor until a test says so."""
    clock = Clock()
    ids = itertools.count(1)
    office = Office(store, Clocks(clock), lambda prefix: f"{prefix}_{next(ids):032x}")
    with store.transaction() as transaction:
        installation.create(transaction, demo=False, business_start=None, real=clock)
        add_party(transaction, Party("bureau", PartyKind.BUREAU, "局", "bureau"))
    made = Bureau(office, clock)
    made.policy(second_factor_duties=frozenset())
    return made


Join = Callable[..., str]
