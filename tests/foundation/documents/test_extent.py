"""The streaming measure agrees with what a sheet holds."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.documents.extent import StopReading, column_number, measure
from foundation.documents.limits import Limits

positions = st.tuples(st.integers(1, 1_048_576), st.integers(1, 16_384))


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _sheet(cells: set[tuple[int, int]]) -> io.BytesIO:
    rows = "".join(f'<row r="{row}"><c r="{_letters(column)}{row}"/></row>' for row, column in sorted(cells))
    return io.BytesIO(f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode())


@given(st.integers(1, 16_384))
def test_letters_count_as_columns(column: int) -> None:
    assert column_number(_letters(column)) == column


@given(st.sets(positions, min_size=1, max_size=8))
def test_a_sheet_is_measured_exactly_or_stopped_by_a_limit(cells: set[tuple[int, int]]) -> None:
    limits = Limits(rows=500_000, columns=10_000, cells=1_000_000_000)
    rows, columns = max(row for row, _ in cells), max(column for _, column in cells)
    fits = rows <= limits.rows and columns <= limits.columns and rows * columns <= limits.cells
    if fits:
        extent = measure(_sheet(cells), "s", limits)
        assert (extent.rows, extent.columns) == (rows, columns)
    else:
        with pytest.raises(StopReading) as stopped:
            measure(_sheet(cells), "s", limits)
        assert stopped.value.problem.code == "far-cell"


def test_cells_without_references_are_counted() -> None:
    body = b"<worksheet><sheetData><row><c/><c/><c/></row><row><c/></row></sheetData></worksheet>"
    extent = measure(io.BytesIO(body), "s", Limits())
    assert (extent.rows, extent.columns) == (2, 3)


def test_a_row_number_of_a_million_digits_is_refused_unread() -> None:
    body = b'<worksheet><sheetData><row r="' + b"9" * 1_000_000 + b'"/></sheetData></worksheet>'
    with pytest.raises(StopReading):
        measure(io.BytesIO(body), "s", Limits())
