"""Fixtures every room's tests share: an empty installation on either database, and people with logins.

Tests that use ``store`` run on SQLite, and on PostgreSQL where ``tests/both_databases.py`` says so; ``--database``
names one for all. PostgreSQL is started by the tests themselves (``tests/postgres.py``).
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from foundation.evidence import sha256_hex
from foundation.store import Store
from governance import installation
from governance.authority import Clocks, Office, mandate
from governance.parties import Account, Party, PartyKind, Person, add_account, add_party, add_person
from tests import postgres
from tests.both_databases import is_drilled, is_on_both
from tests.databases import Databases, PostgresDatabases, SqliteDatabases, lent
from tests.duties import duties_of
from tests.logins import AS_IT_IS, leave_session, people_change_duty
from wiring import logs

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--database``: which database every test runs on."""
    parser.addoption("--database", choices=KINDS, help="the one database for every test; default: as its folder says")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each database, in the folders that ask for it."""
    if "databases" not in metafunc.fixturenames or metafunc.config.getoption("--database") is not None:
        return
    path = metafunc.definition.path.relative_to(Path(__file__).parent)
    if is_on_both(path, metafunc.definition.originalname):
        metafunc.parametrize("databases", KINDS, indirect=True)
    elif is_drilled(path):
        on_postgresql = pytest.param("postgresql", marks=pytest.mark.drill)
        metafunc.parametrize("databases", ["sqlite", on_postgresql], indirect=True)


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders lie where no test waits for a disk; no example fails for being slow; Ctrl-C reaches tests.

    Started in the background by a shell, everything below would ignore Ctrl-C, and the tests of it would hang.
    """
    settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("no clock")
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", postgres.in_memory_if_there_is_room())
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first, so that no worker is left alone with one at the end: the story, what waits for real
    parts or goes through every table on both databases, the rest."""
    real = {item.path for item in items if item.get_closest_marker("real")}
    items.sort(key=lambda item: (not {"story", "wiring"} & set(item.path.parts), item.path not in real))


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


@pytest.fixture(autouse=True)
def log_put_away() -> Iterator[None]:
    """No later test writes into the log of a command that one ran in this process: its folder goes."""
    yield
    logs.put_away()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """Databases as files."""
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """Databases of a server that runs as long as the tests of this process do."""
    try:
        postgres.programs()
    except postgres.NotInstalled as missing:
        if postgres.is_debian():
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    with postgres.cluster(durable=False) as server:
        yield PostgresDatabases(server)


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Databases:
    """Makes databases of the kind this test runs on."""
    kind = getattr(request, "param", None) or request.config.getoption("--database") or "sqlite"
    made: Databases = request.getfixturevalue("sqlite_databases" if kind == "sqlite" else "postgres_databases")
    return made


@pytest.fixture
def store(databases: Databases) -> Iterator[Store]:
    """An empty record database."""
    with lent(databases, databases.with_tables()) as opened:
        yield opened


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
            add_account(
                transaction, Account(account, person.id, party_id, duties_of(account), MARCH, None), _quick_hash()
            )
        return {account: leave_session(transaction, account, f"token-of-{account}") for account in PEOPLE}


def session_for(office: Office, account: str) -> str:
    """A token for an account, without the cost of argon2 (the login itself has its own tests)."""
    with office.store.transaction() as transaction:
        return leave_session(transaction, account, f"token-of-{account}")


@pytest.fixture(scope="session", autouse=True)
def duty_changed_when_needed() -> Iterator[None]:
    """The people of most tests change the duty of their login whenever they need another one."""
    with people_change_duty():
        yield


@pytest.fixture
def one_duty_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logins as they really are: each serves the one duty it was opened for."""
    monkeypatch.setattr(mandate, "_actor", AS_IT_IS)


@cache
def _quick_hash() -> str:
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash("password")
