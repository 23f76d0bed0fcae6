"""A workbook is rows or findings, whatever the file holds."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.documents import Limits, Workbook, read_workbook
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Severity

MakeBook = Callable[..., Path]


def _only(result: tuple[Workbook | None, tuple[Finding, ...]]) -> Finding:
    book, findings = result
    assert book is None
    assert len(findings) == 1, findings
    finding = findings[0]
    assert finding.severity is Severity.ERROR
    assert finding.zh
    assert finding.en
    return finding


def test_rows_keep_their_place_and_their_types(make_book: MakeBook) -> None:
    path = make_book({"vInfo": [["VM", "CPUs", "Memory"], ["社保-应用-01", 2, 4096.5], [], ["b", True, None]]})
    book, findings = read_workbook(path)
    assert findings == ()
    assert book is not None
    assert book.file == "room.xlsx"
    assert book.sheets["vInfo"] == (
        ("VM", "CPUs", "Memory"),
        ("社保-应用-01", 2, 4096.5),
        (None, None, None),
        ("b", True, None),
    )


def test_a_row_number_counts_from_the_top_of_the_sheet_even_where_it_begins_empty(make_parts: MakeBook) -> None:
    path = make_parts('<sheetData><row r="4"><c r="C4" t="inlineStr"><is><t>VM</t></is></c></row></sheetData>')
    book, _ = read_workbook(path)
    assert book is not None
    assert book.sheets["vInfo"][3] == (None, None, "VM")


def test_only_the_wanted_sheets_come_over_in_any_case(make_book: MakeBook) -> None:
    book, _ = read_workbook(make_book({"vInfo": [["VM"]], "Notes": [["x"]]}), sheets=["VINFO", "vHost"])
    assert book is not None
    assert list(book.sheets) == ["vInfo"]


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    finding = _only(read_workbook(tmp_path / "nowhere.xlsx"))
    assert (finding.code, finding.place.file) == ("documents.workbook.missing", "nowhere.xlsx")


def test_a_folder_is_a_finding(tmp_path: Path) -> None:
    assert _only(read_workbook(tmp_path)).code == "documents.workbook.unreadable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"VM,CPUs\na,2\n", "not-a-workbook"),
        (b"PK\x03\x04", "damaged"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "not-a-workbook"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_not_a_workbook_is_a_finding(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "room.xlsx"
    path.write_bytes(content)
    assert _only(read_workbook(path)).code == f"documents.workbook.{code}"


def test_a_truncated_workbook_is_a_finding(make_book: MakeBook, tmp_path: Path) -> None:
    whole = make_book({"vInfo": [["VM"], ["a"]]}).read_bytes()
    path = tmp_path / "cut.xlsx"
    for length in (30, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:length])
        assert _only(read_workbook(path)).code == "documents.workbook.damaged"


def test_a_flipped_byte_inside_a_sheet_is_a_finding(make_parts: MakeBook) -> None:
    path = make_parts('<sheetData><row r="1"><c r="A1"><v>12345</v></c></row></sheetData>')
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 30 + len("xl/worksheets/sheet1.xml")
    content[start + 20] ^= 0xFF
    path.write_bytes(bytes(content))
    assert _only(read_workbook(path)).code == "documents.workbook.damaged"


def test_a_zip_that_is_no_workbook_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "photos.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    assert _only(read_workbook(path)).code == "documents.workbook.not-a-workbook"


def test_a_zip_part_with_a_password_is_a_finding(make_parts: MakeBook) -> None:
    path = make_parts("<sheetData/>")
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    path.write_bytes(bytes(content))
    assert _only(read_workbook(path)).code == "documents.workbook.encrypted"


@pytest.mark.parametrize(
    ("body", "cell"),
    [
        ('<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>', "XFD1048576"),
        ('<dimension ref="A1:XFD1048576"/><sheetData/>', "XFD1048576"),
        ('<sheetData><row><c r="XFD1"><v>1</v></c></row></sheetData>', "XFD1"),
        ('<sheetData><row r="1"><c r="A900000"><v>1</v></c></row></sheetData>', "A900000"),
        ('<sheetData><row r="9"><c r="ZZ150000"><v>1</v></c></row></sheetData>', "ZZ150000"),
    ],
)
def test_a_far_cell_is_named_with_its_sheet_and_row(make_parts: MakeBook, body: str, cell: str) -> None:
    finding = _only(read_workbook(make_parts(body)))
    assert finding.code == "documents.workbook.far-cell"
    assert (finding.place.file, finding.place.sheet, finding.place.field) == ("bad.xlsx", "vInfo", cell)
    assert finding.place.row == int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def test_a_prefix_on_the_sheets_elements_hides_nothing(make_parts: MakeBook) -> None:
    body = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    path = make_parts("", {"xl/worksheets/sheet1.xml": body})
    assert _only(read_workbook(path)).code == "documents.workbook.far-cell"


def test_a_far_cell_in_a_part_that_no_sheet_names_is_found(make_parts: MakeBook) -> None:
    far = '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"/></row></sheetData></worksheet>'
    path = make_parts("<sheetData/>", {"xl/xl/worksheets/sheet1.xml": far})
    assert _only(read_workbook(path)).code == "documents.workbook.far-cell"


def test_a_zip_bomb_is_refused_by_its_ratio_before_it_is_unpacked(make_parts: MakeBook) -> None:
    finding = _only(read_workbook(make_parts("<sheetData/>", {"xl/media/a.bin": bytes(30 * 2**20)})))
    assert (finding.code, finding.place.field) == ("documents.workbook.too-large", "xl/media/a.bin")


def test_every_oversized_part_is_named_at_once(make_parts: MakeBook) -> None:
    path = make_parts("<sheetData/>", {f"xl/media/{name}.bin": bytes(4 * 2**20) for name in "ab"})
    _, findings = read_workbook(path)
    assert [finding.place.field for finding in findings] == ["xl/media/a.bin", "xl/media/b.bin"]


def test_entities_are_refused(make_parts: MakeBook) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    finding = _only(read_workbook(make_parts("", {"xl/worksheets/sheet1.xml": bomb})))
    assert finding.code == "documents.workbook.damaged"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_that_is_absent_is_a_finding(make_parts: MakeBook, part: str) -> None:
    assert _only(read_workbook(make_parts("<sheetData/>", {part: None}))).code == "documents.workbook.damaged"


def test_a_part_twice_is_a_finding(make_parts: MakeBook) -> None:
    path = make_parts("<sheetData/>", {"xl/Worksheets/Sheet1.xml": "<worksheet/>"})
    assert _only(read_workbook(path)).code == "documents.workbook.damaged"


def test_too_many_cells_over_all_sheets_is_a_finding(make_book: MakeBook) -> None:
    path = make_book({"a": [["x"] * 10] * 6, "b": [["x"] * 10] * 6})
    assert _only(read_workbook(path, Limits(cells=100))).code == "documents.workbook.too-large"


def test_a_reader_out_of_memory_is_a_finding(make_parts: MakeBook) -> None:
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2000"><c r="ALL2000"><v>1</v></c></row>'
    path = make_parts(f"<sheetData>{far}</sheetData>")
    finding = _only(read_workbook(path, Limits(memory_bytes=40 * 2**20)))
    assert finding.code in {"documents.workbook.out-of-memory", "documents.workbook.reader-died"}


def test_one_long_text_repeated_stops_at_the_output_limit(make_parts: MakeBook) -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 3000))
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1"><si><t>'
        + "长" * 10_000
        + "</t></si></sst>"
    )
    path = make_parts(f"<sheetData>{cells}</sheetData>", {"xl/sharedStrings.xml": strings})
    finding = _only(read_workbook(path, Limits(output_bytes=2**20)))
    assert finding.code == "documents.workbook.too-large"


def test_a_limit_is_a_positive_whole_number() -> None:
    for bad in (0, -1, True):
        with pytest.raises(InvalidValue):
            Limits(cells=bad)
