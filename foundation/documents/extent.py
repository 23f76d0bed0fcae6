"""How far a worksheet reaches, found by streaming its XML: nothing is built, so a far cell costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from foundation.documents.limits import Limits
from foundation.documents.problems import Problem

_CHUNK = 64 * 1024
_DIGITS = "0123456789"


class StopReading(Exception):  # never leaves this package: it only ends the streaming early
    """Reading on is useless or unsafe: ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(slots=True)
class Extent:
    """Rows and columns up to the farthest cell, counted from 1 at A1; ``cell`` is that which set the last maximum."""

    rows: int = 0
    columns: int = 0
    cell: str = ""

    @property
    def area(self) -> int:
        """What a reader sets aside for the sheet, in cells."""
        return self.rows * self.columns


def column_number(letters: str) -> int:
    """``A`` is 1, ``XFD`` is 16384; 0 where the letters are none."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def new_parser(sheet: str) -> expat.XMLParserType:
    """An incremental parser that refuses a document type: a workbook has none, and entities are how XML explodes."""

    def refuse(*_: object) -> None:
        raise StopReading(Problem("damaged", sheet=sheet, found="XML with a document type", expected="plain XML"))

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


def local(name: str) -> str:
    """An element's or attribute's name without its namespace prefix."""
    return name.rpartition(":")[2]


def measure(stream: IO[bytes], sheet: str, limits: Limits) -> Extent:
    """Stream one worksheet part; raises ``StopReading`` at the first cell (or ``dimension``) beyond the limits.

    Both the declared ``dimension`` and every actual cell count: readers set memory aside by either.
    """
    tracker = _Tracker(sheet, limits)
    parser = new_parser(sheet)
    parser.StartElementHandler = tracker.start
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise StopReading(Problem("damaged", sheet=sheet, found=f"XML: {error}", expected="well-formed XML")) from None
    return tracker.extent


class _Tracker:
    """The streaming state: where we are, and how far the sheet has reached."""

    def __init__(self, sheet: str, limits: Limits) -> None:
        self.extent = Extent()
        self._sheet = sheet
        self._limits = limits
        self._row = 0
        self._row_text = ""
        self._column = 0
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: list[str]) -> None:
        """Expat's start-element call; ``attributes`` is name, value, name, value …"""
        kind = local(name) if ":" in name else name
        if kind == "c":
            self._cell(_attribute(attributes, "r"))
        elif kind == "row":
            self._start_row(_attribute(attributes, "r"))
        elif kind == "dimension":
            reference = _attribute(attributes, "ref").rpartition(":")[2]
            letters = reference.rstrip(_DIGITS)
            row = reference[len(letters) :]
            self._reach(self._whole(row or "0"), column_number(letters.replace("$", "")), reference)

    def _start_row(self, text: str) -> None:
        self._column = 0
        self._row_text = text
        self._row = self._whole(text) if text else self._row + 1

    def _cell(self, reference: str) -> None:
        if not reference:
            self._column += 1
            self._reach_if_farther(self._row, self._column, "")
            return
        letters = reference.rstrip(_DIGITS)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
        self._column = column
        row_text = reference[len(letters) :]
        row = self._row if row_text == self._row_text else self._whole(row_text)
        self._reach_if_farther(row, column, reference)

    def _whole(self, text: str) -> int:
        # 10 digits are beyond any sheet: refuse before int() is asked to read a million of them
        if not text.isdecimal() or len(text) > 10:
            raise StopReading(Problem("damaged", sheet=self._sheet, found=f"row number {text[:20]!r}"))
        return int(text)

    def _reach_if_farther(self, row: int, column: int, reference: str) -> None:
        if row > self.extent.rows or column > self.extent.columns:
            self._reach(row, column, reference)

    def _reach(self, row: int, column: int, reference: str) -> None:
        extent, limits = self.extent, self._limits
        extent.rows = max(extent.rows, row)
        extent.columns = max(extent.columns, column)
        extent.cell = reference
        if extent.rows > limits.rows or extent.columns > limits.columns or extent.area > limits.cells:
            raise StopReading(
                Problem(
                    "far-cell",
                    sheet=self._sheet,
                    row=row or None,
                    field=reference,
                    found=f"{extent.rows} × {extent.columns}",
                    expected=f"{limits.rows} × {limits.columns}, {limits.cells} cells",
                )
            )


def _attribute(attributes: list[str], name: str) -> str:
    for index in range(0, len(attributes), 2):
        if attributes[index] == name:
            return attributes[index + 1]
    return ""
