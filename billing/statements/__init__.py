"""Usage statements 使用确认单: one agency's month, as a document with a digest.

Owns lines and SLA deductions put together, the states of DOMAIN §3, and the frozen versions. Does not own rating
(``billing.rating``), availability (``governance.sla``) or what is paid (``billing.settlement``). What this package
exports is pure; its use cases are in ``billing.statements.service``, its queries in ``billing.statements.tables``.
"""

from billing.statements.model import (
    Deduction,
    DeductionTerms,
    RootReference,
    ServiceAvailability,
    StatementInputs,
    StatementState,
    UsageStatement,
    digest,
    document,
    statement_id,
)
from billing.statements.recompute import recompute

__all__ = [
    "Deduction",
    "DeductionTerms",
    "RootReference",
    "ServiceAvailability",
    "StatementInputs",
    "StatementState",
    "UsageStatement",
    "digest",
    "document",
    "recompute",
    "statement_id",
]
