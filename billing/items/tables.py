"""The tables of items and of their acceptances; both are written once and never changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table

from billing.items.model import Acceptance, Item, item_digest, item_document
from billing.verification.decoding import decode
from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.month import Month

item_table = AgencyOwned(
    Table(
        "settlement_item",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("contract", String(60), nullable=False, index=True),
        Column("month", String(7), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("system", String(60), nullable=False),
        Column("kind", String(30), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("document", Document, nullable=False),
        Column("recorded_at", Instant, nullable=False),
    )
)
acceptance_table = AgencyOwned(
    Table(
        "settlement_item_acceptance",
        metadata,
        Column("item", ForeignKey("settlement_item.id"), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("document", Document, nullable=False),
        Column("accepted_at", Instant, nullable=False),
    )
)


def item_row(item: Item) -> dict[str, object]:
    """The row of an item, without the instant it was recorded at."""
    return {
        "id": item.id,
        "contract": item.contract,
        "month": str(item.month),
        "agency": item.agency,
        "system": item.system,
        "kind": item.kind.value,
        "digest": item_digest(item),
        "document": item_document(item),
    }


def acceptance_row(item: Item, acceptance: Acceptance) -> dict[str, object]:
    """The row of an acceptance."""
    return {
        "item": item.id,
        "agency": item.agency,
        "document": plain(acceptance),
        "accepted_at": acceptance.accepted_at,
    }


def item_of(transaction: Transaction, scope: Scope, item_id: str) -> Item | None:
    """The item inside the scope, or nothing."""
    row = transaction.row(item_table.select(scope).where(item_table.c.id == item_id))
    return None if row is None else _item(row)


def items_until(transaction: Transaction, scope: Scope, contract: str, month: Month) -> Sequence[Item]:
    """The contract's items of ``month`` and of the months before, by id."""
    c = item_table.c
    query = item_table.select(scope).where(c.contract == contract, c.month <= str(month)).order_by(c.id)
    return [_item(row) for row in transaction.rows(query)]


def acceptance_of(transaction: Transaction, scope: Scope, item_id: str) -> Acceptance | None:
    """How the item was accepted, or nothing."""
    c = acceptance_table.c
    row = transaction.row(acceptance_table.select(scope, c.document).where(c.item == item_id))
    return None if row is None else decode(Acceptance, row["document"], what=f"acceptance of {item_id}")


def _item(row: RowMapping) -> Item:
    return decode(Item, row["document"], what=f"item {row['id']}")
