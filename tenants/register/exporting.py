"""The register as a file to send: CSV or XLSX, of what the reader may see and nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from foundation.values.instant import format_instant
from tenants.register.model import Line
from tenants.register.reading import COLUMNS, row_of


def to_csv(lines: Iterable[Line]) -> bytes:
    """UTF-8 with a mark, so that office programs read the Chinese; a text that looks like a formula is kept as text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f"{zh} {en}" for _, zh, en in COLUMNS])
    for line in lines:
        row = row_of(line)
        writer.writerow([_cell(row[name]) for name, *_ in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(lines: Iterable[Line]) -> bytes:
    """One sheet with a frozen heading; instants are ISO 8601 texts in UTC."""
    import xlsxwriter  # noqa: PLC0415 - only who exports loads it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("资源台账")
    bold = book.add_format({"bold": True})
    for column, (_, zh, en) in enumerate(COLUMNS):
        sheet.write_string(0, column, f"{zh} {en}", bold)
    for number, line in enumerate(lines, start=1):
        row = row_of(line)
        for column, (name, *_) in enumerate(COLUMNS):
            _write(sheet, number, column, row[name])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, 0, len(COLUMNS) - 1)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, _text(value))


def _cell(value: Any) -> str:
    text = _text(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是 yes" if value else ""
    return format_instant(value) if hasattr(value, "tzinfo") else str(value)
