"""Writing catalogues and price lists as YAML and as workbooks: what is read back says exactly the same.

A workbook holds nothing but texts: a decimal keeps every digit, and a text that looks like a formula stays a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
import yaml

from governance.catalogue.documents import catalogue_document, prices_document
from governance.catalogue.model import CatalogueDocument, Notice, PriceList
from governance.catalogue.sheets import CATALOGUE, PRICES, Sheet, cells_of


def catalogue_yaml(document: CatalogueDocument) -> str:
    """The catalogue as YAML; the same catalogue gives the same text."""
    return _yaml(catalogue_document(document))


def prices_yaml(lists: Iterable[PriceList], notices: Iterable[Notice] = ()) -> str:
    """Price lists as YAML; the same lists give the same text."""
    return _yaml(prices_document(lists, notices))


def catalogue_workbook(document: CatalogueDocument) -> bytes:
    """The catalogue as an .xlsx workbook, a sheet for services, plans, meters and so on."""
    return _workbook(CATALOGUE, cells_of(CATALOGUE, catalogue_document(document)))


def prices_workbook(lists: Iterable[PriceList], notices: Iterable[Notice] = ()) -> bytes:
    """Price lists as an .xlsx workbook."""
    return _workbook(PRICES, cells_of(PRICES, prices_document(lists, notices)))


class _Dumper(yaml.SafeDumper):
    """No references: our reader refuses them."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=2**20)


def _workbook(sheets: Sequence[Sheet], cells: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    target = BytesIO()
    texts_only = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, texts_only) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})  # the same content, the same bytes
        heading, text = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"num_format": "@"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for number, column in enumerate(sheet.headings):
                page.set_column(number, number, 22, text)
                page.write_string(0, number, column, heading)
            for row, values in enumerate(cells[sheet.name], 1):
                for number, value in enumerate(values):
                    if value:
                        page.write_string(row, number, value, text)
    return target.getvalue()
