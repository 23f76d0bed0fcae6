"""The record database: engine, transaction, scope, exact column types.

Owns how a fact is written and read back without losing a digit. Owns no fact: every room keeps its own tables in
its ``tables.py``, on the one ``metadata`` of this package, which ``wiring`` gathers for Alembic.
"""

from foundation.store.append_only import REASON, append_only, append_only_statements
from foundation.store.columns import (
    AMOUNT_COLUMN,
    COEFFICIENT_COLUMN,
    PRICE_COLUMN,
    QUANTITY_COLUMN,
    Document,
    Exact,
    Fen,
    Instant,
)
from foundation.store.engine import Store, metadata, open_store
from foundation.store.errors import (
    AlreadyThere,
    CommitUnknown,
    DatabaseAddressWrong,
    DatabaseNewer,
    DatabaseUnavailable,
    DatabaseUnsuited,
    NotMigrated,
    ReferencesBroken,
    RoleTooMighty,
    StoreError,
    UnscopedQuery,
    ValueRefused,
)
from foundation.store.postgresql import check_suited
from foundation.store.row_security import check_held, grant, owns_tables, protect, unprotected
from foundation.store.scope import AgencyOwned, Scope
from foundation.store.transaction import Transaction
from foundation.store.walls import Wall, wall

__all__ = [
    "AMOUNT_COLUMN",
    "COEFFICIENT_COLUMN",
    "PRICE_COLUMN",
    "QUANTITY_COLUMN",
    "REASON",
    "AgencyOwned",
    "AlreadyThere",
    "CommitUnknown",
    "DatabaseAddressWrong",
    "DatabaseNewer",
    "DatabaseUnavailable",
    "DatabaseUnsuited",
    "Document",
    "Exact",
    "Fen",
    "Instant",
    "NotMigrated",
    "ReferencesBroken",
    "RoleTooMighty",
    "Scope",
    "Store",
    "StoreError",
    "Transaction",
    "UnscopedQuery",
    "ValueRefused",
    "Wall",
    "append_only",
    "append_only_statements",
    "check_held",
    "check_suited",
    "grant",
    "metadata",
    "open_store",
    "owns_tables",
    "protect",
    "unprotected",
    "wall",
]
