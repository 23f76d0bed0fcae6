"""An export becomes a room, or findings with file, sheet, row and field."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.documents import Cell, Workbook
from foundation.values.findings import Finding, Place, Severity
from takeover.rooms import DiskSource, OperatingSystemSource, Power, import_room, summarise


def _places(findings: tuple[Finding, ...], code: str) -> list[Place]:
    return [finding.place for finding in findings if finding.code == f"takeover.room.{code}"]


def test_a_complete_export_becomes_a_room_without_findings(rows: Any) -> None:
    room, findings = import_room(rows.workbook(rows.sheets(rows.machine("a"), rows.machine("b", cpus=4))))
    assert findings == ()
    assert room is not None
    assert [(one.name, one.vcpu, one.memory_mb, one.disk_gb, one.row) for one in room.machines] == [
        ("a", 2, 4096, 40, 2),
        ("b", 4, 4096, 40, 3),
    ]
    assert room.machines[0].addresses == ("10.0.0.1",)
    assert room.machines[0].disk_source is DiskSource.PARTITIONS
    assert (room.hosts[0].cores, room.hosts[0].memory_mb, room.hosts[0].serial) == (16, 65536, "s")


@pytest.mark.parametrize("sheet", ["vInfo", "vHost", "vPartition", "vNetwork"])
def test_a_missing_sheet_is_an_error_and_there_is_no_room(rows: Any, sheet: str) -> None:
    content = rows.sheets(rows.machine("a"))
    del content[sheet]
    room, findings = import_room(rows.workbook(content))
    assert room is None
    assert _places(findings, "sheet-absent") == [Place("room.xlsx", sheet)]


@pytest.mark.parametrize("cpus", [None, 0, -1, 1.5, "many", True, "1e999999999", "9" * 40])
def test_a_machine_without_a_count_of_cpus_is_an_error_at_its_cell(rows: Any, cpus: Cell) -> None:
    room, findings = import_room(rows.workbook(rows.sheets(rows.machine("a"), rows.machine("b", cpus=cpus))))
    assert room is None
    assert _places(findings, "cell-invalid") == [Place("room.xlsx", "vInfo", 3, "CPUs")]


def test_a_duplicate_machine_is_an_error_whatever_its_case(rows: Any) -> None:
    content = rows.sheets(rows.machine("web-01"), rows.machine("b"), rows.machine("WEB-01"))
    room, findings = import_room(rows.workbook(content))
    assert room is None
    assert _places(findings, "machine-duplicate") == [Place("room.xlsx", "vInfo", 4, "VM")]


def test_every_mistake_is_said_at_once(rows: Any) -> None:
    content = rows.sheets(
        rows.machine("a", cpus=None, memory="?"),
        rows.machine("b", power="paused"),
        rows.machine("c", template="perhaps"),
        rows.machine(None),
        rows.machine("a"),
    )
    room, findings = import_room(rows.workbook(content))
    assert room is None
    errors = [finding.place for finding in findings if finding.severity is Severity.ERROR]
    assert [(place.row, place.field) for place in errors] == [
        (2, "CPUs"),
        (2, "Memory"),
        (3, "Powerstate"),
        (4, "Template"),
        (5, "VM"),
        (6, "VM"),
    ]


def test_an_empty_inventory_is_an_error(rows: Any) -> None:
    room, findings = import_room(rows.workbook(rows.sheets()))
    assert room is None
    assert _places(findings, "empty") == [Place("room.xlsx", "vInfo")]


@pytest.mark.parametrize("content", [(), ((), ())])
def test_a_sheet_without_a_header_lacks_its_columns(rows: Any, content: Any) -> None:
    room, findings = import_room(rows.workbook({**rows.sheets(rows.machine("a")), "vInfo": content}))
    assert room is None
    assert {"VM", "CPUs", "Memory"} <= {place.field for place in _places(findings, "column-absent")}


def test_a_column_that_is_absent_is_noted_once_and_left_empty(rows: Any) -> None:
    content = rows.sheets(rows.machine("a"))
    content["vInfo"] = [row[:-1] for row in content["vInfo"]]
    room, findings = import_room(rows.workbook(content))
    assert room is not None
    assert room.machines[0].uuid == ""
    assert _places(findings, "column-absent") == [Place("room.xlsx", "vInfo", 1, "VM UUID")]
    assert len(findings) == 1


def test_the_older_generation_names_megabytes(rows: Any) -> None:
    content = rows.sheets(rows.machine("a"))
    content["vPartition"] = [("VM", "Disk", "Capacity MB"), ("a", "C:\\", 81916), ("a", "D:\\", 5)]
    room, findings = import_room(rows.workbook(content))
    assert room is not None
    assert findings == ()
    assert room.machines[0].disk_gb == 81


def test_a_machine_without_partitions_takes_its_provisioned_size(rows: Any) -> None:
    content = {**rows.sheets(rows.machine("a", provisioned=51201)), "vPartition": [("VM", "Disk", "Capacity MiB")]}
    room, findings = import_room(rows.workbook(content))
    assert room is not None
    assert (room.machines[0].disk_gb, room.machines[0].disk_source) == (51, DiskSource.PROVISIONED)
    assert _places(findings, "partitions-absent") == [Place("room.xlsx", "vInfo", 2, "Provisioned MiB")]


def test_a_machine_with_neither_partitions_nor_provisioned_size_is_an_error(rows: Any) -> None:
    content = {**rows.sheets(rows.machine("a", provisioned=None)), "vPartition": [("VM", "Disk", "Capacity MiB")]}
    room, findings = import_room(rows.workbook(content))
    assert room is None
    assert _places(findings, "cell-invalid") == [Place("room.xlsx", "vInfo", 2, "Provisioned MiB")]


def test_templates_and_machines_that_do_not_run_stay_in_the_room_but_do_not_move(rows: Any) -> None:
    machines = (
        rows.machine("a"),
        rows.machine("b", power="poweredOff"),
        rows.machine("c", power="suspended"),
        rows.machine("d", template=True),
    )
    room, findings = import_room(rows.workbook(rows.sheets(*machines)))
    assert room is not None
    assert [one.movable for one in room.machines] == [True, False, False, False]
    assert [one.power for one in room.machines] == [Power.ON, Power.OFF, Power.SUSPENDED, Power.ON]
    assert [place.row for place in _places(findings, "machine-off")] == [3, 4]
    assert [place.row for place in _places(findings, "machine-template")] == [5]


def test_the_configuration_files_system_stands_in_for_the_tools(rows: Any) -> None:
    room, findings = import_room(rows.workbook(rows.sheets(rows.machine("a", tools=None))))
    assert room is not None
    assert room.machines[0].operating_system == "Linux"
    assert room.machines[0].operating_system_source is OperatingSystemSource.CONFIGURATION
    assert len(_places(findings, "tools-system-absent")) == 1


def test_hosts_that_the_two_sheets_do_not_share_are_findings_by_host(rows: Any) -> None:
    machines = (rows.machine("a", host="h9"), rows.machine("b", host="h9"), rows.machine("c", host="h8"))
    room, findings = import_room(rows.workbook(rows.sheets(*machines)))
    assert room is not None
    assert [place.row for place in _places(findings, "host-unknown")] == [2, 4]
    assert _places(findings, "host-without-machines") == [Place("room.xlsx", "vHost", 2, "Host")]
    assert summarise(room, findings).machines_on_unknown_hosts == 3


def test_rows_of_unknown_machines_and_text_that_is_no_address_are_warnings(rows: Any) -> None:
    content = rows.sheets(rows.machine("a"))
    content["vNetwork"] = [
        ("VM", "IPv4 Address", "IPv6 Address"),
        ("a", "10.0.0.9, 10.0.0.999", "fe80::0001"),
        ("ghost", "10.0.0.2", None),
    ]
    room, findings = import_room(rows.workbook(content))
    assert room is not None
    assert room.machines[0].addresses == ("10.0.0.9", "fe80::1")
    assert _places(findings, "address-invalid") == [Place("room.xlsx", "vNetwork", 2, "IPv4 Address")]
    assert _places(findings, "machine-unknown") == [Place("room.xlsx", "vNetwork", 3, "VM")]


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=6))
def test_disk_is_the_sum_of_partitions_rounded_up_once(capacities: list[int]) -> None:
    from itertools import repeat

    info = ("VM", "Powerstate", "CPUs", "Memory", "Host", "Provisioned MB")
    room, _ = import_room(
        Workbook(
            "r.xlsx",
            {
                "vInfo": (info, ("a", "poweredOn", 1, 1024, "h", 1)),
                "vHost": (("Host",), ("h",)),
                "vPartition": (("VM", "Capacity MB"), *zip(repeat("a"), capacities, strict=False)),
                "vNetwork": (("VM",),),
            },
        )
    )
    assert room is not None
    total = sum(capacities)
    assert room.machines[0].disk_gb == max(1, -(-Fraction(total) // 1024))
    assert (room.machines[0].disk_source is DiskSource.PROVISIONED) == (total == 0)


@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=5), st.floats(), st.booleans()), max_size=15), max_size=6)
)
def test_no_rows_whatever_raise(content: list[list[Cell]]) -> None:
    table = tuple(tuple(row) for row in content)
    header = ("VM", "Powerstate", "CPUs", "Memory", "Host", "Provisioned MB", "Template")
    partitions = (("VM", "Capacity MB"), *table)
    book = Workbook(
        "r.xlsx", {"vInfo": (header, *table), "vHost": (("Host", "# Cores"), *table), "vPartition": partitions,
                   "vNetwork": (("VM", "IPv4 Address"), *table)}
    )  # fmt: skip
    room, findings = import_room(book)
    assert room is not None or any(finding.severity is Severity.ERROR for finding in findings)
