"""Settlement 结算单: one contract-period between buyer and operator.

Owns what is payable, who bears it, the states from draft to paid, and the digest every act binds to. Does not own the
usage statements it takes (``billing.statements``), the items (``billing.items``) or the books (``billing.ledger``).
Only pure values are loaded here; the use cases stand in ``billing.settlement.service``.
"""

from billing.settlement.breakdown import apportion
from billing.settlement.computing import coefficient_of, compute
from billing.settlement.errors import (
    CeilingExceeded,
    DigestDiffers,
    DraftOutdated,
    NoCoefficient,
    NoSettlement,
    SettlementError,
    StatementsOutstanding,
    WrongState,
)
from billing.settlement.model import (
    SETTLEMENT_SEMANTICS,
    ContractTerms,
    Grade,
    GradeStep,
    LineKind,
    Settlement,
    SettlementInputs,
    SettlementLine,
    SettlementState,
    StatementPart,
    digest,
    document,
    settlement_id,
)
from billing.settlement.parts import part_of

__all__ = [
    "SETTLEMENT_SEMANTICS",
    "CeilingExceeded",
    "ContractTerms",
    "DigestDiffers",
    "DraftOutdated",
    "Grade",
    "GradeStep",
    "LineKind",
    "NoCoefficient",
    "NoSettlement",
    "Settlement",
    "SettlementError",
    "SettlementInputs",
    "SettlementLine",
    "SettlementState",
    "StatementPart",
    "StatementsOutstanding",
    "WrongState",
    "apportion",
    "coefficient_of",
    "compute",
    "digest",
    "document",
    "part_of",
    "settlement_id",
]
