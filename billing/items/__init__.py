"""Service items 服务事项 and outcome items 服务成果 of a contract-month.

Owns what is recorded, how an outcome is accepted and what an item comes to at the price in force. Paying it is
``billing.settlement``'s. Only pure values are loaded here; the use cases stand in ``billing.items.service``.
"""

from billing.items.errors import AlreadyAccepted, InvalidItem, ItemError, ItemFrozen, NotAnOutcome
from billing.items.model import Acceptance, Criterion, Item, ItemKind, item_digest, item_document
from billing.items.pricing import PricedItem, price_in_force, price_item

__all__ = [
    "Acceptance",
    "AlreadyAccepted",
    "Criterion",
    "InvalidItem",
    "Item",
    "ItemError",
    "ItemFrozen",
    "ItemKind",
    "NotAnOutcome",
    "PricedItem",
    "item_digest",
    "item_document",
    "price_in_force",
    "price_item",
]
