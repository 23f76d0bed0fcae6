"""The service catalogue 服务目录 and its dated prices 价格版本.

Owns what is on offer, in which sizes, what is counted, and what it costs from when, on which contract or notice.
Measuring is ``monitoring``'s, charging ``billing``'s. The values import nothing heavy: tables and use cases load when
first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.catalogue.model import (
    CatalogueDocument,
    Layer,
    Meter,
    MeterKind,
    Plan,
    PlanSize,
    PriceLine,
    PriceList,
    PriceUnit,
    PriceVersion,
    Service,
    ServiceKind,
)
from governance.catalogue.sizes import smallest_plan

if TYPE_CHECKING:
    from governance.catalogue.pricing import draft_prices, publish_prices
    from governance.catalogue.publishing import publish_catalogue
    from governance.catalogue.reading import read_catalogue, read_prices
    from governance.catalogue.tables import plan_sizes, prices, service_of, services

_LATER = {
    "draft_prices": "pricing",
    "plan_sizes": "tables",
    "prices": "tables",
    "publish_catalogue": "publishing",
    "publish_prices": "pricing",
    "read_catalogue": "reading",
    "read_prices": "reading",
    "service_of": "tables",
    "services": "tables",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "CatalogueDocument",
    "Layer",
    "Meter",
    "MeterKind",
    "Plan",
    "PlanSize",
    "PriceLine",
    "PriceList",
    "PriceUnit",
    "PriceVersion",
    "Service",
    "ServiceKind",
    "draft_prices",
    "plan_sizes",
    "prices",
    "publish_catalogue",
    "publish_prices",
    "read_catalogue",
    "read_prices",
    "service_of",
    "services",
    "smallest_plan",
]
