"""Fixtures every room's tests share: an empty installation on SQLite, and people with logins."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import insert

from foundation.evidence import sha256_hex
from foundation.store import Store, metadata, open_store
from governance import installation
from governance.authority import Clocks, Office
from governance.parties import Account, Duty, Party, PartyKind, Person, add_account, add_party, add_person
from governance.parties.tables import session_table


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: "story" not in item.path.parts)


MARCH = datetime(2026, 2, 28, 16, tzinfo=UTC)
"""2026-03-01 00:00 in Shanghai."""

PARTIES = (
    Party("leading-group", PartyKind.LEADING_GROUP, "领导小组办公室", "Leading group office"),
    Party("bureau", PartyKind.BUREAU, "政务服务数据管理局", "Government Services and Data Bureau"),
    Party("operator", PartyKind.OPERATOR, "运营中心", "Operating centre"),
    Party("hrss", PartyKind.AGENCY, "市人力资源和社会保障局", "Human Resources and Social Security"),
    Party("housing", PartyKind.AGENCY, "市住房和城乡建设局", "Housing and Urban-Rural Development"),
    Party("finance", PartyKind.FINANCE, "财政局财务处", "Finance office"),
    Party("auditor", PartyKind.AUDITOR, "审计局", "Audit office"),
)
_ALL = frozenset(Duty)
PEOPLE: Mapping[str, str] = {
    "bureau-1": "bureau",
    "bureau-2": "bureau",
    "operator-1": "operator",
    "operator-2": "operator",
    "hrss-1": "hrss",
    "hrss-2": "hrss",
    "housing-1": "housing",
    "housing-2": "housing",
    "finance-1": "finance",
    "finance-2": "finance",
    "auditor-1": "auditor",
}
"""Account → party. Each account is another natural person with every duty of its party."""


class SteppingClock:
    """A real clock for tests: one millisecond later at every look."""

    def __init__(self, start: datetime) -> None:
        self._ticks = itertools.count()
        self._start = start

    def __call__(self) -> datetime:
        from datetime import timedelta

        return self._start + timedelta(milliseconds=next(self._ticks))


@dataclass
class CountingIds:
    """Ids that say the order they were made in."""

    made: int = 0

    def __call__(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made:032x}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty record database."""
    opened = open_store(f"sqlite:///{tmp_path}/records.db")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def office(store: Store) -> Office:
    """A demo installation whose business stands at the start of March 2026."""
    real = SteppingClock(datetime(2026, 11, 1, tzinfo=UTC))
    with store.transaction() as transaction:
        installation.create(transaction, demo=True, business_start=MARCH, real=real)
    return Office(store, Clocks(real), CountingIds())


@pytest.fixture
def people(office: Office) -> dict[str, str]:
    """Account name → token, for every account of ``PEOPLE``, all logged in."""
    with office.store.transaction() as transaction:
        for party in PARTIES:
            add_party(transaction, party)
        for account, party_id in PEOPLE.items():
            person = add_person(transaction, Person(f"person-{account}", sha256_hex(account.encode()), account))
            add_account(transaction, Account(account, person.id, party_id, _ALL, MARCH, None), _quick_hash())
    return {account: session_for(office, account) for account in PEOPLE}


def session_for(office: Office, account: str) -> str:
    """A token for an account, without the cost of argon2 (the login itself has its own tests)."""
    token = f"token-of-{account}"
    with office.store.transaction() as transaction:
        transaction.write(
            insert(session_table).values(
                token_hash=sha256_hex(token.encode()), account=account, expires_at=datetime(2030, 1, 1, tzinfo=UTC)
            )
        )
    return token


def _quick_hash() -> str:
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash("password")
