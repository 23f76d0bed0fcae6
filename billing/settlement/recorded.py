"""The inputs of a recorded settlement, for packs and for checking: recomputing them must give its digest."""

from __future__ import annotations

from dataclasses import dataclass, replace

from billing.items.pricing import price_item
from billing.items.tables import acceptance_of, item_of
from billing.rating.model import Price
from billing.settlement.errors import NoCoefficient, RestsOnNothing
from billing.settlement.gathering import Sources, contract_terms
from billing.settlement.model import Grade, LineKind, SettlementInputs, StatementPart
from billing.settlement.parts import part_of
from billing.settlement.tables import SettlementRow
from billing.sources import EVER, price_of
from billing.statements.model import digest as statement_digest
from billing.statements.tables import versions
from foundation.store import Scope, Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.catalogue import prices
from governance.contracts import contract_of

_ITEM_LINES = {LineKind.SERVICE_ITEM.value, LineKind.OUTCOME_ITEM.value}


@dataclass(frozen=True, slots=True)
class RecordedInputs:
    """The inputs, and the prices its items were priced by."""

    inputs: SettlementInputs
    prices: tuple[Price, ...]


def recorded_inputs(transaction: Transaction, scope: Scope, sources: Sources, row: SettlementRow) -> RecordedInputs:
    """What the recorded version names, as the records now hold it. Raises ``RestsOnNothing``, ``NoCoefficient``.

    Its own words are taken only for what the records do not tell afterwards: which lines were held, what had been
    settled before, what things were called.
    """
    document = row.document
    priced_by = {line["reference"]: line["price_version"] for line in document["lines"] if line["kind"] in _ITEM_LINES}
    items = []
    for reference in priced_by:
        item = item_of(transaction, scope, reference)
        if item is None:
            raise RestsOnNothing(settlement=row.id, what=f"item {reference}")
        # An outcome accepted only after this version stands in it with nothing.
        acceptance = acceptance_of(transaction, scope, reference)
        if acceptance is not None and acceptance.accepted_at > row.drafted_at:
            acceptance = None
        items.append((item, acceptance))
    published = map(price_of, prices(transaction, Interval(EVER, row.month.interval.end)))
    # An item was priced by the version in force at its month's end; what ended that version since changes no bill.
    named = frozenset(priced_by.values())
    used = tuple(replace(price, end=None) for price in sorted(published, key=_by_id) if price.id in named)
    applied = document["grade"]
    graded = Month.parse(applied["month"])
    points = sources.grades.published(transaction, row.contract, graded)
    if points is None:
        raise NoCoefficient(contract=row.contract, month=graded)
    inputs = SettlementInputs(
        # Whoever follows a party of the contract since is no party to what was settled before.
        contract=replace(
            contract_terms(contract_of(transaction, row.contract, at=row.drafted_at)),
            buyer=document["buyer"],
            operator=document["operator"],
            payer=document["payer"],
        ),
        month=row.month,
        version=row.version,
        statements=tuple(_part(transaction, scope, row, each) for each in document["statements"]),
        items=tuple(price_item(item, acceptance, used) for item, acceptance in items),
        grade=Grade(graded, *points),
        settled_before=document["totals"]["settled_before"],
        names=document["names"],
    )
    return RecordedInputs(inputs, used)


def _by_id(price: Price) -> str:
    return price.id


def _part(transaction: Transaction, scope: Scope, row: SettlementRow, reference: dict[str, object]) -> StatementPart:
    identifier, version = str(reference["id"]), reference["version"]
    for each in versions(transaction, scope, identifier):
        if each.version == version:
            held = reference["held"]
            return part_of(
                each.document,
                digest=statement_digest(each.document),
                state=str(reference["state"]),
                disputed=held if isinstance(held, list) else (),
            )
    raise RestsOnNothing(settlement=row.id, what=f"{identifier} v{version}")
