"""Ledger values: double entry, whole fen, every transaction sums to zero. Pure.

    accepted   expense (+gross)   payable to the operator (−payable)   withheld (−withheld)
    returned   the postings of its acceptance, reversed
    paid       payable (+payable) cash (−payable)

Each posting names agency, project and fund source, so that every agency's own entries balance too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from billing.ledger.errors import Unbalanced


class LedgerAccount(StrEnum):
    """费用, 应付运营中心, 暂扣, 银行存款."""

    EXPENSE = "expense"
    PAYABLE = "payable"
    WITHHELD = "withheld"
    CASH = "cash"


class LedgerEvent(StrEnum):
    """What a transaction tells of."""

    ACCEPTED = "settlement-accepted"
    RETURNED = "settlement-returned"
    PAID = "settlement-paid"


@dataclass(frozen=True, slots=True)
class Posting:
    """``amount`` in fen: debit is positive, credit negative."""

    account: LedgerAccount
    agency: str
    project: str
    fund_source: str
    amount: int


@dataclass(frozen=True, slots=True)
class LedgerTransaction:
    """Postings that sum to zero, as a whole and for each agency; ``digest`` is the settlement's they rest on."""

    id: str
    event: LedgerEvent
    contract: str
    month: str
    settlement: str
    digest: str
    posted_at: datetime
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        rest = sum(posting.amount for posting in self.postings)
        if rest:
            raise Unbalanced(transaction=self.id, agency="*", rest=rest)
        for agency in sorted({posting.agency for posting in self.postings}):
            rest = sum(posting.amount for posting in self.postings if posting.agency == agency)
            if rest:
                raise Unbalanced(transaction=self.id, agency=agency, rest=rest)


_Signs = tuple[tuple[LedgerAccount, str, int], ...]
_SIGNS: Mapping[LedgerEvent, _Signs] = {
    LedgerEvent.ACCEPTED: (
        (LedgerAccount.EXPENSE, "gross", 1),
        (LedgerAccount.PAYABLE, "payable", -1),
        (LedgerAccount.WITHHELD, "withheld", -1),
    ),
    LedgerEvent.RETURNED: (
        (LedgerAccount.EXPENSE, "gross", -1),
        (LedgerAccount.PAYABLE, "payable", 1),
        (LedgerAccount.WITHHELD, "withheld", 1),
    ),
    LedgerEvent.PAID: (
        (LedgerAccount.PAYABLE, "payable", 1),
        (LedgerAccount.CASH, "payable", -1),
    ),
}
"""Account, the field of a breakdown row it takes, debit or credit."""


def acceptance_of(settlement: Mapping[str, Any], *, digest: str, at: datetime) -> LedgerTransaction:
    """The transaction of a settlement document accepted by the buyer."""
    return _transaction(settlement, LedgerEvent.ACCEPTED, digest, at)


def return_of(settlement: Mapping[str, Any], *, digest: str, at: datetime) -> LedgerTransaction:
    """The transaction that takes the acceptance of a returned settlement back."""
    return _transaction(settlement, LedgerEvent.RETURNED, digest, at)


def payment_of(settlement: Mapping[str, Any], *, digest: str, at: datetime) -> LedgerTransaction:
    """The transaction of a settlement document paid."""
    return _transaction(settlement, LedgerEvent.PAID, digest, at)


def _transaction(settlement: Mapping[str, Any], event: LedgerEvent, digest: str, at: datetime) -> LedgerTransaction:
    sums: dict[tuple[LedgerAccount, str, str, str], int] = {}
    for share in settlement["breakdown"]:
        for account, field, sign in _SIGNS[event]:
            key = (account, share["agency"], share["project"], share["fund_source"])
            sums[key] = sums.get(key, 0) + sign * share[field]
    return LedgerTransaction(
        # One transaction an event of one version: the id is the same when the command runs again.
        id=f"{settlement['id']}/{settlement['version']}/{event.value}",
        event=event,
        contract=settlement["contract"],
        month=settlement["month"],
        settlement=settlement["id"],
        digest=digest,
        posted_at=at,
        postings=tuple(Posting(*key, amount) for key, amount in sorted(sums.items()) if amount),
    )
