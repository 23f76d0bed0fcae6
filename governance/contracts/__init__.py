"""Service contracts 服务合同, their settlement schemes, lines and supplementary agreements 补充协议.

Owns what was agreed, by whose document number, and how much of it is promised and used. Projects and business systems
are ``governance.projects``'s, what the services cost is ``governance.catalogue``'s, what a month comes to
``billing``'s. The values import nothing heavy: tables and use cases load when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.contracts.model import (
    Contract,
    ContractDocument,
    ContractLine,
    GradeStep,
    LineUse,
    SettlementScheme,
    SlaTier,
    line_for,
)

if TYPE_CHECKING:
    from governance.contracts.amending import Amendment, draft_amendment, sign_amendment
    from governance.contracts.commitments import (
        CEILING_NEAR,
        Obligation,
        contract_use,
        line_use,
        obligate,
        obligations,
        release_obligation,
        take_back_use,
        use,
        used_by_others,
    )
    from governance.contracts.reading import read_amendment, read_contract
    from governance.contracts.recording import record_contract
    from governance.contracts.tables import contract_of, contracts, line_of, lines_of, versions_of

_LATER = {
    **dict.fromkeys(("Amendment", "draft_amendment", "sign_amendment"), "governance.contracts.amending"),
    "read_amendment": "governance.contracts.reading",
    **dict.fromkeys(
        (
            *("CEILING_NEAR", "Obligation", "contract_use", "line_use", "obligate", "obligations"),
            *("release_obligation", "take_back_use", "use", "used_by_others"),
        ),
        "governance.contracts.commitments",
    ),
    "read_contract": "governance.contracts.reading",
    "record_contract": "governance.contracts.recording",
    **dict.fromkeys(("contract_of", "contracts", "line_of", "lines_of", "versions_of"), "governance.contracts.tables"),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(_LATER[name]), name)


__all__ = [
    "CEILING_NEAR",
    "Amendment",
    "Contract",
    "ContractDocument",
    "ContractLine",
    "GradeStep",
    "LineUse",
    "Obligation",
    "SettlementScheme",
    "SlaTier",
    "contract_of",
    "contract_use",
    "contracts",
    "draft_amendment",
    "line_for",
    "line_of",
    "line_use",
    "lines_of",
    "obligate",
    "obligations",
    "read_amendment",
    "read_contract",
    "record_contract",
    "release_obligation",
    "sign_amendment",
    "take_back_use",
    "use",
    "used_by_others",
    "versions_of",
]
