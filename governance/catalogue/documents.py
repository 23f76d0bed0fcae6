"""Catalogues and price lists as plain documents: nested tables of texts, the one form behind YAML, workbook and record.

Every decimal is text with exactly the digits it was given; what is empty is left out. ``*_document`` writes,
``*_from`` reads back what this module wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.instant import SHANGHAI, parse_instant
from governance.catalogue.model import (
    BASE,
    CatalogueDocument,
    Choice,
    Comparison,
    CostItem,
    FieldKind,
    FormField,
    Layer,
    Meter,
    Notice,
    Plan,
    PriceLine,
    PriceList,
    PriceUnit,
    Service,
    ServiceKind,
)
from governance.metering import MeterKind

Document = dict[str, Any]


def digits(value: Decimal) -> str:
    """A decimal as text with every digit it has: ``48.00`` stays ``48.00``."""
    return format(value, "f")


def written_instant(value: datetime) -> str:
    """An instant as people here write it: Shanghai time with its offset."""
    return value.astimezone(SHANGHAI).isoformat()


def content_digest(value: object) -> str:
    """The digest of what a value says: trailing zeros of a decimal and the hour's offset do not matter."""
    return sha256_hex(canonical_bytes(value))


def service_digest(service: Service) -> str:
    """The digest of an offer; the order in which plans, meters and questions stand is part of it."""
    return content_digest(service)


def catalogue_document(document: CatalogueDocument) -> Document:
    """The document of one catalogue."""
    head = {"id": document.id, **_unless(place=document.place or None), "start": written_instant(document.start)}
    return {**head, "services": [service_document(each) for each in document.services]}


def service_document(service: Service) -> Document:
    """The document of one service."""
    return {
        "code": service.code,
        "layer": service.layer.value,
        "kind": service.kind.value,
        "zh": service.zh,
        "en": service.en,
        **_unless(sla=service.sla or None, calculator=service.calculator or None),
        **_unless(plans=[_plan_document(each) for each in service.plans] or None),
        "meters": [_meter_document(each) for each in service.meters],
        **_unless(form=[_field_document(each) for each in service.form] or None),
    }


def prices_document(lists: Iterable[PriceList], notices: Iterable[Notice] = ()) -> Document:
    """The document of price lists, with the notices recorded beside them."""
    told = [
        {"number": each.number, "zh": each.zh, "en": each.en, "issuer": each.issuer, "issued_on": str(each.issued_on)}
        for each in notices
    ]
    return {**_unless(notices=told or None), "lists": [price_list_document(each) for each in lists]}


def price_list_document(price_list: PriceList) -> Document:
    """The document of one price list."""
    kind, _, cited = price_list.cites.partition(":")
    return {
        "id": price_list.id,
        **_unless(place=price_list.place or None),
        "cites": {kind: cited},
        "start": written_instant(price_list.start),
        **_unless(end=None if price_list.end is None else written_instant(price_list.end)),
        "includes_vat": price_list.includes_vat,
        "vat_rate": digits(price_list.vat_rate),
        "prices": [_line_document(each) for each in price_list.lines],
    }


def catalogue_from(document: Mapping[str, Any]) -> CatalogueDocument:
    """The catalogue of a document."""
    return CatalogueDocument(
        id=document["id"],
        services=tuple(service_from(each) for each in document["services"]),
        start=_instant(document["start"]),
        place=document.get("place", BASE),
    )


def service_from(document: Mapping[str, Any]) -> Service:
    """The service of a document."""
    return Service(
        code=document["code"],
        layer=Layer(document["layer"]),
        kind=ServiceKind(document["kind"]),
        zh=document["zh"],
        en=document["en"],
        plans=tuple(_plan_from(each) for each in document.get("plans", ())),
        meters=tuple(_meter_from(each) for each in document["meters"]),
        sla=document.get("sla", ""),
        calculator=document.get("calculator", ""),
        form=tuple(_field_from(each) for each in document.get("form", ())),
    )


def price_list_from(document: Mapping[str, Any]) -> PriceList:
    """The price list of a document."""
    cites, end = document["cites"], document.get("end")
    if not isinstance(cites, str):  # records of the first story hold it as one text
        [(kind, cited)] = cites.items()
        cites = f"{kind}:{cited}"
    return PriceList(
        id=document["id"],
        cites=cites,
        start=_instant(document["start"]),
        includes_vat=document["includes_vat"],
        vat_rate=Decimal(document["vat_rate"]),
        lines=tuple(_line_from(each) for each in document["prices"]),
        place=document.get("place", BASE),
        end=None if end is None else _instant(end),
    )


def notice_from(document: Mapping[str, Any]) -> Notice:
    """The notice of a document."""
    return Notice(
        document["number"],
        document["zh"],
        document["en"],
        document["issuer"],
        date.fromisoformat(document["issued_on"]),
    )


def _plan_document(plan: Plan) -> Document:
    return {
        "code": plan.code,
        "zh": plan.zh,
        "en": plan.en,
        "attributes": {name: digits(value) for name, value in sorted(plan.attributes.items())},
        **_unless(labels=dict(sorted(plan.labels.items())) or None),
    }


def _meter_document(meter: Meter) -> Document:
    texts = {field.name: str(getattr(meter, field.name)) for field in fields(meter) if field.name != "attribute"}
    return {**texts, **_unless(attribute=meter.attribute or None)}


def _field_document(field: FormField) -> Document:
    return {
        "code": field.code,
        "kind": field.kind.value,
        "zh": field.zh,
        "en": field.en,
        **_unless(required=True if field.required else None),
        **_unless(minimum=None if field.minimum is None else digits(field.minimum)),
        **_unless(maximum=None if field.maximum is None else digits(field.maximum)),
        **_unless(choices=[{"code": each.code, "zh": each.zh, "en": each.en} for each in field.choices] or None),
    }


def _line_document(line: PriceLine) -> Document:
    basis = [{"zh": each.zh, "en": each.en, "amount": digits(each.amount)} for each in line.basis]
    comparison = [{"source": each.source, "price": digits(each.price)} for each in line.comparison]
    return {
        "service": line.service,
        "meter": line.meter,
        "unit": line.unit.value,
        "price": digits(line.price),
        **_unless(basis=basis or None, comparison=comparison or None),
    }


def _plan_from(document: Mapping[str, Any]) -> Plan:
    attributes = {name: Decimal(value) for name, value in document["attributes"].items()}
    return Plan(document["code"], document["zh"], document["en"], attributes, dict(document.get("labels", {})))


def _meter_from(document: Mapping[str, Any]) -> Meter:
    return Meter(
        document["code"],
        MeterKind(document["kind"]),
        document["zh"],
        document["en"],
        document["unit_zh"],
        document["unit_en"],
        document.get("attribute", ""),
    )


def _field_from(document: Mapping[str, Any]) -> FormField:
    return FormField(
        code=document["code"],
        kind=FieldKind(document["kind"]),
        zh=document["zh"],
        en=document["en"],
        required=document.get("required", False),
        minimum=_decimal(document.get("minimum")),
        maximum=_decimal(document.get("maximum")),
        choices=tuple(Choice(each["code"], each["zh"], each["en"]) for each in document.get("choices", ())),
    )


def _line_from(document: Mapping[str, Any]) -> PriceLine:
    basis: Sequence[Mapping[str, str]] = document.get("basis", ())
    comparison: Sequence[Mapping[str, str]] = document.get("comparison", ())
    return PriceLine(
        document["service"],
        document["meter"],
        PriceUnit(document["unit"]),
        Decimal(document["price"]),
        tuple(CostItem(each["zh"], each["en"], Decimal(each["amount"])) for each in basis),
        tuple(Comparison(each["source"], Decimal(each["price"])) for each in comparison),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _instant(text: str) -> datetime:
    return parse_instant(text).astimezone(UTC)


def _unless(**values: object) -> Document:
    """The values that are not None."""
    return {name: value for name, value in values.items() if value is not None}
