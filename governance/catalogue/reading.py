"""Reads catalogue and price files: every mistake is a finding with file, line and field."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field

from foundation.values.findings import Finding
from foundation.values.instant import utc
from foundation.values.money import PRICE
from governance.catalogue.model import (
    CatalogueDocument,
    Layer,
    Meter,
    MeterKind,
    Plan,
    PriceLine,
    PriceList,
    PriceUnit,
    Service,
    ServiceKind,
)
from governance.yaml_documents import Code, ExactDecimal, FieldPath, Form, Problems, Text, read_form

Size = Annotated[ExactDecimal, Field(gt=0)]
Price = Annotated[ExactDecimal, Field(ge=0, max_digits=PRICE[0], decimal_places=PRICE[1])]


class _Plan(Form):
    code: Code
    zh: Text
    en: Text
    attributes: Annotated[dict[str, Size], Field(min_length=1)]
    labels: dict[str, Text] = Field(default_factory=dict)


class _Meter(Form):
    code: Code
    kind: MeterKind
    zh: Text
    en: Text
    unit_zh: Text
    unit_en: Text
    attribute: str = ""


class _Service(Form):
    code: Code
    layer: Layer
    kind: ServiceKind
    zh: Text
    en: Text
    sla: str = ""
    plans: list[_Plan] = Field(default_factory=list)
    meters: Annotated[list[_Meter], Field(min_length=1)]


class _Catalogue(Form):
    id: Code
    services: Annotated[list[_Service], Field(min_length=1)]


class _Cites(Form):
    contract: Code | None = None
    notice: Text | None = None


class _Line(Form):
    service: Code
    meter: Code
    unit: PriceUnit
    price: Price


class _List(Form):
    id: Code
    cites: _Cites
    start: AwareDatetime
    includes_vat: bool = True
    vat_rate: Annotated[ExactDecimal, Field(ge=0, lt=1, decimal_places=8)]
    prices: Annotated[list[_Line], Field(min_length=1)]


class _Lists(Form):
    lists: Annotated[list[_List], Field(min_length=1)]


def read_catalogue(path: Path) -> tuple[CatalogueDocument | None, tuple[Finding, ...]]:
    """Read a catalogue file; on any finding there is no document."""
    form, findings = read_form(path, _Catalogue, _check_catalogue)
    if form is None:
        return None, findings
    return CatalogueDocument(form.id, tuple(_service(each) for each in form.services)), ()


def read_prices(path: Path) -> tuple[tuple[PriceList, ...] | None, tuple[Finding, ...]]:
    """Read a file of price lists, oldest start first; on any finding there are none."""
    form, findings = read_form(path, _Lists, _check_lists)
    if form is None:
        return None, findings
    return tuple(sorted((_price_list(each) for each in form.lists), key=lambda each: (each.start, each.id))), ()


def _service(form: _Service) -> Service:
    return Service(
        code=form.code,
        layer=form.layer,
        kind=form.kind,
        zh=form.zh,
        en=form.en,
        plans=tuple(Plan(each.code, each.zh, each.en, each.attributes, each.labels) for each in form.plans),
        meters=tuple(
            Meter(each.code, each.kind, each.zh, each.en, each.unit_zh, each.unit_en, each.attribute)
            for each in form.meters
        ),
        sla=form.sla,
    )


def _price_list(form: _List) -> PriceList:
    cites = f"contract:{form.cites.contract}" if form.cites.contract else f"notice:{form.cites.notice}"
    return PriceList(
        id=form.id,
        cites=cites,
        start=utc(form.start),
        includes_vat=form.includes_vat,
        vat_rate=Decimal(form.vat_rate),
        lines=tuple(PriceLine(each.service, each.meter, each.unit, each.price) for each in form.prices),
    )


def _check_catalogue(form: _Catalogue, problems: Problems) -> None:
    _each_once(problems, ("services",), [each.code for each in form.services], "code")
    for index, service in enumerate(form.services):
        here: FieldPath = ("services", index)
        _each_once(problems, (*here, "plans"), [each.code for each in service.plans], "code")
        _each_once(problems, (*here, "meters"), [each.code for each in service.meters], "code")
        if service.plans and service.kind is not ServiceKind.RESOURCE:
            problems.add(
                (*here, "plans"),
                found=len(service.plans),
                expected="none",
                zh="只有资源类服务有规格",
                en="only a resource service has plans",
            )
        for number, meter in enumerate(service.meters):
            if bool(meter.attribute) != (meter.kind is MeterKind.LEVEL):
                problems.add(
                    (*here, "meters", number, "attribute"),
                    found=meter.attribute,
                    expected="of a level meter the attribute it is charged from, otherwise nothing",
                    zh="占用量计量项须写明取自哪个属性,其他计量项不写",
                    en="a level meter names the attribute it is charged from, another names none",
                )


def _check_lists(form: _Lists, problems: Problems) -> None:
    _each_once(problems, ("lists",), [each.id for each in form.lists], "id")
    for index, price_list in enumerate(form.lists):
        cites = price_list.cites
        if (cites.contract is None) == (cites.notice is None):
            problems.add(
                ("lists", index, "cites"),
                found=cites.contract or "",
                expected="a contract or a notice",
                zh="须引用一份合同或一份通知,二者择一",
                en="cite either a contract or a notice",
            )
        priced = [f"{each.service}/{each.meter}" for each in price_list.prices]
        _each_once(problems, ("lists", index, "prices"), priced, "meter")


def _each_once(problems: Problems, path: FieldPath, codes: list[str], field: str) -> None:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            problems.add(
                (*path, index, field),
                found=code,
                expected="each once",
                zh=f"{code} 重复",
                en=f"{code} stands here twice",
            )
