"""How a document of nested tables lies on the sheets of a workbook, and how it is gathered from them again.

A sheet is a list in the document (``services``), or a table of names and values (``attributes``). Its first columns
name the thing it belongs to; which sheet lies under which is data, so that both directions are one short function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``into`` is the field of the parent's row it fills (empty: the document itself is its one row).

    ``up`` are the columns that name the parent's row, ``own`` its columns, the first ``keys`` of which tell its rows
    apart under one parent. A column ``a.b`` is the field ``b`` of the table ``a``. ``named``: rows are name and value.
    """

    name: str
    into: str
    own: tuple[str, ...]
    words: tuple[str, ...]
    parent: str = ""
    up: tuple[str, ...] = ()
    keys: int = 1
    named: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in order."""
        return self.up + self.own

    @property
    def headings(self) -> tuple[str, ...]:
        """The first row: each column's name and its Chinese word."""
        return tuple(f"{column} {_WORDS.get(column, column)}" for column in self.up) + tuple(
            f"{column} {word}" for column, word in zip(self.own, self.words, strict=True)
        )


_WORDS = {
    "service": "服务",
    "plan": "规格",
    "field": "申请项",
    "list": "价格表",
    "meter": "计量项",
}

CATALOGUE = (
    Sheet("catalogue", "", ("id", "place", "start"), ("编号", "所属", "起"), keys=0),
    Sheet(
        "services",
        "services",
        ("code", "layer", "kind", "zh", "en", "sla", "calculator"),
        ("编号", "层", "类别", "中文名", "英文名", "服务等级", "可用性算法"),
    ),
    Sheet("plans", "plans", ("code", "zh", "en"), ("编号", "中文名", "英文名"), "services", ("service",)),
    Sheet("attributes", "attributes", ("name", "value"), ("属性", "数值"), "plans", ("service", "plan"), named=True),
    Sheet("labels", "labels", ("name", "value"), ("标签", "文字"), "plans", ("service", "plan"), named=True),
    Sheet(
        "meters",
        "meters",
        ("code", "kind", "zh", "en", "unit_zh", "unit_en", "attribute"),
        ("编号", "类型", "中文名", "英文名", "中文单位", "英文单位", "取自属性"),
        "services",
        ("service",),
    ),
    Sheet(
        "fields",
        "form",
        ("code", "kind", "zh", "en", "required", "minimum", "maximum"),
        ("编号", "类型", "中文名", "英文名", "必填", "最小", "最大"),
        "services",
        ("service",),
    ),
    Sheet("choices", "choices", ("code", "zh", "en"), ("编号", "中文名", "英文名"), "fields", ("service", "field")),
)
PRICES = (
    Sheet(
        "notices",
        "notices",
        ("number", "zh", "en", "issuer", "issued_on"),
        ("文号", "中文标题", "英文标题", "发文单位", "发文日期"),
    ),
    Sheet(
        "lists",
        "lists",
        ("id", "place", "cites.contract", "cites.notice", "start", "end", "includes_vat", "vat_rate"),
        ("编号", "所属", "依据合同", "依据通知", "起", "止", "含税", "税率"),
    ),
    Sheet(
        "prices",
        "prices",
        ("service", "meter", "unit", "price"),
        ("服务", "计量项", "计价方式", "单价(元)"),
        "lists",
        ("list",),
        keys=2,
    ),
    Sheet(
        "basis",
        "basis",
        ("zh", "en", "amount"),
        ("成本项", "英文名", "金额(元)"),
        "prices",
        ("list", "service", "meter"),
    ),
    Sheet(
        "comparison",
        "comparison",
        ("source", "price"),
        ("比较对象", "单价(元)"),
        "prices",
        ("list", "service", "meter"),
    ),
)


def cells_of(sheets: Sequence[Sheet], document: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    """The rows of every sheet below its heading, all texts; a field that is not there is an empty text."""
    cells: dict[str, list[list[str]]] = {}
    placed: dict[str, list[tuple[tuple[str, ...], Mapping[str, Any]]]] = {"": [((), document)]}
    for sheet in sheets:
        cells[sheet.name], placed[sheet.name] = [], []
        for above, parent in placed[sheet.parent]:
            for row in _rows(sheet, parent):
                own = [text_of(_field(row, column)) for column in sheet.own]
                cells[sheet.name].append([*above, *own])
                placed[sheet.name].append(((*above, *own[: sheet.keys]), row))
    return cells


def text_of(value: object) -> str:
    """A plain value as a cell's text."""
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _rows(sheet: Sheet, parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not sheet.into:
        yield parent
    elif sheet.named:
        yield from ({"name": name, "value": value} for name, value in parent.get(sheet.into, {}).items())
    else:
        yield from parent.get(sheet.into, ())


def _field(row: Mapping[str, Any], column: str) -> object:
    table, _, field = column.rpartition(".")
    return (row.get(table, {}) if table else row).get(field)
