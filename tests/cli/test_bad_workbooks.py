"""Bad workbooks at the command line: a finding with its place, quickly, in little memory, and nothing recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

pytestmark = pytest.mark.real

SECONDS, MEMORY = 2.0, 256 * 2**20
HEADINGS = ("VM", "Powerstate", "Template", "CPUs", "Memory", "Provisioned MiB", "Datacenter", "Cluster", "Host")
SYSTEMS = ("OS according to the configuration file", "OS according to the VMware Tools", "DNS Name", "VM UUID")
Sheets = dict[str, list[Sequence[object]]]


def machine(name: str, cpus: object = 2) -> Sequence[object]:
    return (name, "poweredOn", "False", cpus, 4096, 51200, "dc", "c1", "h1", "Linux", "Linux", name, f"uuid-{name}")


def room() -> Sheets:
    return {
        "vInfo": [HEADINGS + SYSTEMS, machine("web-01")],
        "vHost": [
            ("Host", "Datacenter", "Cluster", "# Cores", "# Memory", "Vendor", "Model", "Service tag"),
            ("h1", "dc", "c1", 16, 65536, "v", "m", "s"),
        ],
        "vPartition": [("VM", "Disk", "Capacity MiB"), ("web-01", "/", 40960)],
        "vNetwork": [("VM", "IPv4 Address", "IPv6 Address"), ("web-01", "10.0.0.1", "")],
    }


def write(path: Path, sheets: Sheets, *, far: str = "") -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for index, row in enumerate(rows):
                page.write_row(index, 0, row)
            if name == far:
                page.write("XFD1048576", "x")


def no_workbook(path: Path) -> None:
    path.write_text("VM,CPUs\nweb-01,2\n", encoding="utf-8")


def half_a_workbook(path: Path) -> None:
    write(path, room())
    path.write_bytes(path.read_bytes()[:3000])


def without_hosts(path: Path) -> None:
    sheets = room()
    del sheets["vHost"]
    write(path, sheets)


def without_cpus(path: Path) -> None:
    sheets = room()
    sheets["vInfo"].append(machine("web-02", cpus=""))
    write(path, sheets)


def twice(path: Path) -> None:
    sheets = room()
    sheets["vInfo"].append(machine("web-01"))
    write(path, sheets)


def far_cell(path: Path) -> None:
    write(path, room(), far="vNetwork")


CASES = [
    (no_workbook, {"sheet": "", "row": None, "field": ""}),
    (half_a_workbook, {"sheet": "", "row": None, "field": ""}),
    (without_hosts, {"sheet": "vHost", "row": None, "field": ""}),
    (without_cpus, {"sheet": "vInfo", "row": 3, "field": "CPUs"}),
    (twice, {"sheet": "vInfo", "row": 3, "field": "VM"}),
    (far_cell, {"sheet": "vNetwork", "row": 1048576, "field": "XFD1048576"}),
]


def quickest(measured: Any, *words: str | Path) -> Any:
    """The first of three tries that keeps the time, or else the quickest: a processor two share is slower, too."""
    tries = []
    for _ in range(3):
        tries.append(measured(*words))
        if tries[-1].seconds < SECONDS:
            break
    return min(tries, key=lambda ended: ended.seconds)


def test_a_good_workbook_is_imported(guanyun: Any, home: Any, tmp_path: Path) -> None:
    write(tmp_path / "good.xlsx", room())
    home.log_in("wang.fang")
    ended = guanyun("room", "import", "city", tmp_path / "good.xlsx")
    assert ended.code == 0, ended.err
    assert [each["room"] for each in json.loads(guanyun("room", "list", "--json").out)] == ["city"]


@pytest.mark.parametrize(("spoil", "place"), CASES, ids=[case[0].__name__ for case in CASES])
def test_a_bad_workbook_is_a_finding_and_nothing_is_recorded(
    guanyun: Any,
    measured: Any,
    home: Any,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    place: dict[str, object],
) -> None:
    spoil(tmp_path / "bad.xlsx")
    home.log_in("wang.fang")
    before = json.loads(guanyun("audit", "list", "--json").out)
    ended = quickest(measured, "room", "import", "city", tmp_path / "bad.xlsx")
    assert ended.code == 2, ended.err
    assert "Traceback" not in ended.out + ended.err
    shown = [str(part) for part in ("bad.xlsx", place["sheet"], place["row"], place["field"]) if part]
    assert any(line.startswith("error") and all(part in line for part in shown) for line in ended.out.splitlines())
    assert ended.seconds < SECONDS
    assert 0 < ended.memory < MEMORY

    answer = guanyun("room", "import", "city", tmp_path / "bad.xlsx", "--json")
    errors = [each for each in json.loads(answer.out)["findings"] if each["severity"] == "error"]
    assert [each["place"] for each in errors] == [{"file": "bad.xlsx"} | place]
    assert answer.code == 2

    assert json.loads(guanyun("room", "list", "--json").out) == []
    assert json.loads(guanyun("audit", "list", "--json").out) == before
