"""What the ledger refuses.

LedgerError
└── Unbalanced   a transaction does not sum to zero
"""

from __future__ import annotations

from billing.errors import BillingError


class LedgerError(BillingError):
    """Base of this room's errors."""

    code = "billing.ledger.error"
    exit_status = 3


class Unbalanced(LedgerError):
    """``transaction`` leaves ``rest`` fen for ``agency`` (``*``: as a whole)."""

    code = "billing.ledger.unbalanced"
    zh = "账务分录 {transaction}({agency})不平:差 {rest} 分"
    en = "ledger transaction {transaction} ({agency}) does not balance: {rest} fen are left"
