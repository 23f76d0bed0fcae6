"""A published catalogue with a price change in mid-March, a usage store, the operator's key, and records to put in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billing.usage import Closed, Taken, UsageStore, batch_of, close_days, record_batches
from foundation.evidence import FileSigner, create_key
from foundation.store import Scope, Transaction
from foundation.values.instant import SHANGHAI, Interval
from foundation.values.month import Month
from governance import installation
from governance.authority import Office
from governance.catalogue import draft_prices, publish_catalogue, publish_prices, read_catalogue, read_prices
from governance.contracts import read_contract, record_contract
from governance.metering import RegisterEntry, UsageRecord

EXAMPLES = Path(__file__).parents[3] / "examples"
MARCH = Month(2026, 3)


@dataclass
class FakeRegister:
    """The register port over a list."""

    held: list[RegisterEntry] = field(default_factory=list)

    def entries(self, transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
        return [
            each
            for each in self.held
            if scope.covers(each.agency)
            and each.opened < interval.end
            and (each.closed is None or each.closed > interval.start)
        ]


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
        batch = batch_of(records[0].source, period, records)
        return record_batches(self.office, self.operator, self.store, [batch], replacing=replacing)

    def close(self, *days: int) -> Closed:
        """Close these days of March, or all of them."""
        wanted = [datetime(2026, 3, day, tzinfo=SHANGHAI).date() for day in days] or list(MARCH.days())
        return close_days(self.office, self.operator, wanted, store=self.store, signer=self.signer, salt=self.salt)

    def publish_prices(self) -> None:
        lists, findings = read_prices(EXAMPLES / "prices.yaml")
        assert lists is not None, findings
        for price_list in lists:
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
    contract, findings = read_contract(EXAMPLES / "contract.yaml")
    assert contract is not None, findings
    record_contract(office, people["bureau-1"], contract)
    catalogue, findings = read_catalogue(EXAMPLES / "catalogue.yaml")
    assert catalogue is not None, findings
    publish_catalogue(office, people["bureau-2"], catalogue)
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
