"""The allocation collector: attribute × seconds held, a batch a day, the register's last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.collect import allocation_records, collect_month, unit_seconds
from billing.usage import batches_in, day_rows, latest_days
from foundation.values.instant import SHANGHAI, Interval
from foundation.values.month import Month, day_interval
from governance.catalogue.model import Layer, Meter, Service, ServiceKind
from governance.metering import MeterKind, RegisterEntry
from tests.billing.conftest import Works
from tests.billing.usage.conftest import FakeRegister

MARCH = Month(2026, 3)


def at(day: int, hour: int = 0, microsecond: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, 0, 0, microsecond, tzinfo=SHANGHAI)


def level(code: str, attribute: str, kind: MeterKind = MeterKind.LEVEL) -> Meter:
    return Meter(code, kind, code, code, "", "", attribute)


SERVICE = Service(
    "cloud-host",
    Layer.INFRASTRUCTURE,
    ServiceKind.RESOURCE,
    "云主机",
    "Cloud host",
    (),
    (level("vcpu", "vcpu"), level("disk", "size_gb"), level("cpu-seconds", "", MeterKind.DELTA)),
)


def entry(
    resource: str, opened: datetime, closed: datetime | None = None, attributes: Mapping[str, str] | None = None
) -> RegisterEntry:
    return RegisterEntry(
        resource=resource,
        cloud_id="i-1",
        kind="instance",
        name=resource,
        agency="hrss",
        system="social-insurance",
        project="hrss-2026-01",
        fund_source="general-budget",
        environment="env",
        service="cloud-host",
        plan="general-2c4g",
        attributes={key: Decimal(value) for key, value in (attributes or {"vcpu": "2"}).items()},
        opened=opened,
        closed=closed,
    )


def test_a_whole_day_held_is_86400_unit_seconds() -> None:
    (record,) = allocation_records([entry("vm", at(1))], [SERVICE], at(2).date())
    assert (record.quantity, record.interval) == (Decimal(2 * 86400), day_interval(at(2).date()))


def test_opening_and_closing_instants_bound_what_is_counted() -> None:
    held = entry("vm", at(2, 6), at(2, 18))
    (record,) = allocation_records([held], [SERVICE], at(2).date())
    assert (record.quantity, record.interval) == (Decimal(2 * 12 * 3600), Interval(at(2, 6), at(2, 18)))
    assert allocation_records([held], [SERVICE], at(3).date()) == ()


def test_an_entry_counts_only_on_the_meters_whose_attribute_it_has() -> None:
    found = allocation_records([entry("vm", at(1), attributes={"size_gb": "50"})], [SERVICE], at(2).date())
    assert [record.meter for record in found] == ["disk"]


@given(st.integers(0, 24), st.integers(0, 24), st.integers(1, 64))
def test_a_day_replaced_at_any_instant_is_counted_once_over(first: int, second: int, units: int) -> None:
    """A resource closed and opened again under the next entry leaves no gap and no overlap."""
    early, late = sorted([first, second])
    start = at(2)
    day = [
        entry("vm", start, at(2, early) if early < 24 else at(3), {"vcpu": str(units)}),
        entry("vm", at(2, early) if early < 24 else at(3), at(2, late) if late < 24 else at(3), {"vcpu": str(units)}),
        entry("vm", at(2, late) if late < 24 else at(3), None, {"vcpu": str(units)}),
    ]
    records = allocation_records(day, [SERVICE], start.date())
    assert sum(record.quantity for record in records) == units * 86400
    assert len({record.key for record in records}) == len(records)


def test_microseconds_and_part_units_round_half_up_at_the_last_digit() -> None:
    assert unit_seconds(Decimal("0.5"), Interval(at(2), at(2, 0, 1))) == Decimal("0.000001")


def test_collecting_twice_changes_nothing_and_a_changed_register_replaces_the_day(works: Works) -> None:
    register = FakeRegister([entry("vm", at(10))])

    def collect() -> int:
        return collect_month(works.office, works.operator, store=works.store, register=register, month=MARCH).new

    assert collect() == 22
    assert collect() == 0
    register.held = [replace(register.held[0], closed=at(10, 6))]
    assert collect() == 22
    works.close()
    with works.office.store.reading() as transaction:
        (day,) = [row for row in latest_days(transaction, MARCH) if row.rows]
        assert sum(batch.rows for batch in batches_in(transaction, MARCH.interval)) == len(day_rows(works.store, day))
    assert {record.meter: record.quantity for record in day_rows(works.store, day)} == {"vcpu": Decimal(2 * 6 * 3600)}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_the_same_records_in_any_time_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    expected = allocation_records([entry("vm", at(1))], [SERVICE], at(2).date())
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert allocation_records([entry("vm", at(1))], [SERVICE], at(2).date()) == expected
    finally:
        monkeypatch.undo()
        time.tzset()
