"""Works: a published catalogue with a price change in mid-March, a usage store, the operator's key, records to put in.
Town: two agencies' whole month through billing, built once, copied for each test that changes something.

The register, the minutes and the grade of a town are played by fakes behind billing's ports; the rest is real.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.collect import collect_month
from billing.handing_out import hand_out_subscriber
from billing.items.model import item_digest
from billing.items.reading import read_items
from billing.items.service import accept_item, record_item
from billing.live import LiveSources, verify_live
from billing.packs import PackSources, SliDayEvidence, settlement_pack, statement_pack
from billing.ports import SliMonth
from billing.settlement import service as settling
from billing.settlement.gathering import Sources as SettlementSources
from billing.settlement.tables import SettlementRow
from billing.statements import service as stating
from billing.statements.drawing import Sources as StatementSources
from billing.statements.model import RootReference, ServiceAvailability
from billing.usage import Closed, Taken, UsageStore, batch_of, close_days, close_month, record_batches
from billing.verification import Verification
from foundation.evidence import (
    FileSigner,
    KeyRing,
    agency_proof,
    build_tree,
    create_key,
    hand_out,
    read_key_ring,
    series_leaf,
    sha256_hex,
    sign,
)
from foundation.store import Scope, Store, Transaction, metadata, open_store
from foundation.values.instant import SHANGHAI, Interval
from foundation.values.month import Month
from foundation.work import deliver_and_report
from governance import installation
from governance.authority import Clocks, Office, viewing
from governance.catalogue import (
    draft_catalogue,
    draft_prices,
    publish_catalogue,
    publish_prices,
    record_notices,
)
from governance.contracts import record_contract
from governance.metering import RegisterEntry, UsageRecord
from governance.parties import Account, Party, PartyKind, Person, add_account, add_party, add_person
from governance.sla import count_minutes, sli_rows
from tests import examples
from tests.duties import duties_of
from tests.logins import leave_session

EXAMPLES = Path(__file__).parents[2] / "examples"
MARCH = Month(2026, 3)
CONTRACT = "C-2026-01"
SETTLEMENT = f"S-{CONTRACT}-{MARCH}"
PARTIES = {
    "bureau": PartyKind.BUREAU,
    "operator": PartyKind.OPERATOR,
    "hrss": PartyKind.AGENCY,
    "housing": PartyKind.AGENCY,
    "finance": PartyKind.FINANCE,
    "auditor": PartyKind.AUDITOR,
}
NAMES = {"hrss": "市人力资源和社会保障局", "housing": "市住房和城乡建设局"}


def shanghai(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Works:
    """One installation's metering, at arm's length."""

    office: Office
    people: Mapping[str, str]
    store: UsageStore
    signer: FileSigner
    salt: Callable[[], str]

    @property
    def operator(self) -> str:
        return self.people["operator-1"]

    def take(self, *records: UsageRecord, period: str = "2026-03", replacing: bool = False) -> Taken:
        source = records[0].source
        batch = batch_of(source, period, records)
        return record_batches(self.office, self.operator, self.store, [batch], replacing=replacing)

    def close(self, *days: int) -> Closed:
        parts = {"store": self.store, "signer": self.signer, "salt": self.salt}
        if not days:
            return close_month(self.office, self.operator, MARCH, **parts)  # type: ignore[arg-type]
        wanted = [shanghai(day).date() for day in days]
        return close_days(self.office, self.operator, wanted, **parts)  # type: ignore[arg-type]

    def publish_prices(self) -> None:
        file = examples.prices()
        record_notices(self.office, self.people["bureau-1"], file.notices)
        for price_list in file.lists:
            draft_prices(self.office, self.people["bureau-1"], price_list)
            publish_prices(self.office, self.people["bureau-2"], price_list.id)

    def move_clock(self, instant: datetime) -> None:
        with self.office.store.transaction() as transaction:
            installation.set_business_clock(transaction, instant, self.office.clocks.real)


@pytest.fixture
def works(office: Office, people: dict[str, str], tmp_path: Path) -> Works:
    """The business clock stands at 1 April 2026; catalogue, contract and prices are in force."""
    create_key(tmp_path / "key.pem", tmp_path / "public" / "operator.evidence.pub.pem")
    salts = itertools.count()
    made = Works(
        office, people, UsageStore(tmp_path / "usage"), FileSigner(tmp_path / "key.pem"), lambda: f"{next(salts):064x}"
    )
    record_contract(office, people["bureau-1"], examples.contract())
    catalogue = examples.catalogue()
    draft_catalogue(office, people["bureau-1"], catalogue)
    publish_catalogue(office, people["bureau-2"], catalogue.id)
    made.publish_prices()
    made.move_clock(MARCH.interval.end)
    return made


@pytest.fixture
def record() -> Callable[..., UsageRecord]:
    """Makes a record of ``hrss`` unless told otherwise."""

    def make(
        key: str,
        start: datetime,
        end: datetime,
        quantity: str = "1",
        *,
        agency: str = "hrss",
        resource: str = "vm-1",
        meter: str = "cpu-seconds",
        source: str = "probe",
        revision: int = 0,
    ) -> UsageRecord:
        return UsageRecord(key, agency, resource, meter, Interval(start, end), Decimal(quantity), source, revision)

    return make


def _entry(resource: str, agency: str, system: str, plan: str, opened: datetime, **attributes: int) -> RegisterEntry:
    project, fund = {
        "hrss": ("P-HRSS-2026-01", "一般公共预算"),
        "housing": ("P-HOUSING-2026-01", "住房公积金增值收益"),
    }[agency]
    exact = {name: Decimal(value) for name, value in attributes.items()}
    return RegisterEntry(
        resource,
        f"i-{resource}",
        "instance",
        resource,
        agency,
        system,
        project,
        fund,
        f"{agency}-env",
        "cloud-host",
        plan,
        exact,
        opened,
    )


class FakeRegister:
    """billing's ``Register``."""

    held: tuple[RegisterEntry, ...] = (
        _entry("vm-web", "hrss", "social-insurance", "general-2c4g", shanghai(1), vcpu=2, memory_gb=4),
        _entry("vm-app", "hrss", "social-insurance", "general-4c16g", shanghai(10, 9), vcpu=4, memory_gb=16),
        _entry("vm-fund", "housing", "housing-fund", "general-8c32g", shanghai(5, 10), vcpu=8, memory_gb=32),
        _entry("disk-fund", "housing", "housing-fund", "", shanghai(5, 10), size_gb=500),
    )

    def entries(self, transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
        return [each for each in self.held if scope.covers(each.agency) and each.opened < interval.end]


@dataclass
class FakeSli:
    """billing's ``SliEvidence`` and ``SliProofs``, and the check of minutes, over fixed minutes."""

    minutes: dict[tuple[str, date], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day in MARCH.days():
            down = 900 if day.day == 7 else 0
            self.minutes["hrss", day] = "u" * (1440 - down - 2) + "d" * down + "??"
            self.minutes["housing", day] = "u" * 1440

    def _tree(self, day: date) -> Any:
        leaves = {
            agency: {"cloud-host": series_leaf("cloud-host", sli_rows(day, self.minutes[agency, day]))}
            for agency in ("hrss", "housing")
        }
        return build_tree(leaves, {agency: sha256_hex(f"{agency}{day}".encode()) for agency in leaves})

    def name(self, day: date) -> str:
        return f"sli-{day}.v1"

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: object = None
    ) -> SliMonth:
        states = "".join(self.minutes[agency, day] for day in month.days())
        roots = tuple(RootReference(self.name(day), self._tree(day).root) for day in month.days())
        return SliMonth((ServiceAvailability("cloud-host", count_minutes(states)),), roots)

    def seal(self, folder: Path, signer: FileSigner) -> None:
        for day in MARCH.days():
            body = {"kind": "sli", "day": day.isoformat(), "version": 1, "root": self._tree(day).root}
            hand_out(folder, self.name(day), sign(body, signer))


@dataclass
class FakeProofs:
    """billing's ``SliProofs``."""

    sli: FakeSli

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: object = None
    ) -> Sequence[SliDayEvidence]:
        found = []
        for day in month.days():
            tree = self.sli._tree(day)
            found.append(
                SliDayEvidence(
                    self.sli.name(day),
                    day,
                    1,
                    {"cloud-host": self.sli.minutes[agency, day]},
                    tree.leaves[agency],
                    tree.salts[agency],
                    agency_proof(tree, agency),
                )
            )
        return found


@dataclass
class FakeSliChecks:
    """The port of ``billing.live``."""

    sli: FakeSli

    def breaks(
        self, transaction: Transaction, scope: Scope, month: Month, handed_out: Mapping[str, Mapping[str, Any]]
    ) -> Sequence[Any]:
        @dataclass
        class Break:
            day: date
            agency: str = "hrss"
            service: str = "cloud-host"
            zh: str = "封存后的记录被改动"
            en: str = "a sealed record was changed"

        days = month.days() if month == MARCH else ()
        return [Break(day) for day in days if self.sli._tree(day).root != handed_out[self.sli.name(day)]["root"]]


@dataclass
class FakeGrades:
    """billing's ``Grades``."""

    points: dict[Month, int] = field(default_factory=lambda: {MARCH: 88})

    def published(self, transaction: Transaction, contract: str, month: Month) -> tuple[int, str] | None:
        points = self.points.get(month)
        return None if points is None else (points, sha256_hex(f"{contract}{month}{points}".encode()))


class Town:
    """One installation in a folder, its records there or at ``url``; tokens for ``<party>-1`` to ``<party>-3``."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.store: Store = open_store(url or f"sqlite:///{folder}/records.db")
        ticks = itertools.count()
        real = lambda: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(milliseconds=next(ticks))  # noqa: E731
        self.office = Office(self.store, Clocks(real), lambda prefix: f"{prefix}_{next(ticks):032x}")
        self.usage = UsageStore(folder / "usage")
        self.handed_out = folder / "handed-out"
        self.register, self.sli, self.grades = FakeRegister(), FakeSli(), FakeGrades()

    @property
    def ring(self) -> KeyRing:
        return read_key_ring(self.folder / "public-keys")

    def signer(self, purpose: str) -> FileSigner:
        return FileSigner(self.folder / "keys" / f"operator.{purpose}.pem")

    @property
    def statements(self) -> StatementSources:
        return StatementSources(store=self.usage, register=self.register, sli=self.sli, code_version="test")

    @property
    def settlements(self) -> SettlementSources:
        return SettlementSources(grades=self.grades, register=self.register)

    @property
    def sources(self) -> PackSources:
        return PackSources(statements=self.statements, settlements=self.settlements, sli=FakeProofs(self.sli))

    def token(self, account: str) -> str:
        return f"token-of-{account}"

    def clock(self, instant: datetime) -> None:
        with self.store.transaction() as transaction:
            installation.set_business_clock(transaction, instant, self.office.clocks.real)

    def deliver(self) -> None:
        listening = [hand_out_subscriber(self.handed_out)]
        assert not deliver_and_report(self.store, listening, clock=self.office.clocks.real).failed

    # the story

    def found(self) -> None:
        """Keys, parties, persons, contract, catalogue, prices."""
        metadata.create_all(self.store.engine)
        for purpose in ("evidence", "billing"):
            name = f"operator.{purpose}"
            create_key(self.folder / "keys" / f"{name}.pem", self.folder / "public-keys" / f"{name}.pub.pem")
        with self.store.transaction() as transaction:
            installation.create(transaction, demo=True, business_start=shanghai(1), real=self.office.clocks.real)
            for party, kind in PARTIES.items():
                add_party(transaction, Party(party, kind, NAMES.get(party, party), party))
                for number in (1, 2, 3):
                    account = f"{party}-{number}"
                    person = add_person(transaction, Person(f"p-{account}", sha256_hex(account.encode()), account))
                    add_account(
                        transaction, Account(account, person.id, party, duties_of(account), shanghai(1), None), "-"
                    )
                    leave_session(transaction, account, self.token(account))
        record_contract(self.office, self.token("bureau-1"), examples.contract())
        catalogue = examples.catalogue()
        draft_catalogue(self.office, self.token("bureau-1"), catalogue)
        publish_catalogue(self.office, self.token("bureau-2"), catalogue.id)
        file = examples.prices()
        record_notices(self.office, self.token("bureau-1"), file.notices)
        for price_list in file.lists:
            draft_prices(self.office, self.token("bureau-1"), price_list)
            publish_prices(self.office, self.token("bureau-2"), price_list.id)

    def meter(self) -> None:
        """Usage collected, days closed, minutes sealed."""
        self.clock(shanghai(3, 9, month=4))
        operator = self.token("operator-1")
        collect_month(self.office, operator, store=self.usage, register=self.register, month=MARCH)
        salts = itertools.count()
        close_month(
            self.office,
            operator,
            MARCH,
            store=self.usage,
            signer=self.signer("evidence"),
            salt=lambda: sha256_hex(str(next(salts)).encode()),
        )
        self.sli.seal(self.handed_out, self.signer("evidence"))

    def record_items(self) -> None:
        entries, findings = read_items(EXAMPLES / "items.yaml")
        assert entries is not None, findings
        for entry in entries:
            item = record_item(self.office, self.token("operator-1"), entry)
            if item.criterion is not None:
                accept_item(
                    self.office,
                    self.token(f"{item.agency}-1"),
                    item.id,
                    digest=item_digest(item),
                    share=Decimal("0.75"),
                    measured="0",
                )

    def state(self, *agencies: str) -> None:
        """Statements issued."""
        self.clock(shanghai(10, 9, month=4))
        operator = self.token("operator-1")
        for agency in agencies:
            row = stating.draft_statement(
                self.office, operator, self.statements, agency=agency, month=MARCH, contract=CONTRACT
            )
            stating.issue_statement(
                self.office, operator, self.statements, self.signer("evidence"), id_=row.id, expected=row.digest
            )
        self.deliver()

    def confirm(self, agency: str) -> None:
        row = stating.statement(self.office, self.token(f"{agency}-2"), f"US-{agency}-{MARCH}")
        stating.confirm_statement(self.office, self.token(f"{agency}-2"), id_=row.id, expected=row.digest)

    def draft(self, account: str = "operator-1") -> SettlementRow:
        return settling.draft_settlement(self.office, self.token(account), CONTRACT, MARCH, sources=self.settlements)

    def submit(self, digest: str, account: str = "operator-1") -> SettlementRow:
        return settling.submit_settlement(
            self.office,
            self.token(account),
            SETTLEMENT,
            digest=digest,
            signer=self.signer("billing"),
            sources=self.settlements,
        )

    def settle(self) -> SettlementRow:
        """From draft to paid."""
        self.clock(shanghai(15, 9, month=4))
        digest = self.submit(self.draft().digest).digest
        office = self.office
        settling.accept_settlement(office, self.token("bureau-1"), SETTLEMENT, digest=digest)
        settling.review_settlement(office, self.token("finance-1"), SETTLEMENT, digest=digest)
        settling.approve_settlement(office, self.token("finance-2"), SETTLEMENT, digest=digest)
        return settling.pay_settlement(office, self.token("finance-2"), SETTLEMENT, digest=digest)

    # the proof

    def write_statement_pack(self, agency: str) -> Path:
        pack = statement_pack(
            self.office, self.token(f"{agency}-1"), self.sources, f"US-{agency}-{MARCH}", signer=self.signer("billing")
        )
        return self._write(pack.name, pack.data)

    def write_settlement_pack(self) -> Path:
        pack = settlement_pack(
            self.office, self.token("bureau-1"), self.sources, SETTLEMENT, signer=self.signer("billing")
        )
        return self._write(pack.name, pack.data)

    def _write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def verify_live(self, account: str = "auditor-1") -> Verification:
        with viewing(self.office, self.token(account)) as view:
            sources = LiveSources(packs=self.sources, sli=FakeSliChecks(self.sli))
            return verify_live(view, sources, self.handed_out, self.ring)


@pytest.fixture(scope="session")
def built_towns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of a town after confirmation and after payment; never changed by a test."""
    folder = tmp_path_factory.mktemp("town")
    town = Town(folder)
    town.found()
    town.meter()
    town.record_items()
    town.state("hrss", "housing")
    town.confirm("hrss")
    town.confirm("housing")
    town.store.close()
    confirmed = folder.with_name("confirmed")
    shutil.copytree(folder, confirmed)
    town = Town(folder)
    town.settle()
    town.deliver()
    town.store.close()
    return {"confirmed": confirmed, "paid": folder}


@pytest.fixture
def confirmed_town(built_towns: dict[str, Path], tmp_path: Path) -> Town:
    """Both statements are confirmed, nothing is settled; a copy of its own."""
    return Town(Path(shutil.copytree(built_towns["confirmed"], tmp_path / "town")))


@pytest.fixture
def town(built_towns: dict[str, Path], tmp_path: Path) -> Town:
    """The settlement is paid; a copy of its own."""
    return Town(Path(shutil.copytree(built_towns["paid"], tmp_path / "town")))


@pytest.fixture(scope="session")
def town_at() -> Callable[[Path], Town]:
    """Opens the town that stands in a folder."""
    return Town
