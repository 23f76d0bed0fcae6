"""From inputs to the settlement. Pure: the same inputs in any order give the same bytes.

payable = ((Σ metered − deductions) + Σ service items + Σ accepted outcome items) × coefficient + tax − withheld
(DOMAIN §3). The coefficient acts as a line of its own, the difference it makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from billing.settlement.breakdown import Bases, Vat, bases_of, breakdown_of
from billing.settlement.errors import CeilingExceeded, NoCoefficient
from billing.settlement.lines import LineWriter, tax_contained
from billing.settlement.model import (
    SETTLEMENT_SEMANTICS,
    AppliedGrade,
    GradeStep,
    LineKind,
    Names,
    Settlement,
    SettlementInputs,
    SettlementLine,
    StatementPart,
    StatementReference,
    Totals,
    settlement_id,
)
from foundation.values.money import format_yuan


def compute(inputs: SettlementInputs) -> Settlement:
    """The settlement. Raises ``NoCoefficient`` and ``CeilingExceeded``."""
    contract, writer = inputs.contract, LineWriter()
    statements = sorted(inputs.statements, key=lambda part: part.id)
    grade = _applied(inputs)
    bases = bases_of(statements, inputs.items)
    by_vat = _by_vat(bases)
    lines = [*writer.statements(statements), *writer.items(inputs.items)]
    lines.append(writer.coefficient(sum(line.amount for line in lines), grade))
    lines.extend(writer.taxes(by_vat, grade.coefficient))
    gross = sum(line.amount for line in lines)
    if inputs.settled_before + gross > contract.ceiling:
        raise CeilingExceeded(
            contract=contract.id,
            ceiling=format_yuan(contract.ceiling),
            before=format_yuan(inputs.settled_before),
            gross=format_yuan(gross),
        )
    lines.extend(writer.withheld(gross, contract.withheld))
    totals = _totals(lines, inputs, tax_contained(by_vat, grade.coefficient))
    return Settlement(
        id=settlement_id(contract.id, inputs.month),
        version=inputs.version,
        contract=contract.id,
        document_number=contract.document_number,
        buyer=contract.buyer,
        operator=contract.operator,
        payer=contract.payer,
        month=inputs.month,
        scheme=contract.scheme,
        semantics=SETTLEMENT_SEMANTICS,
        statements=tuple(_reference(part) for part in statements),
        grade=grade,
        lines=tuple(lines),
        totals=totals,
        breakdown=breakdown_of(bases, totals.gross, totals.withheld),
        names=_used_names(inputs, lines),
    )


def coefficient_of(points: int, steps: Iterable[GradeStep]) -> Decimal:
    """The coefficient of the highest step that ``points`` reach; below every step, that of the lowest."""
    ordered = sorted(steps, key=lambda step: step.at_least, reverse=True)
    return next((step.coefficient for step in ordered if points >= step.at_least), ordered[-1].coefficient)


def _used_names(inputs: SettlementInputs, lines: Sequence[SettlementLine]) -> Names:
    """The names of what this settlement mentions, and of nothing else."""
    contract = inputs.contract
    used = {f"party:{party}" for party in (contract.buyer, contract.operator, contract.payer)}
    for bearer, _ in bases_of(inputs.statements, inputs.items):
        used |= {f"party:{bearer.agency}", f"system:{bearer.system}", f"project:{bearer.project}"}
    for line in lines:
        used |= {f"service:{line.service}", f"meter:{line.service}/{line.meter}"}
    return {code: name for code, name in inputs.names.items() if code in used}


def _applied(inputs: SettlementInputs) -> AppliedGrade:
    grade, steps = inputs.grade, inputs.contract.grades
    if not steps:
        raise NoCoefficient(contract=inputs.contract.id, month=inputs.month)
    return AppliedGrade(
        month=grade.month,
        points=grade.points,
        digest=grade.digest,
        coefficient=coefficient_of(grade.points, steps),
        provisional=grade.month != inputs.month,
    )


def _by_vat(bases: Bases) -> dict[Vat, int]:
    sums: dict[Vat, int] = {}
    for (_, treatment), amount in bases.items():
        sums[treatment] = sums.get(treatment, 0) + amount
    return dict(sorted(sums.items()))


def _reference(part: StatementPart) -> StatementReference:
    return StatementReference(
        id=part.id,
        version=part.version,
        agency=part.agency,
        digest=part.digest,
        state=part.state,
        held=part.held,
        amount=sum(charge.charged + charge.deducted for charge in part.charges),
    )


def _totals(lines: Sequence[SettlementLine], inputs: SettlementInputs, contained: int) -> Totals:
    sums = {kind: sum(line.amount for line in lines if line.kind is kind) for kind in LineKind}
    payable = sum(line.amount for line in lines)
    withheld = -sums[LineKind.WITHHELD]
    return Totals(
        usage=sums[LineKind.USAGE],
        deductions=sums[LineKind.DEDUCTION],
        service_items=sums[LineKind.SERVICE_ITEM],
        outcome_items=sums[LineKind.OUTCOME_ITEM],
        coefficient=sums[LineKind.COEFFICIENT],
        tax=sums[LineKind.TAX],
        tax_contained=contained,
        gross=payable + withheld,
        withheld=withheld,
        payable=payable,
        settled_before=inputs.settled_before,
        ceiling=inputs.contract.ceiling,
    )
