"""Every bad workbook the operator can hand in is a finding with its place, and nothing is half imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from foundation.documents import Cell
from foundation.values.findings import Place, Severity
from governance.authority import Office
from takeover import import_machine_room, list_rooms

Sheets = dict[str, Sequence[Sequence[Cell]]]
Spoil = Callable[[Any, Sheets], None]


def _without_hosts(rows: Any, sheets: Sheets) -> None:
    del sheets["vHost"]


def _without_cpus(rows: Any, sheets: Sheets) -> None:
    sheets["vInfo"] = (*sheets["vInfo"], rows.machine("b", cpus=None))


def _twice(rows: Any, sheets: Sheets) -> None:
    sheets["vInfo"] = (*sheets["vInfo"], rows.machine("a"))


def _without_names(rows: Any, sheets: Sheets) -> None:
    sheets["vInfo"] = [row[1:] for row in sheets["vInfo"]]


def _far(rows: Any, sheets: Sheets) -> None:
    sheets["vNetwork"] = (*sheets["vNetwork"], "XFD1048576")


def _write(path: Path, sheets: Sheets) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, content in sheets.items():
            page = book.add_worksheet(name)
            for index, row in enumerate(content):
                if isinstance(row, str):
                    page.write(row, "x")
                else:
                    page.write_row(index, 0, row)


@pytest.mark.parametrize(
    ("spoil", "code", "place"),
    [
        (_without_hosts, "takeover.room.sheet-absent", Place("bad.xlsx", "vHost")),
        (_without_cpus, "takeover.room.cell-invalid", Place("bad.xlsx", "vInfo", 3, "CPUs")),
        (_twice, "takeover.room.machine-duplicate", Place("bad.xlsx", "vInfo", 3, "VM")),
        (_without_names, "takeover.room.column-absent", Place("bad.xlsx", "vInfo", 1, "VM")),
        (_far, "documents.workbook.far-cell", Place("bad.xlsx", "vNetwork", 1048576, "XFD1048576")),
    ],
)
def test_a_bad_workbook_is_a_finding_with_its_place(
    office: Office, people: dict[str, str], rows: Any, tmp_path: Path, spoil: Spoil, code: str, place: Place
) -> None:
    sheets = rows.sheets(rows.machine("a"))
    spoil(rows, sheets)
    _write(tmp_path / "bad.xlsx", sheets)
    outcome = import_machine_room(office, people["operator-1"], "city", tmp_path / "bad.xlsx")
    errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
    assert [(finding.code, finding.place) for finding in errors] == [(code, place)]
    assert outcome.imported is None
    assert list_rooms(office, people["operator-1"]) == ()
