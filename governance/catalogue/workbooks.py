"""A workbook's sheets gathered into one nested document, every field's cell remembered for the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.documents import Cell, Row, read_workbook
from foundation.values.findings import Finding, Place, Severity
from governance.catalogue.sheets import Sheet
from governance.yaml_documents import FieldPath, Problems, field_text

Identity = tuple[str, ...]


class SheetProblems(Problems):
    """Findings of one workbook: each names sheet, row and column instead of a line."""

    def __init__(self, file: str, places: Mapping[FieldPath, tuple[str, int, str]]) -> None:
        super().__init__(file, {})
        self._places = places

    def add(self, path: FieldPath, *, found: object, expected: str, zh: str, en: str, code: str = "invalid") -> None:
        """One finding at the cell of ``path``, or at the nearest row above it that is known."""
        near = next((path[:size] for size in range(len(path), -1, -1) if path[:size] in self._places), None)
        sheet, row, column = ("", None, "") if near is None else self._places[near]
        shown = column if near == path and column else field_text(path if near is None else path[len(near) :])
        self._report(Place(self.file, sheet, row, shown), found, expected, zh, en, code)

    def at(self, sheet: str, row: int | None, column: str, *, found: object, expected: str, zh: str, en: str) -> None:
        """One finding at a cell that never became a field."""
        self._report(Place(self.file, sheet, row, column), found, expected, zh, en, "invalid")

    def _report(self, place: Place, found: object, expected: str, zh: str, en: str, code: str) -> None:
        self.findings.append(
            Finding(f"governance.document.{code}", Severity.ERROR, place, str(found)[:80], expected, zh, en)
        )


@dataclass(slots=True)
class Gathered:
    """The document, where its fields stand, and what could not be placed."""

    document: dict[str, Any]
    problems: SheetProblems


@dataclass(slots=True)
class _Node:
    """One row that others can lie under."""

    value: dict[str, Any]
    path: FieldPath


@dataclass(slots=True)
class _Gathering:
    problems: SheetProblems
    places: dict[FieldPath, tuple[str, int, str]]
    nodes: dict[str, dict[Identity, _Node]] = field(default_factory=dict)


def gather(path: Path, sheets: Sequence[Sheet]) -> tuple[Gathered | None, tuple[Finding, ...]]:
    """The document of a workbook; None where it cannot be read at all. Other sheets than ours are not looked at."""
    book, findings = read_workbook(path, sheets=[sheet.name for sheet in sheets])
    if book is None:
        return None, findings
    places: dict[FieldPath, tuple[str, int, str]] = {}
    problems = SheetProblems(path.name, places)
    root = _Node({}, ())
    gathering = _Gathering(problems, places, {"": {(): root}})
    by_name = {name.casefold(): rows for name, rows in book.sheets.items()}
    for sheet in sheets:
        gathering.nodes[sheet.name] = {}
        _read_sheet(gathering, sheet, by_name.get(sheet.name, ()))
    return Gathered(root.value, problems), ()


def _read_sheet(gathering: _Gathering, sheet: Sheet, rows: Sequence[Row]) -> None:
    if not rows or not any(cell is not None for row in rows for cell in row):
        return
    headings = _headings(gathering.problems, sheet, rows[0])
    for number, row in enumerate(rows[1:], 2):
        cells = {
            column: cell for index, column in headings.items() if index < len(row) and (cell := row[index]) is not None
        }
        if cells:
            texts = {column: _text(gathering.problems, sheet, number, column, cell) for column, cell in cells.items()}
            _place(gathering, sheet, number, texts)


def _headings(problems: SheetProblems, sheet: Sheet, first: Row) -> dict[int, str]:
    """Column number → our column. A heading is our name, with any word after a space."""
    found: dict[int, str] = {}
    for index, cell in enumerate(first):
        name = str(cell).split(" ", 1)[0] if cell is not None else ""
        if not name:
            continue
        if name not in sheet.columns or name in found.values():
            expected = ", ".join(sheet.columns)
            problems.at(
                sheet.name, 1, name, found=cell, expected=expected, zh="表头不认识或重复", en="no such column, or twice"
            )
            continue
        found[index] = name
    for column in (*sheet.up, *sheet.own[: sheet.keys]):
        if column not in found.values():
            problems.at(
                sheet.name, 1, column, found="", expected=column, zh=f"缺少列 {column}", en=f"no column {column}"
            )
    return found


def _text(problems: SheetProblems, sheet: Sheet, row: int, column: str, cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        problems.at(
            sheet.name,
            row,
            column,
            found=cell,
            expected='a cell of text such as "0.05"',
            zh="小数须为文本格式的单元格,数字格式会丢失精度",
            en="a decimal stands in a cell of text: a number cell loses digits",
        )
    return str(cell)


def _place(gathering: _Gathering, sheet: Sheet, number: int, texts: Mapping[str, str]) -> None:
    above = tuple(texts.get(column, "") for column in sheet.up)
    parent = gathering.nodes[sheet.parent].get(above)
    if parent is None:
        gathering.problems.at(
            sheet.name,
            number,
            sheet.up[-1],
            found=" / ".join(above),
            expected=f"a row of the sheet {sheet.parent}",
            zh=f"工作表 {sheet.parent} 中没有 {' / '.join(above)}",
            en=f"the sheet {sheet.parent} has no {' / '.join(above)}",
        )
        return
    if sheet.named:
        _place_name(gathering, sheet, number, texts, parent)
        return
    node = _node(gathering, sheet, number, parent)
    if node is None:
        return
    gathering.nodes[sheet.name].setdefault(
        (*above, *(texts.get(column, "") for column in sheet.own[: sheet.keys])), node
    )
    gathering.places.setdefault(node.path, (sheet.name, number, ""))
    for column in sheet.own:
        *table, name = column.split(".")
        path = (*node.path, *table, name)
        gathering.places[path] = (sheet.name, number, column)
        if column in texts:
            holder = node.value
            for each in table:
                gathering.places.setdefault((*node.path, each), (sheet.name, number, column))
                holder = holder.setdefault(each, {})
            holder[name] = texts[column]


def _node(gathering: _Gathering, sheet: Sheet, number: int, parent: _Node) -> _Node | None:
    if sheet.into:
        siblings = parent.value.setdefault(sheet.into, [])
        gathering.places.setdefault((*parent.path, sheet.into), (sheet.name, 1, ""))
        siblings.append({})
        return _Node(siblings[-1], (*parent.path, sheet.into, len(siblings) - 1))
    if number > 2:
        gathering.problems.at(sheet.name, number, "", found="", expected="one row", zh="只能有一行", en="only one row")
        return None
    return parent


def _place_name(gathering: _Gathering, sheet: Sheet, number: int, texts: Mapping[str, str], parent: _Node) -> None:
    name, table = texts.get("name", ""), parent.value.setdefault(sheet.into, {})
    if not name or name in table:
        gathering.problems.at(
            sheet.name,
            number,
            "name",
            found=name,
            expected="each once",
            zh=f"{name} 重复" if name else "缺少名称",
            en=f"{name} stands here twice" if name else "no name",
        )
        return
    table[name] = texts.get("value")
    gathering.places.setdefault((*parent.path, sheet.into), (sheet.name, 1, ""))
    gathering.places[(*parent.path, sheet.into, name)] = (sheet.name, number, "value")
