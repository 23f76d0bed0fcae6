"""Service contracts 服务合同, their settlement schemes, projects 项目 and business systems 业务系统.

Owns what was agreed and by whose document number. What the services cost is ``governance.catalogue``'s, what a month
comes to ``billing``'s. The values import nothing heavy: tables and use cases load when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.contracts.model import (
    BusinessSystem,
    Contract,
    ContractDocument,
    GradeStep,
    Project,
    SettlementScheme,
    SlaTier,
)

if TYPE_CHECKING:
    from governance.contracts.reading import read_contract
    from governance.contracts.recording import record_contract
    from governance.contracts.tables import (
        add_system,
        contract_of,
        contracts,
        project_of,
        projects,
        system_of,
        systems,
    )

_LATER = {
    "read_contract": "reading",
    "record_contract": "recording",
    **dict.fromkeys(
        ("add_system", "contract_of", "contracts", "project_of", "projects", "system_of", "systems"), "tables"
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "BusinessSystem",
    "Contract",
    "ContractDocument",
    "GradeStep",
    "Project",
    "SettlementScheme",
    "SlaTier",
    "add_system",
    "contract_of",
    "contracts",
    "project_of",
    "projects",
    "read_contract",
    "record_contract",
    "system_of",
    "systems",
]
