"""The DuckDB passes say exactly what plain Python says of the same records."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.errors import BatchMissing
from billing.rating import Holding, Price, PriceUnit, Use, segments_of
from billing.usage import DayRow, UsageStore, day_leaves, month_segments, split_by_day
from billing.usage.preparation import prepared
from billing.usage.records import content_digest, records_of, table_of
from billing.usage.series import table_leaves
from foundation.evidence import Signed
from foundation.values.instant import Interval
from foundation.values.month import Month, shanghai_day
from governance.metering import UsageRecord

MARCH = Month(2026, 3)
START, END = MARCH.interval.start, MARCH.interval.end
CHANGES = (datetime(2026, 3, 15, 16, tzinfo=UTC), datetime(2026, 3, 20, 4, 30, tzinfo=UTC))

seconds = st.integers(-86400, MARCH.seconds + 86400)


@st.composite
def records(draw: st.DrawFn) -> UsageRecord:
    start = START + timedelta(seconds=draw(seconds))
    return UsageRecord(
        key=draw(st.sampled_from("abcdef")) + str(draw(st.integers(0, 4))),
        agency=draw(st.sampled_from(["hrss", "housing"])),
        resource=draw(st.sampled_from(["vm-1", "vm-2"])),
        meter=draw(st.sampled_from(["vcpu", "cpu-seconds"])),
        interval=Interval(start, start + timedelta(seconds=draw(st.integers(1, 200000)))),
        quantity=Decimal(draw(st.integers(0, 10**19))).scaleb(-6),
        source=draw(st.sampled_from(["one", "two"])),
        revision=draw(st.integers(0, 2)),
    )


def by_hand(given_records: Sequence[UsageRecord]) -> tuple[list[UsageRecord], set[UsageRecord]]:
    """(what counts, cut at every boundary; what is set aside)."""
    counting: list[UsageRecord] = []
    aside: set[UsageRecord] = set()
    for key in {record.key for record in given_records}:
        mine = {record for record in given_records if record.key == key}
        newest = {record for record in mine if record.revision == max(each.revision for each in mine)}
        if len(newest) > 1:
            aside |= newest
        else:
            counting += [piece for record in newest for piece in split_by_day(record, CHANGES)]
    return counting, aside


@settings(max_examples=40, deadline=None)
@given(st.lists(records(), max_size=25), st.integers(1, 3))
def test_what_counts_what_is_set_aside_and_where_it_is_cut(found: list[UsageRecord], parts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = UsageStore(Path(folder))
        paths = [f"batches/p/{part}.parquet" for part in range(parts)]
        for part, path in enumerate(paths):
            store.write(path, table_of(found[part::parts]))
        counting, aside = by_hand(found)
        with prepared([store.folder / path for path in paths], CHANGES) as ready:
            days = {shanghai_day(record.interval.start) for record in (*counting, *aside)} | {date(2026, 3, 1)}
            for day in days:
                here = [record for record in counting if shanghai_day(record.interval.start) == day]
                table = ready.day(day)
                assert sorted(records_of(table), key=repr) == sorted(here, key=repr)
                assert table_leaves(table) == day_leaves(here)
                set_aside = {record for record in aside if shanghai_day(record.interval.start) == day}
                assert set(records_of(ready.set_aside(day))) == set_aside


def day_row(path: str, digest: str, rows: int) -> DayRow:
    return DayRow(date(2026, 3, 1), 1, "", rows, path, digest, "", Signed({}, "", ""), START)


def price(id_: str, meter: str, start: datetime, end: datetime | None) -> Price:
    return Price(id_, "cloud-host", meter, PriceUnit.PER_UNIT, Decimal(1), start, end, True, Decimal(0), "")


def held(agency: str, resource: str, opened: datetime, closed: datetime | None) -> Holding:
    return Holding(resource, agency, "s", "p", "f", "cloud-host", "plan", opened, closed)


PRICES = (
    price("v1", "vcpu", START - timedelta(days=9), CHANGES[0]),
    price("v2", "vcpu", CHANGES[0], None),
    price("c", "cpu-seconds", CHANGES[1], None),
)
HOLDINGS = (
    held("hrss", "vm-1", START - timedelta(days=40), CHANGES[1]),
    held("hrss", "vm-1", CHANGES[1], None),
    held("housing", "vm-2", CHANGES[0], CHANGES[1]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(records(), max_size=25), st.sampled_from(["", "hrss", "housing"]))
def test_the_segment_pass_equals_the_pure_one(found: list[UsageRecord], agency: str) -> None:
    rows = [piece for record in found for piece in split_by_day(record, CHANGES)]
    with tempfile.TemporaryDirectory() as folder:
        store = UsageStore(Path(folder))
        days = [day_row(f"days/{part}.parquet", "", len(rows[part::2])) for part in range(2)]
        days = [
            day_row(day.file, store.write(day.file, table_of(rows[part::2])), day.rows) for part, day in enumerate(days)
        ]
        uses = [
            Use(each.agency, each.resource, each.meter, each.interval.start, each.quantity)
            for each in rows
            if agency in {"", each.agency}
        ]
        assert month_segments(store, days, HOLDINGS, PRICES, MARCH, agency) == segments_of(
            uses, HOLDINGS, PRICES, MARCH
        )


@given(st.lists(records(), max_size=12), st.randoms(use_true_random=False))
def test_a_batchs_content_has_one_digest_in_any_order(found: list[UsageRecord], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert content_digest(table_of(shuffled)) == content_digest(table_of(found))


def test_a_sum_beyond_a_floats_digits_stays_exact(tmp_path: Path) -> None:
    big = Decimal("99999999999999.999999")
    rows = [
        UsageRecord(str(number), "hrss", "vm-1", "vcpu", Interval(START, START + timedelta(days=1)), big, "one")
        for number in range(1001)
    ]
    store = UsageStore(tmp_path)
    digest = store.write("days/d.parquet", table_of(rows))
    (segment,) = month_segments(store, [day_row("days/d.parquet", digest, len(rows))], HOLDINGS, PRICES, MARCH)
    assert str(segment.quantity) == "100099999999999999.998999"


def test_a_changed_day_file_is_never_billed_from(tmp_path: Path) -> None:
    store = UsageStore(tmp_path)
    row = UsageRecord("k", "hrss", "vm-1", "vcpu", Interval(START, END), Decimal(1), "one")
    digest = store.write("days/d.parquet", table_of([row]))
    assert store.write("days/d.parquet", table_of([replace(row, quantity=Decimal(2))])) != digest
    with pytest.raises(BatchMissing):
        month_segments(store, [day_row("days/d.parquet", digest, 1)], HOLDINGS, PRICES, MARCH)
