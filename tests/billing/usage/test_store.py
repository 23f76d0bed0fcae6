"""Ingest and day close: idempotent, duplicates counted once, contradictions seen, late use a new version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from billing.errors import BatchMissing, InvalidRecord
from billing.handing_out import hand_out_subscriber
from billing.usage import (
    DayRow,
    all_days,
    batch_of,
    batches_in,
    close_day,
    day_leaves,
    day_rows,
    latest_days,
    leaves_of,
    quarantined,
    record_batches,
    salts_of,
    stale_days,
)
from billing.usage import files as files_module
from foundation.evidence import agency_proof, build_tree, open_signed, read_handed_out, read_key_ring, root_of_agency
from foundation.store import Scope
from foundation.values.instant import SHANGHAI
from foundation.values.month import Month
from foundation.work import deliver
from governance import audit
from governance.authority import machine_scope
from governance.errors import Refused
from governance.metering import UsageRecord
from tests.billing.conftest import Works

Make = Callable[..., UsageRecord]
MARCH = Month(2026, 3)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def days_of(works: Works) -> list[DayRow]:
    with works.office.store.reading() as transaction:
        return list(latest_days(transaction, MARCH))


def rows_of(works: Works, day: int) -> list[UsageRecord]:
    (row,) = [row for row in days_of(works) if row.day.day == day]
    return day_rows(works.store, row)


def entries(works: Works) -> int:
    with works.office.store.reading() as transaction:
        number: int = transaction.value(select(func.count()).select_from(audit.audit_table))
        return number


def test_the_same_batch_twice_changes_nothing_in_any_order(works: Works, record: Make) -> None:
    records = [record(f"k{number}", at(2, number), at(2, number + 1)) for number in range(5)]
    assert works.take(*records).new == 1
    before = entries(works)
    taken = works.take(*reversed(records))
    assert (taken.new, taken.standing, entries(works)) == (0, 1, before)


def test_only_the_operator_takes_usage_in(works: Works, record: Make) -> None:
    batch = batch_of("probe", "2026-03", [record("k", at(2), at(3))])
    with pytest.raises(Refused):
        record_batches(works.office, works.people["bureau-1"], works.store, [batch])
    assert not (works.store.folder / "batches").exists()


def test_the_same_key_with_the_same_content_counts_once(works: Works, record: Make) -> None:
    one, two = record("k1", at(2), at(2, 1)), record("k2", at(2, 1), at(2, 2))
    works.take(one, two, period="a")
    works.take(one, period="b")
    works.close(2)
    assert rows_of(works, 2) == [one, two]


def test_the_same_key_with_other_content_sets_both_aside_and_shows_them(works: Works, record: Make) -> None:
    works.take(record("k", at(2), at(2, 1), "1"), record("sound", at(2), at(2, 1)), period="a")
    works.take(record("k", at(2), at(2, 1), "2"), period="b")
    closed = works.close(2)
    assert [each.key for each in rows_of(works, 2)] == ["sound"]
    assert closed.set_aside == 2
    with works.office.store.reading() as transaction:
        seen = quarantined(transaction, machine_scope(), MARCH)
        others = quarantined(transaction, Scope(frozenset({"housing"})), MARCH)
    assert [(each.key, each.quantity) for each in sorted(seen, key=lambda each: each.quantity)] == [
        ("k", Decimal(1)),
        ("k", Decimal(2)),
    ]
    assert others == []


def test_a_higher_revision_counts_instead(works: Works, record: Make) -> None:
    works.take(record("k", at(2), at(2, 1), "1"), period="a")
    works.take(record("k", at(2), at(2, 1), "2", revision=1), period="b")
    works.close(2)
    assert [each.quantity for each in rows_of(works, 2)] == [Decimal(2)]


def test_a_record_over_midnight_is_counted_on_both_days(works: Works, record: Make) -> None:
    works.take(record("k", at(2, 23), at(3, 2), "3"))
    works.close(2, 3)
    assert [(each.quantity, each.interval.end) for each in rows_of(works, 2)] == [(Decimal(1), at(3))]
    assert [(each.quantity, each.interval.end) for each in rows_of(works, 3)] == [(Decimal(2), at(3, 2))]


def test_closing_an_unchanged_day_again_does_nothing(works: Works, record: Make) -> None:
    works.take(record("k", at(2), at(2, 1)))
    assert len(works.close().written) == 31
    before = entries(works)
    again = works.close()
    assert (again.written, again.standing, entries(works)) == ((), 31, before)


def test_a_late_batch_reopens_only_its_day_as_the_next_version(works: Works, record: Make) -> None:
    works.take(record("k", at(2), at(2, 1)), period="a")
    works.close()
    first = days_of(works)[1]
    works.take(record("late", at(2, 5), at(2, 6)), period="b")
    with works.office.store.reading() as transaction:
        assert len(stale_days(transaction, MARCH)) == 31
    assert [(day.day, version) for day, version in works.close().written] == [(2, 2)]
    with works.office.store.reading() as transaction:
        assert stale_days(transaction, MARCH) == []
        assert [row.version for row in all_days(transaction) if row.day.day == 2] == [1, 2]
    assert [each.key for each in day_rows(works.store, first)] == ["k"], "the old version stays readable"


def test_a_batch_that_replaces_another_takes_its_place(works: Works, record: Make) -> None:
    first, second = record("k", at(2), at(2, 2), "2"), record("k", at(2), at(2, 1), "1")
    for wanted in (first, second, first):
        assert works.take(wanted, replacing=True).new == 1
        works.close(2)
        assert rows_of(works, 2) == [wanted]
        with works.office.store.reading() as transaction:
            assert len(batches_in(transaction, MARCH.interval)) == 1


def test_a_day_that_is_not_over_stays_open(works: Works, record: Make) -> None:
    assert works.close(31).written != ()
    april = at(31).date() + timedelta(days=1)
    closed = close_day(works.office, works.operator, april, store=works.store, signer=works.signer, salt=works.salt)
    assert closed.written == ()


def test_roots_are_signed_handed_out_and_prove_one_agencys_rows(works: Works, record: Make, tmp_path: Path) -> None:
    works.take(
        record("a", at(2), at(2, 1)),
        record("b", at(2), at(2, 1), agency="housing", resource="vm-2"),
        record("c", at(2), at(2, 1), meter="vcpu"),
    )
    works.close(2)
    folder = tmp_path / "handed-out"
    for _ in range(2):
        deliver(works.office.store, [hand_out_subscriber(folder)], clock=works.office.clocks.real)
    ring = read_key_ring(tmp_path / "public")
    bodies = read_handed_out(folder, ring, owner="operator.evidence")
    (row,) = days_of(works)
    assert bodies == {"usage-2026-03-02.v1": {"kind": "usage", "day": "2026-03-02", "version": 1, "root": row.root}}
    assert open_signed(row.signed, ring, owner="operator.evidence", what="day")["root"] == row.root
    own = Scope(frozenset({"hrss"}))
    with works.office.store.reading() as transaction:
        leaves = leaves_of(transaction, own, row.day, row.version)
        salts = salts_of(transaction, own, row.day, row.version)
        everything = leaves_of(transaction, machine_scope(), row.day, row.version)
        tree = build_tree(everything, salts_of(transaction, machine_scope(), row.day, row.version))
    assert tree.root == row.root
    assert set(leaves) == set(salts) == {"hrss"}
    mine = day_leaves(day_rows(works.store, row, "hrss"))
    assert mine == leaves
    proof = agency_proof(tree, "hrss")
    assert root_of_agency(mine["hrss"], salts["hrss"], proof) == row.root
    del mine["hrss"]["vm-1|vcpu"]
    assert root_of_agency(mine["hrss"], salts["hrss"], proof) != row.root


def test_a_price_change_inside_a_day_cuts_the_records_on_it(works: Works, record: Make) -> None:
    from governance.catalogue import PriceLine, PriceList, PriceUnit, draft_prices, publish_prices

    works.take(record("k", at(20, 10), at(20, 14), "4"))
    works.close(20)
    line = PriceLine("cloud-host", "cpu-seconds", PriceUnit.PER_UNIT, Decimal("0.00002"))
    noon = PriceList("P-noon", "notice:市政数〔2026〕11号", at(20, 12), True, Decimal("0.06"), (line,))
    draft_prices(works.office, works.people["bureau-1"], noon)
    publish_prices(works.office, works.people["bureau-2"], "P-noon")
    assert [version for _, version in works.close(20).written] == [2]
    assert [(each.interval.start, each.quantity) for each in rows_of(works, 20)] == [
        (at(20, 10), Decimal(2)),
        (at(20, 12), Decimal(2)),
    ]


def test_a_changed_batch_file_is_not_closed_over(works: Works, record: Make) -> None:
    works.take(record("k", at(2), at(2, 1)))
    (file,) = (works.store.folder / "batches").rglob("*.parquet")
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(BatchMissing):
        works.close(2)


@pytest.mark.parametrize(
    ("field", "text"), [("resource", "a|b"), ("key", ""), ("agency", "a\nb"), ("meter", "x" * 301), ("source", "other")]
)
def test_a_record_that_could_be_mistaken_is_refused(works: Works, record: Make, field: str, text: str) -> None:
    sound = record("k", at(2), at(2, 1))
    change: dict[str, Any] = {field: text}
    wrong = replace(sound, **change)
    with pytest.raises(InvalidRecord) as refused:
        record_batches(works.office, works.operator, works.store, [batch_of("probe", "2026-03", [wrong])])
    assert refused.value.facts["field"] == field


class Killed(BaseException):
    """Stands in for kill -9: nothing may catch it."""


@pytest.mark.parametrize("moment", range(8))
def test_killed_anywhere_and_run_again_it_ends_the_same(
    works: Works, record: Make, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """The kill strikes at the n-th durable step: before a file is renamed, or after it and before the commit."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == moment + 1:
            raise Killed

    path_replace, sync = Path.replace, files_module._sync_folder

    def replace_file(self: Path, target: Path) -> Path:
        step()
        return path_replace(self, target)

    def sync_folder(folder: Path) -> None:
        sync(folder)
        step()

    records = [record(f"k{hour}", at(2, hour), at(2, hour + 1)) for hour in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace_file)
        patched.setattr(files_module, "_sync_folder", sync_folder)
        try:
            works.take(*records)
            works.close(2, 3)
        except Killed:
            pass
    works.take(*records)
    works.close(2, 3)
    assert rows_of(works, 2) == records
    assert [(row.day.day, row.version) for row in days_of(works)] == [(2, 1), (3, 1)]
    with works.office.store.reading() as transaction:
        assert [row.rows for row in batches_in(transaction, MARCH.interval)] == [3]
        assert audit.first_break(audit.entries(transaction)) is None
