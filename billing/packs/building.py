"""Builds packs. The same recorded bill gives the same bytes, whenever the pack is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from billing.packs.sources import PackSources
from billing.rating.model import Holding, Price
from billing.settlement.recorded import recorded_inputs
from billing.settlement.tables import SettlementRow
from billing.statements.drawing import inputs_of
from billing.statements.tables import StatementRow, versions
from billing.usage.segment_pass import day_rows
from billing.usage.series import label_of, leaf_rows, root_name
from billing.usage.tables import DayRow, all_days, leaves_of, salts_of
from billing.verification.archive import write_archive
from billing.verification.evidence_days import EvidenceDay, Kind, Step, member_of
from billing.verification.manifest import SETTLEMENT_PACK, STATEMENT_PACK, with_manifest
from billing.verification.settlement import (
    CONTRACT,
    GRADE,
    ITEMS,
    SETTLEMENT,
    SettledItem,
    statement_member,
)
from billing.verification.settlement import PRICES as ITEM_PRICES
from billing.verification.statement import HOLDINGS, PRICES, STATEMENT, TERMS
from foundation.evidence import ProofStep, Signer, agency_proof, build_tree, canonical_bytes, plain
from foundation.store import Scope, Transaction
from governance.authority import machine_scope
from governance.sla import sli_rows


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished pack: the file's name and its bytes."""

    name: str
    data: bytes


def build_statement_pack(
    transaction: Transaction, scope: Scope, sources: PackSources, row: StatementRow, signer: Signer
) -> Pack:
    """The pack of one recorded version of a statement; ``signer`` holds ``operator.billing``.

    Everything but the other agencies' salted hashes is read inside ``scope``. Raises ``BatchMissing`` where a day
    file is not the one that was closed.
    """
    inputs = inputs_of(transaction, scope, sources.statements, row)
    services = {holding.service for holding in inputs.holdings}
    end = row.month.interval.end
    files = {
        STATEMENT: canonical_bytes(row.document),
        HOLDINGS: canonical_bytes([_closed_until(held, end) for held in sorted(inputs.holdings, key=_by_opening)]),
        PRICES: canonical_bytes(
            [_ended_until(price, end) for price in sorted(inputs.prices, key=_by_id) if price.service in services]
        ),
        TERMS: canonical_bytes(inputs.terms),
    }
    days = {root_name(day.day, day.version): day for day in all_days(transaction)}
    usage = (_usage_day(transaction, sources, days[reference.name], row.agency, scope) for reference in inputs.days)
    files |= _members("usage", usage)
    files |= _members("sli", _sli_days(transaction, scope, sources, row, {each.name for each in inputs.sli}))
    complete = with_manifest(
        files, kind=STATEMENT_PACK, id_=row.id, version=row.version, digest=row.digest, signer=signer
    )
    return Pack(f"{row.id}.v{row.version}.zip", write_archive(complete))


def build_settlement_pack(
    transaction: Transaction, scope: Scope, sources: PackSources, row: SettlementRow, signer: Signer
) -> Pack:
    """The buyer's pack of one recorded version of a settlement, with every statement's pack inside."""
    recorded = recorded_inputs(transaction, scope, sources.settlements, row)
    inputs = recorded.inputs
    files = {
        SETTLEMENT: canonical_bytes(row.document),
        CONTRACT: canonical_bytes(inputs.contract),
        ITEMS: canonical_bytes([SettledItem(each.item, each.acceptance) for each in inputs.items]),
        ITEM_PRICES: canonical_bytes([_ended_until(price, row.month.interval.end) for price in recorded.prices]),
        GRADE: canonical_bytes(inputs.grade),
    }
    for reference in row.document["statements"]:
        statement = _version(transaction, scope, reference)
        pack = build_statement_pack(transaction, scope, sources, statement, signer)
        files[statement_member(statement.id)] = pack.data
    complete = with_manifest(
        files, kind=SETTLEMENT_PACK, id_=row.id, version=row.version, digest=row.digest, signer=signer
    )
    return Pack(f"{row.id}.v{row.version}.zip", write_archive(complete))


def _closed_until(held: Holding, end: datetime) -> Holding:
    """As the bill saw it: what was closed only after the month was open then."""
    return held if held.closed is not None and held.closed < end else replace(held, closed=None)


def _ended_until(price: Price, end: datetime) -> Price:
    return price if price.end is not None and price.end < end else replace(price, end=None)


def _by_opening(held: Holding) -> tuple[str, datetime]:
    return held.resource, held.opened


def _by_id(price: Price) -> str:
    return price.id


def _members(kind: Kind, days: Iterable[EvidenceDay]) -> dict[str, bytes]:
    return {member_of(kind, day.day): canonical_bytes(day) for day in days}


def _usage_day(transaction: Transaction, sources: PackSources, day: DayRow, agency: str, scope: Scope) -> EvidenceDay:
    everyone = machine_scope()  # the way up leads over all agencies' nodes, of which only salted hashes leave here
    leaves = leaves_of(transaction, everyone, day.day, day.version)
    if agency not in leaves or not scope.covers(agency):
        return _day(day.day, day.version, "", (), {}, {})
    tree = build_tree(leaves, salts_of(transaction, everyone, day.day, day.version))
    records = sorted(
        day_rows(sources.statements.store, day, agency), key=lambda each: label_of(each.resource, each.meter)
    )
    series = {
        label: leaf_rows(rows) for label, rows in groupby(records, key=lambda each: label_of(each.resource, each.meter))
    }
    return _day(day.day, day.version, tree.salts[agency], agency_proof(tree, agency), leaves[agency], series)


def _sli_days(
    transaction: Transaction, scope: Scope, sources: PackSources, row: StatementRow, names: set[str]
) -> Iterable[EvidenceDay]:
    for each in sources.sli.month(transaction, scope, row.agency, row.month, names=names):
        series = {service: sli_rows(each.day, states) for service, states in each.states.items()}
        yield _day(each.day, each.version, each.salt, each.proof, each.leaves, series)


def _day(
    day: date,
    version: int,
    salt: str,
    proof: tuple[ProofStep, ...],
    leaves: Mapping[str, str],
    series: Mapping[str, Any],
) -> EvidenceDay:
    steps = tuple(Step(step.side, step.hash) for step in proof)
    return EvidenceDay(day.isoformat(), version, salt, steps, dict(leaves), plain(series))


def _version(transaction: Transaction, scope: Scope, reference: Mapping[str, Any]) -> StatementRow:
    return next(row for row in versions(transaction, scope, reference["id"]) if row.version == reference["version"])
