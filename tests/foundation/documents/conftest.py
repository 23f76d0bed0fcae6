"""Workbooks made on the spot: good ones with xlsxwriter, bad ones part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter

MakeBook = Callable[..., Path]

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}</worksheet>'
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="vInfo" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


@pytest.fixture
def make_book(tmp_path: Path) -> MakeBook:
    """``make_book({sheet: rows})`` writes a real workbook."""

    def make(sheets: Mapping[str, Sequence[Sequence[object]]], name: str = "room.xlsx") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as book:
            for sheet, rows in sheets.items():
                page = book.add_worksheet(sheet)
                for index, row in enumerate(rows):
                    page.write_row(index, 0, row)
        return path

    return make


@pytest.fixture
def make_parts(tmp_path: Path) -> MakeBook:
    """``make_parts(body)`` writes a workbook of one sheet with that XML body; ``parts`` overrides or removes parts."""

    def make(body: str, parts: Mapping[str, str | bytes | None] | None = None, name: str = "bad.xlsx") -> Path:
        contents: dict[str, str | bytes | None] = {
            **PARTS,
            "xl/worksheets/sheet1.xml": SHEET.format(body=body),
            **(parts or {}),
        }
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in contents.items():
                if content is not None:
                    archive.writestr(part, content)
        return path

    return make
