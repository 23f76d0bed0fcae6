"""Price lists on record, with what became of each: proposed, drafted, published, rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from foundation.store import Transaction
from governance.authority import Act, decisions_on
from governance.catalogue.documents import price_list_from
from governance.catalogue.model import PriceList
from governance.catalogue.tables import price_list_table


class PriceListState(StrEnum):
    """建议, 草案, 已发布, 已退回."""

    PROPOSED = "proposed"
    DRAFTED = "drafted"
    PUBLISHED = "published"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class PriceListRecord:
    """A list, the digest its publication binds to, its state, and why it was rejected (empty otherwise)."""

    price_list: PriceList
    digest: str
    state: PriceListState
    reason: str
    drafted_at: datetime
    published_at: datetime | None


def price_lists(transaction: Transaction, *, place: str | None = None) -> Sequence[PriceListRecord]:
    """Every list, by start and id; of one layer where it is named."""
    rows = transaction.rows(select(price_list_table))
    decided = decisions_on(transaction, *(f"prices:{row['id']}" for row in rows))
    proposed = {each.subject for each in decided if each.act is Act.PRICE_PROPOSE}
    rejected = {each.subject: each.note for each in decided if each.act is Act.PRICE_REJECT}
    records = []
    for row in rows:
        subject, price_list = f"prices:{row['id']}", price_list_from(row["document"])
        if place is not None and price_list.place != place:
            continue
        state = PriceListState.PROPOSED if subject in proposed else PriceListState.DRAFTED
        if subject in rejected:
            state = PriceListState.REJECTED
        if row["published_at"] is not None:
            state = PriceListState.PUBLISHED
        records.append(
            PriceListRecord(
                price_list, row["digest"], state, rejected.get(subject, ""), row["drafted_at"], row["published_at"]
            )
        )
    return sorted(records, key=lambda each: (each.price_list.start, each.price_list.id))
