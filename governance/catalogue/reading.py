"""Reads catalogue and price files, YAML or workbook: every mistake is a finding with its place in the file."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from foundation.values.findings import Finding
from foundation.values.money import PRICE
from governance.catalogue.content_checks import check_catalogue, check_lists
from governance.catalogue.documents import catalogue_from, notice_from, price_list_from
from governance.catalogue.model import (
    CatalogueDocument,
    FieldKind,
    Layer,
    Notice,
    PriceList,
    PriceUnit,
    ServiceKind,
)
from governance.catalogue.sheets import CATALOGUE, PRICES, Sheet
from governance.catalogue.workbooks import gather
from governance.metering import MeterKind
from governance.yaml_documents import Code, ExactDecimal, Form, FormT, Problems, Text, fill_form, read_form

_UNWRITABLE = {"Cc", "Cs", "Zl", "Zp"}


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) in _UNWRITABLE or character in "\ufffe\uffff" for character in text):
        raise ValueError("a text on one line, without control characters")
    return text


Line = Annotated[Text, AfterValidator(_one_line)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""The name of an attribute or label: small letters, digits, underscores."""
Size = Annotated[ExactDecimal, Field(gt=0)]
Price = Annotated[ExactDecimal, Field(ge=0, max_digits=PRICE[0], decimal_places=PRICE[1])]


class _Plan(Form):
    code: Code
    zh: Line
    en: Line
    attributes: Annotated[dict[Name, Size], Field(min_length=1)]
    labels: dict[Name, Line] = Field(default_factory=dict)


class _Meter(Form):
    code: Code
    kind: MeterKind
    zh: Line
    en: Line
    unit_zh: Annotated[Line, Field(max_length=40)]
    unit_en: Annotated[Line, Field(max_length=40)]
    attribute: Name | None = None


class _Choice(Form):
    code: Code
    zh: Line
    en: Line


class _Field(Form):
    code: Code
    kind: FieldKind
    zh: Line
    en: Line
    required: bool = False
    minimum: ExactDecimal | None = None
    maximum: ExactDecimal | None = None
    choices: list[_Choice] = Field(default_factory=list)


class _Service(Form):
    code: Code
    layer: Layer
    kind: ServiceKind
    zh: Line
    en: Line
    sla: Code | None = None
    calculator: Code | None = None
    plans: list[_Plan] = Field(default_factory=list)
    meters: Annotated[list[_Meter], Field(min_length=1)]
    form: list[_Field] = Field(default_factory=list)


class CatalogueForm(Form):
    """The shape of a catalogue file."""

    id: Code
    place: Code | None = None
    start: AwareDatetime
    services: Annotated[list[_Service], Field(min_length=1)]


class _Cites(Form):
    contract: Code | None = None
    notice: Line | None = None


class _CostItem(Form):
    zh: Line
    en: Line
    amount: Price


class _Comparison(Form):
    source: Line
    price: Price


class _Line(Form):
    service: Code
    meter: Code
    unit: PriceUnit
    price: Price
    basis: list[_CostItem] = Field(default_factory=list)
    comparison: list[_Comparison] = Field(default_factory=list)


class _List(Form):
    id: Code
    place: Code | None = None
    cites: _Cites
    start: AwareDatetime
    end: AwareDatetime | None = None
    includes_vat: bool = True
    vat_rate: Annotated[ExactDecimal, Field(ge=0, lt=1, decimal_places=8)]
    prices: Annotated[list[_Line], Field(min_length=1)]


class _Notice(Form):
    number: Line
    zh: Line
    en: Line
    issuer: Line
    issued_on: date


class PricesForm(Form):
    """The shape of a file of price lists and the notices they rest on."""

    notices: list[_Notice] = Field(default_factory=list)
    lists: Annotated[list[_List], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class PriceFile:
    """What one file says: price lists, oldest start first, and the notices told beside them."""

    lists: tuple[PriceList, ...]
    notices: tuple[Notice, ...]


def read_catalogue(path: Path) -> tuple[CatalogueDocument | None, tuple[Finding, ...]]:
    """Read a catalogue file, YAML or .xlsx; on any finding there is no document."""
    form, findings = _read(path, CatalogueForm, check_catalogue, CATALOGUE)
    return (None, findings) if form is None else (catalogue_from(_plain(form)), ())


def read_price_file(path: Path) -> tuple[PriceFile | None, tuple[Finding, ...]]:
    """Read a file of price lists, YAML or .xlsx; on any finding there is none."""
    form, findings = _read(path, PricesForm, check_lists, PRICES)
    if form is None:
        return None, findings
    document = _plain(form)
    lists = [price_list_from(each) for each in document["lists"]]
    notices = tuple(notice_from(each) for each in document.get("notices", ()))
    return PriceFile(tuple(sorted(lists, key=lambda each: (each.start, each.id))), notices), ()


def read_prices(path: Path) -> tuple[tuple[PriceList, ...] | None, tuple[Finding, ...]]:
    """The price lists of ``read_price_file`` alone."""
    file, findings = read_price_file(path)
    return None if file is None else file.lists, findings


def _read(
    path: Path, form: type[FormT], check: Callable[[FormT, Problems], None], sheets: Sequence[Sheet]
) -> tuple[FormT | None, tuple[Finding, ...]]:
    if path.suffix.casefold() != ".xlsx":
        return read_form(path, form, check)
    gathered, findings = gather(path, sheets)
    if gathered is None:
        return None, findings
    filled, findings = fill_form(gathered.document, form, check, gathered.problems)
    return (None, findings) if findings else (filled, ())


def _plain(form: Form) -> dict[str, Any]:
    """The filled form as a document: decimals as their digits, instants and dates as text, nothing that is empty."""
    found = _without_empty(form.model_dump(exclude_none=True))
    assert isinstance(found, dict)  # noqa: S101 - a form is a table of fields
    return found


def _without_empty(value: object) -> Any:
    if isinstance(value, dict):
        return {name: _without_empty(each) for name, each in value.items() if each not in ({}, [])}
    if isinstance(value, list):
        return [_without_empty(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
