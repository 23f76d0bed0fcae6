"""The ledger: double entry, append-only, every transaction sums to zero.

Owns what a settlement posts when it is accepted, returned and paid, and the check that settlements and books agree.
Only pure values are loaded here; tables and queries stand in ``billing.ledger.tables``.
"""

from billing.ledger.errors import LedgerError, Unbalanced
from billing.ledger.model import (
    LedgerAccount,
    LedgerEvent,
    LedgerTransaction,
    Posting,
    acceptance_of,
    payment_of,
    return_of,
)

__all__ = [
    "LedgerAccount",
    "LedgerError",
    "LedgerEvent",
    "LedgerTransaction",
    "Posting",
    "Unbalanced",
    "acceptance_of",
    "payment_of",
    "return_of",
]
