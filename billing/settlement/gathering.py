"""Gathers what a settlement is computed from, out of the records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing.items.model import Acceptance, Item, ItemKind
from billing.items.pricing import PricedItem, price_item
from billing.items.service import accepted_items
from billing.ports import Register
from billing.settlement.errors import NoCoefficient, StatementsOutstanding
from billing.settlement.model import (
    ContractTerms,
    Grade,
    GradeStep,
    LineKind,
    Names,
    SettlementInputs,
    StatementPart,
    settlement_id,
)
from billing.settlement.parts import part_of
from billing.settlement.ports import Grades
from billing.settlement.states import FROZEN
from billing.settlement.tables import SettlementRow, settlements
from billing.sources import names_of, price_of
from billing.statements.model import StatementState, statement_id
from billing.statements.tables import statements_of_month
from foundation.store import Scope, Transaction
from foundation.values.month import Month
from governance.catalogue import prices_for, services
from governance.contracts import Contract, contract_of, used_by_others
from governance.parties import parties
from governance.projects import projects, systems

SETTLED_STATES = frozenset({StatementState.CONFIRMED, StatementState.DEEMED_CONFIRMED, StatementState.DISPUTED})
"""A disputed statement is settled too, without its disputed lines (DOMAIN §3: by line, the rest goes on)."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The ports a settlement is gathered through."""

    grades: Grades
    register: Register


def gather(
    transaction: Transaction, scope: Scope, sources: Sources, contract_id: str, month: Month, *, version: int
) -> SettlementInputs:
    """All inputs. Raises ``StatementsOutstanding``, ``NoCoefficient``, ``InvalidItem``, ``NotFound``."""
    contract = contract_of(transaction, contract_id)
    others = [
        row
        for row in settlements(transaction, contract_id)
        if row.state in FROZEN and row.id != settlement_id(contract_id, month)
    ]
    return SettlementInputs(
        contract=contract_terms(contract),
        month=month,
        version=version,
        statements=_statements(transaction, scope, sources.register, contract_id, month),
        items=_items(transaction, scope, others, contract_id, month),
        grade=_grade(transaction, sources.grades, others, contract_id, month),
        settled_before=used_by_others(transaction, contract_id, f"settlement:{settlement_id(contract_id, month)}"),
        names=_names(transaction, scope),
    )


def contract_terms(contract: Contract) -> ContractTerms:
    """What the contract and its scheme say of settling."""
    return ContractTerms(
        id=contract.id,
        document_number=contract.document_number,
        buyer=contract.buyer,
        operator=contract.operator,
        payer=contract.payer,
        ceiling=contract.ceiling,
        scheme=contract.scheme.id,
        grades=tuple(GradeStep(step.at_least, step.coefficient) for step in contract.scheme.grades),
        withheld=contract.scheme.withheld,
    )


def _statements(
    transaction: Transaction, scope: Scope, register: Register, contract: str, month: Month
) -> tuple[StatementPart, ...]:
    rows = [row for row in statements_of_month(transaction, scope, month) if row.contract == contract]
    users = {entry.agency for entry in register.entries(transaction, scope, month.interval)}
    missing = {statement_id(agency, month) for agency in users - {row.agency for row in rows}}
    open_ = {row.id for row in rows if row.state not in SETTLED_STATES}
    if missing or open_:
        raise StatementsOutstanding(month=month, statements="、".join(sorted(missing | open_)))
    return tuple(
        part_of(row.document, digest=row.digest, state=row.state.value, disputed=row.disputed or ()) for row in rows
    )


def _items(
    transaction: Transaction, scope: Scope, others: Iterable[SettlementRow], contract: str, month: Month
) -> tuple[PricedItem, ...]:
    """Items up to this month that no other settlement has paid: an outcome accepted late is paid then."""
    paid = {
        line["reference"]
        for row in others
        for line in row.document["lines"]
        if line["kind"] in {LineKind.SERVICE_ITEM, LineKind.OUTCOME_ITEM} and line["factor"] != "0"
    }
    found = accepted_items(transaction, scope, contract, month)
    return tuple(
        _priced(transaction, item, acceptance)
        for item, acceptance in found
        if item.id not in paid and (item.month == month or item.kind is ItemKind.OUTCOME or _late(item, others))
    )


def _late(item: Item, others: Iterable[SettlementRow]) -> bool:
    """A service item of an earlier month waits for that month's own settlement while that is still to come."""
    return any(row.month >= item.month for row in others)


def _priced(transaction: Transaction, item: Item, acceptance: Acceptance | None) -> PricedItem:
    return price_item(item, acceptance, map(price_of, prices_for(transaction, item.agency, item.month.interval)))


def _grade(
    transaction: Transaction, grades: Grades, others: Sequence[SettlementRow], contract: str, month: Month
) -> Grade:
    found = grades.published(transaction, contract, month)
    if found is not None:
        return Grade(month, *found)
    for row in sorted(others, key=lambda each: each.month, reverse=True):
        if row.month < month:
            last = row.document["grade"]
            return Grade(Month.parse(last["month"]), last["points"], last["digest"])
    raise NoCoefficient(contract=contract, month=month)


def _names(transaction: Transaction, scope: Scope) -> Names:
    return {
        **names_of(services(transaction), systems(transaction, scope)),
        **{f"project:{each.id}": {"zh": each.zh, "en": each.en} for each in projects(transaction, scope)},
        **{f"party:{each.id}": {"zh": each.zh, "en": each.en} for each in parties(transaction)},
    }
