"""What changed between two states of catalogue and prices: added, changed field by field, withdrawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from governance.catalogue.documents import digits, service_document
from governance.catalogue.model import Offer, PriceVersion


class ChangeKind(StrEnum):
    """新增, 变更, 撤下."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``thing`` is what it concerns (``plan cloud-host/general-2c4g``) in ``place``'s layer.

    Of something changed, ``field`` goes from ``old`` to ``new``; of something added or withdrawn the field is empty
    and ``new`` or ``old`` says what it is.
    """

    kind: ChangeKind
    place: str
    thing: str
    field: str
    old: str
    new: str


Things = Mapping[tuple[str, str], Mapping[str, str]]
"""(place, thing) → its fields as texts."""


def catalogue_changes(before: Iterable[Offer], after: Iterable[Offer]) -> tuple[Change, ...]:
    """What changed in services, plans, meters and request forms, by place and thing."""
    return _changes(_things_of(before), _things_of(after))


def price_changes(before: Iterable[PriceVersion], after: Iterable[PriceVersion]) -> tuple[Change, ...]:
    """What changed in the prices in force at two instants, by place and thing."""
    return _changes(_prices_of(before), _prices_of(after))


def _changes(before: Things, after: Things) -> tuple[Change, ...]:
    return tuple(
        chain.from_iterable(_change(key, before.get(key), after.get(key)) for key in sorted({*before, *after}))
    )


def _change(key: tuple[str, str], old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> Iterable[Change]:
    if old is None:
        yield Change(ChangeKind.ADDED, *key, "", "", _shown(new or {}))
    elif new is None:
        yield Change(ChangeKind.WITHDRAWN, *key, "", _shown(old), "")
    else:
        for field in sorted({*old, *new}):
            was, now = old.get(field, ""), new.get(field, "")
            if was != now:
                yield Change(ChangeKind.CHANGED, *key, field, was, now)


def _shown(fields: Mapping[str, str]) -> str:
    return fields.get("zh") or fields.get("price", "")


def _things_of(offers: Iterable[Offer]) -> Things:
    things: dict[tuple[str, str], Mapping[str, str]] = {}
    for offer in offers:
        document, place, code = service_document(offer.service), offer.place, offer.service.code
        things[place, f"service {code}"] = _texts(document, without=("plans", "meters", "form"))
        for field, name in (("plans", "plan"), ("meters", "meter"), ("form", "field")):
            for each in document.get(field, ()):
                things[place, f"{name} {code}/{each['code']}"] = _texts(each, without=("choices",))
                for choice in each.get("choices", ()):
                    things[place, f"choice {code}/{each['code']}/{choice['code']}"] = _texts(choice)
    return things


def _prices_of(versions: Iterable[PriceVersion]) -> Things:
    return {
        (each.place, f"price {each.service}/{each.meter}"): {
            "price": digits(each.price.normalize()),
            "unit": each.unit.value,
            "includes_vat": str(each.includes_vat).lower(),
            "vat_rate": digits(each.vat_rate.normalize()),
            "cites": each.cites,
            "version": each.id,
        }
        for each in versions
    }


def _texts(document: Mapping[str, Any], *, without: Iterable[str] = ()) -> Mapping[str, str]:
    """The fields as texts, those of a table inside by ``table.name``."""
    texts: dict[str, str] = {}
    for name, value in document.items():
        if name in without:
            continue
        if isinstance(value, Mapping):
            texts |= {f"{name}.{inner}": str(each) for inner, each in value.items()}
        else:
            texts[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return texts
