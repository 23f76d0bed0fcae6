"""Traces become vCPU-seconds exactly, day by day in turn, only while the instance was open."""

from __future__ import annotations

import io
import tarfile
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from os import environ
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.values.month import Month, shanghai_day
from monitoring import Instance, Traces, planetlab_records, planetlab_table, read_planetlab
from monitoring.errors import TooFewTraces

MARCH = Month(2026, 3)
START = MARCH.interval.start
REAL = Path(environ.get("GUANYUN_REAL_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")) / "planetlab"


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{path.stem.split('.')[0]}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def flat(percent: int, count: int = 288) -> bytes:
    return f"{percent}\n".encode() * count


def instance(name: str = "i-1", vcpu: str = "2", opened: timedelta = timedelta(0), days: int | None = None) -> Instance:
    closed = None if days is None else START + timedelta(days=days)
    return Instance(name, "hrss", Decimal(vcpu), START + opened, closed)


@pytest.fixture
def traces() -> Traces:
    """Two machines over three days: 10, 20, 30 percent and 40, 50, 60."""
    return Traces(
        ("a", "b"),
        tuple({"a": (10 * day,) * 288, "b": (30 + 10 * day,) * 288} for day in (1, 2, 3)),
    )


def test_the_names_common_to_all_days_are_the_machines(tmp_path: Path) -> None:
    days = [
        archive(tmp_path / f"2011030{day}.tar.gz", {name: flat(day) for name in names})
        for day, names in ((1, "cab"), (2, "abd"), (3, "bea"))
    ]
    traces, findings = read_planetlab(days[::-1])
    assert findings == ()
    assert traces is not None
    assert traces.names == ("a", "b")
    assert [day["a"][0] for day in traces.days] == [1, 2, 3]


def test_day_d_uses_trace_day_d_minus_one_mod_three(traces: Traces) -> None:
    by_day = defaultdict(set)
    for record in planetlab_records(traces, [instance()], MARCH):
        by_day[shanghai_day(record.interval.start).day].add(record.quantity)
    assert [by_day[day] for day in (1, 2, 3, 4, 31)] == [
        {Decimal(60)},
        {Decimal(120)},
        {Decimal(180)},
        {Decimal(60)},
        {Decimal(60)},
    ]


def test_the_ith_instance_takes_the_ith_machine(traces: Traces) -> None:
    records = list(planetlab_records(traces, [instance("x"), instance("y")], MARCH))
    assert {(each.resource, each.quantity) for each in records if shanghai_day(each.interval.start).day == 1} == {
        ("x", Decimal(60)),
        ("y", Decimal(240)),
    }
    assert {each.source for each in records} == {"replay"}
    assert {each.meter for each in records} == {"cpu-seconds"}
    assert len({each.key for each in records}) == len(records) == 2 * 31 * 288


def test_only_samples_wholly_inside_the_open_interval_count(traces: Traces) -> None:
    short = Instance("i-1", "hrss", Decimal(2), START + timedelta(minutes=1), START + timedelta(minutes=14, seconds=59))
    assert [each.interval.start - START for each in planetlab_records(traces, [short], MARCH)] == [timedelta(minutes=5)]


def test_more_instances_than_machines_are_refused(traces: Traces) -> None:
    with pytest.raises(TooFewTraces):
        list(planetlab_records(traces, [instance(str(number)) for number in range(3)], MARCH))


@settings(max_examples=20)
@given(
    st.lists(st.integers(0, 100), min_size=288, max_size=288),
    st.decimals(min_value=Decimal("0.5"), max_value=128, places=2),
)
def test_the_quantity_is_exact(percents: list[int], vcpu: Decimal) -> None:
    traces = Traces(("a",), ({"a": tuple(percents)},))
    records = list(planetlab_records(traces, [Instance("i", "hrss", vcpu, START)], MARCH))
    assert sum(each.quantity for each in records) == sum(percents) * vcpu * 3 * 31


def test_the_columns_are_the_records(traces: Traces) -> None:
    instances = [instance("x", "4", timedelta(hours=3)), instance("y", "0.5", days=2)]
    table = planetlab_table(traces, instances, MARCH)
    epoch = START - timedelta(microseconds=int(START.timestamp()) * 1_000_000)
    assert [
        (
            row["key"],
            row["agency"],
            row["resource"],
            row["meter"],
            epoch + timedelta(microseconds=row["start_us"]),
            epoch + timedelta(microseconds=row["end_us"]),
            row["quantity"],
            row["source"],
            row["revision"],
        )
        for row in table.to_pylist()
    ] == [
        (
            each.key,
            each.agency,
            each.resource,
            each.meter,
            each.interval.start,
            each.interval.end,
            each.quantity,
            each.source,
            each.revision,
        )
        for each in planetlab_records(traces, instances, MARCH)
    ]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"a": flat(1), "b": flat(1, 287)}, ("b", None)),
        ({"a": flat(1), "b": flat(1, 5) + b"x\n" + flat(1, 282)}, ("b", 6)),
        ({"a": flat(1), "b": b"101\n" + flat(1, 287)}, ("b", 1)),
        ({"a": flat(1), "b": b"-1\n" + flat(1, 287)}, ("b", 1)),
        ({"a": flat(1), "b": b"1.5\n" + flat(1, 287)}, ("b", 1)),
        ({"a": flat(1), "b": b"1" * 2**17}, ("b", None)),
    ],
)
def test_a_bad_trace_is_a_finding(tmp_path: Path, files: dict[str, bytes], place: tuple[str, int | None]) -> None:
    traces, findings = read_planetlab([archive(tmp_path / "one.tar.gz", files)])
    assert traces is None
    assert [(each.place.file, each.place.sheet, each.place.row) for each in findings] == [("one.tar.gz", *place)]


@pytest.mark.parametrize("data", [b"", b"not an archive", b"\x1f\x8b\x08\x00" + b"\x00" * 20])
def test_what_is_no_archive_is_a_finding(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "one.tar.gz"
    path.write_bytes(data)
    traces, findings = read_planetlab([path])
    assert traces is None
    assert len(findings) == 1


def test_a_truncated_archive_is_a_finding(tmp_path: Path) -> None:
    path = archive(tmp_path / "one.tar.gz", {str(number): flat(number % 100) for number in range(200)})
    path.write_bytes(path.read_bytes()[:-700])
    traces, findings = read_planetlab([path])
    assert traces is None
    assert findings


def test_absent_archives_are_findings(tmp_path: Path) -> None:
    assert len(read_planetlab([])[1]) == 1
    assert len(read_planetlab([tmp_path / "a.tar.gz", tmp_path / "b.tar.gz"])[1]) == 2


def test_days_without_a_common_machine_are_a_finding(tmp_path: Path) -> None:
    days = [archive(tmp_path / f"{name}.tar.gz", {name: flat(1)}) for name in "ab"]
    assert len(read_planetlab(days)[1]) == 1


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL.name} beside the repository")
def test_the_real_archives_have_403_machines_in_common() -> None:
    traces, findings = read_planetlab(sorted(REAL.glob("*.tar.gz")))
    assert findings == ()
    assert traces is not None
    assert (len(traces.names), len(traces.days)) == (403, 3)
    records = list(planetlab_records(traces, [instance(str(number), "4") for number in range(3)], MARCH))
    assert len(records) == 3 * 31 * 288
