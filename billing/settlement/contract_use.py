"""What a settlement uses of its contract's lines: its gross, split over the lines its services are bought under.

The contract itself (``governance.contracts``) refuses more than a line or the ceiling holds, and is the one place that
says what was used before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from billing.settlement.tables import SettlementRow
from billing.statements.tables import versions
from foundation.store import Scope, Transaction
from foundation.values.money import shares
from governance.catalogue import services
from governance.contracts import contract_of, line_for
from governance.contracts.errors import NotInContract


def amounts_by_line(transaction: Transaction, scope: Scope, row: SettlementRow) -> Mapping[str, int]:
    """Contract line → fen of the settlement's gross, by largest remainder: coefficient and tax go with what they are
    counted on. Raises ``NotInContract`` for a service that no line buys.
    """
    lines = contract_of(transaction, row.contract).every_line
    kinds = {service.code: service.kind.value for service in services(transaction)}
    weights = {line.id: 0 for line in lines}
    for service, amount in _charged(transaction, scope, row.document):
        line = line_for(lines, service, kinds.get(service, ""))
        if line is None:
            raise NotInContract(contract=row.contract, service=service)
        weights[line.id] += amount
    gross = int(row.document["totals"]["gross"])
    counted = {line: max(amount, 0) for line, amount in weights.items()}
    if not any(counted.values()):
        return {lines[0].id: gross} if gross else {}
    split = shares(gross, list(counted.values()))
    return {line: fen for line, fen in zip(counted, split, strict=True) if fen}


def _charged(transaction: Transaction, scope: Scope, document: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """(service, fen) of every line that names one: of the statements taken, without what is held, and of the items."""
    for reference in document["statements"]:
        held = set(reference["held"])
        for each in versions(transaction, scope, reference["id"]):
            if each.version != reference["version"]:
                continue
            for line in (*each.document["lines"], *each.document["deductions"]):
                if line["number"] not in held:
                    yield line["service"], line["amount"]
    for line in document["lines"]:
        if line["service"]:
            yield line["service"], line["amount"]
