"""The service catalogue 服务目录 and its dated prices 价格版本.

Owns what is on offer where and when, in which sizes, what is counted, how it is asked for, and what it costs from
when, on which contract or notice. Measuring is ``monitoring``'s, charging ``billing``'s. The values import nothing
heavy: tables, files and use cases load when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    Offer,
    Plan,
    PlanSize,
    PriceLine,
    PriceList,
    PriceUnit,
    PriceVersion,
    Service,
    ServiceKind,
)
from governance.catalogue.resolving import PriceGap, in_force, price_gaps, resolve_prices
from governance.catalogue.sizes import smallest_plan
from governance.metering import MeterKind

if TYPE_CHECKING:
    from governance.catalogue.changes import Change, ChangeKind, catalogue_changes, price_changes
    from governance.catalogue.forms import check_form
    from governance.catalogue.list_records import PriceListRecord, PriceListState, price_lists
    from governance.catalogue.noticing import notice_of, notices, record_notices
    from governance.catalogue.offers import (
        add_services,
        offer_history,
        offers_at,
        plan_sizes,
        service_of,
        services,
        services_for,
    )
    from governance.catalogue.places import place_names, places_of
    from governance.catalogue.price_versions import prices, prices_for
    from governance.catalogue.pricing import draft_prices, end_price, propose_prices, publish_prices, reject_prices
    from governance.catalogue.publishing import (
        CatalogueVersion,
        Drafted,
        catalogue_at,
        catalogue_versions,
        changes_between,
        draft_catalogue,
        publish_catalogue,
        version_document,
    )
    from governance.catalogue.reading import PriceFile, read_catalogue, read_price_file, read_prices
    from governance.catalogue.writing import catalogue_workbook, catalogue_yaml, prices_workbook, prices_yaml

_LATER = {
    name: module
    for module, names in {
        "changes": ("Change", "ChangeKind", "catalogue_changes", "price_changes"),
        "forms": ("check_form",),
        "noticing": ("notice_of", "notices", "record_notices"),
        "offers": (
            "add_services",
            "offer_history",
            "offers_at",
            "plan_sizes",
            "service_of",
            "services",
            "services_for",
        ),
        "places": ("place_names", "places_of"),
        "list_records": ("PriceListRecord", "PriceListState", "price_lists"),
        "price_versions": ("prices", "prices_for"),
        "pricing": ("draft_prices", "end_price", "propose_prices", "publish_prices", "reject_prices"),
        "publishing": (
            "CatalogueVersion",
            "Drafted",
            "catalogue_at",
            "catalogue_versions",
            "changes_between",
            "draft_catalogue",
            "publish_catalogue",
            "version_document",
        ),
        "reading": ("PriceFile", "read_catalogue", "read_price_file", "read_prices"),
        "writing": ("catalogue_workbook", "catalogue_yaml", "prices_workbook", "prices_yaml"),
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "BASE",
    "CatalogueDocument",
    "CatalogueVersion",
    "Change",
    "ChangeKind",
    "Choice",
    "Comparison",
    "CostItem",
    "Drafted",
    "FieldKind",
    "FormField",
    "Layer",
    "Meter",
    "MeterKind",
    "Notice",
    "Offer",
    "Plan",
    "PlanSize",
    "PriceFile",
    "PriceGap",
    "PriceLine",
    "PriceList",
    "PriceListRecord",
    "PriceListState",
    "PriceUnit",
    "PriceVersion",
    "Service",
    "ServiceKind",
    "add_services",
    "catalogue_at",
    "catalogue_changes",
    "catalogue_versions",
    "catalogue_workbook",
    "catalogue_yaml",
    "changes_between",
    "check_form",
    "draft_catalogue",
    "draft_prices",
    "end_price",
    "in_force",
    "notice_of",
    "notices",
    "offer_history",
    "offers_at",
    "place_names",
    "places_of",
    "plan_sizes",
    "price_changes",
    "price_gaps",
    "price_lists",
    "prices",
    "prices_for",
    "prices_workbook",
    "prices_yaml",
    "propose_prices",
    "publish_catalogue",
    "publish_prices",
    "read_catalogue",
    "read_price_file",
    "read_prices",
    "record_notices",
    "reject_prices",
    "resolve_prices",
    "service_of",
    "services",
    "services_for",
    "smallest_plan",
    "version_document",
]
