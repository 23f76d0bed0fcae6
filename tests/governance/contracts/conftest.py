"""A contract of two lines, recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.authority import Office
from governance.contracts import Contract, ContractDocument, ContractLine, record_contract
from tests import examples

LINES = (
    ContractLine("C-2026-01.1", "C-2026-01", "基础设施", "Infrastructure", "resource", (), 600),
    ContractLine("C-2026-01.2", "C-2026-01", "运维", "Maintenance", "", ("host-care",), 700),
)


@pytest.fixture
def document() -> ContractDocument:
    """The example, as it is read."""
    return examples.contract()


@pytest.fixture
def contract(office: Office, people: dict[str, str], document: ContractDocument) -> Contract:
    """Ceiling 1,000 fen; its lines hold 600 and 700."""
    small = replace(document.contract, ceiling=1_000, lines=LINES)
    record_contract(office, people["bureau-1"], replace(document, contract=small))
    return small
