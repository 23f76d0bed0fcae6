"""Every mistake of a catalogue or price file is found, with line, or with sheet, row and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from foundation.values.findings import Finding
from governance.catalogue import catalogue_workbook, prices_workbook, read_catalogue, read_price_file
from governance.catalogue.documents import catalogue_document, prices_document
from governance.catalogue.sheets import CATALOGUE, PRICES, Sheet, cells_of
from tests import examples
from tests.governance.catalogue.conftest import EXAMPLES

Cells = dict[str, list[list[object]]]


def written(path: Path, sheets: tuple[Sheet, ...], cells: Cells) -> Path:
    """A workbook as a person may leave it: any kind of cell anywhere."""
    with xlsxwriter.Workbook(path) as book:
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            rows: list[list[object]] = [list(sheet.headings), *cells[sheet.name]]
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value != "":
                        page.write(number, column, value)
    return path


def where(findings: tuple[Finding, ...]) -> list[tuple[str, int | None, str]]:
    return [(each.place.sheet, each.place.row, each.place.field) for each in findings]


@pytest.fixture
def catalogue_cells() -> Cells:
    return {
        name: list(map(list, rows))
        for name, rows in cells_of(CATALOGUE, catalogue_document(examples.catalogue())).items()
    }


@pytest.fixture
def price_cells() -> Cells:
    file = examples.prices("price-proposal")
    return {name: list(map(list, rows)) for name, rows in cells_of(PRICES, prices_document(file.lists)).items()}


def test_the_example_as_a_workbook_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.xlsx"
    path.write_bytes(catalogue_workbook(examples.catalogue()))
    assert read_catalogue(path) == (examples.catalogue(), ())
    assert catalogue_workbook(examples.catalogue()) == path.read_bytes()
    for name in ("prices", "price-proposal", "city-prices"):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(prices_workbook(examples.prices(name).lists, examples.prices(name).notices))
        assert read_price_file(path) == (examples.prices(name), ())


def _number_cell(cells: Cells) -> None:
    cells["attributes"][0][3] = 0.5


def _unknown_service(cells: Cells) -> None:
    cells["plans"][1][0] = "cloud-hots"


def _unknown_kind(cells: Cells) -> None:
    cells["meters"][2][2] = "guess"


def _no_name(cells: Cells) -> None:
    cells["services"][3][3] = ""


def _twice(cells: Cells) -> None:
    cells["attributes"].insert(1, list(cells["attributes"][0]))


def _no_such_calculator(cells: Cells) -> None:
    cells["services"][0][6] = "mean-error-rate"


def _bounds(cells: Cells) -> None:
    cells["fields"][0][6:8] = ["9", "8"]


def _no_start(cells: Cells) -> None:
    cells["catalogue"][0][2] = "2026-01-01"


def _two_heads(cells: Cells) -> None:
    cells["catalogue"].append(["again"])


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (_number_cell, ("attributes", 2, "value")),
        (_unknown_service, ("plans", 3, "service")),
        (_unknown_kind, ("meters", 4, "kind")),
        (_no_name, ("services", 5, "zh")),
        (_twice, ("attributes", 3, "name")),
        (_no_such_calculator, ("services", 2, "calculator")),
        (_bounds, ("fields", 2, "minimum")),
        (_no_start, ("catalogue", 2, "start")),
        (_two_heads, ("catalogue", 3, "")),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_mistake_in_a_workbook_is_found_at_its_cell(
    tmp_path: Path, catalogue_cells: Cells, spoil: Callable[[Cells], None], place: tuple[str, int, str]
) -> None:
    spoil(catalogue_cells)
    read, findings = read_catalogue(written(tmp_path / "wrong.xlsx", CATALOGUE, catalogue_cells))
    assert read is None
    assert place in where(findings)
    assert all(each.place.file == "wrong.xlsx" and each.zh and each.en for each in findings)


def test_all_mistakes_are_told_at_once(tmp_path: Path, catalogue_cells: Cells) -> None:
    for spoil in (_number_cell, _unknown_kind, _no_name):
        spoil(catalogue_cells)
    _, findings = read_catalogue(written(tmp_path / "wrong.xlsx", CATALOGUE, catalogue_cells))
    assert {("attributes", 2, "value"), ("meters", 4, "kind"), ("services", 5, "zh")} <= set(where(findings))


def test_cost_items_that_do_not_add_up_are_found_in_the_workbook(tmp_path: Path, price_cells: Cells) -> None:
    price_cells["basis"][0][5] = "0.047"
    _, findings = read_price_file(written(tmp_path / "prices.xlsx", PRICES, price_cells))
    assert [each.place.sheet for each in findings] == ["basis"]
    assert findings[0].found == "0.106"


def test_a_price_typed_as_a_number_is_found(tmp_path: Path, price_cells: Cells) -> None:
    price_cells["prices"][0][4] = 0.105
    _, findings = read_price_file(written(tmp_path / "prices.xlsx", PRICES, price_cells))
    assert ("prices", 2, "price") in where(findings)


def test_a_formula_is_no_text_of_ours(tmp_path: Path, catalogue_cells: Cells) -> None:
    """A formula without a value reads as nothing, or as the number it kept: either way it is found."""
    catalogue_cells["attributes"][0][3] = "=0.5+0.1"
    read, findings = read_catalogue(written(tmp_path / "wrong.xlsx", CATALOGUE, catalogue_cells))
    assert read is None or findings == ()


def test_a_workbook_that_is_none_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "wrong.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    read, findings = read_catalogue(path)
    assert read is None
    assert findings
    empty = written(tmp_path / "empty.xlsx", CATALOGUE, {sheet.name: [] for sheet in CATALOGUE})
    read, findings = read_catalogue(empty)
    assert read is None
    assert findings


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("calculator: unreachable-minute", "calculator: mean-error-rate", "services[0].calculator"),
        ("    calculator: unreachable-minute\n", "", "services[0].calculator"),
        ("kind: level, zh: 虚拟处理器", "kind: peak, zh: 虚拟处理器", "services[0].meters[0].attribute"),
        ("code: metal-32c256g", "code: general-2c4g", "services[1].plans[0].code"),
        ("kind: integer, zh: 使用人数", "kind: boolean, zh: 使用人数", "services[0].form[1].minimum"),
        ("kind: text, zh: 用途", "kind: choice, zh: 用途", "services[0].form[0].choices"),
        ("zh: 云主机\n", 'zh: "云\\n主机"\n', "services[0].zh"),
        ("start: 2026-01-01T00:00:00+08:00", "start: 2026-01-01T00:00:00", "start"),
    ],
)
def test_a_mistake_in_the_yaml_is_found_at_its_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    text = (EXAMPLES / "catalogue.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "catalogue.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    read, findings = read_catalogue(path)
    assert read is None
    assert field in [each.place.field for each in findings]
    assert all(each.place.row for each in findings)
