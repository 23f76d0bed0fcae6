"""Gather what a statement is computed from, out of the record database and the usage store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from billing.errors import BatchMissing, DaysNotClosed
from billing.ports import Register, SliEvidence
from billing.rating.model import Price
from billing.sources import EVER, check_kinds, holding_of, names_of, price_of, terms_of
from billing.statements.as_billed import prices_as_billed
from billing.statements.model import RootReference, StatementInputs
from billing.statements.tables import StatementRow
from billing.usage.closing import stale_days
from billing.usage.files import UsageStore
from billing.usage.segment_pass import month_segments
from billing.usage.series import root_name
from billing.usage.tables import DayRow, all_days, latest_days
from foundation.store import Scope, Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.catalogue import prices, prices_for, services
from governance.contracts import contract_of
from governance.projects import systems


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a statement's facts come from: usage store, register, SLI evidence; and which code computes."""

    store: UsageStore
    register: Register
    sli: SliEvidence
    code_version: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which statement: one agency's month under a contract, as which version after which digest."""

    agency: str
    month: Month
    contract: str
    version: int = 1
    supersedes: str = ""


def load_inputs(transaction: Transaction, scope: Scope, sources: Sources, wanted: Wanted) -> StatementInputs:
    """The inputs as they stand now; raises ``DaysNotClosed`` unless every day is closed over what is there."""
    stale = stale_days(transaction, wanted.month)
    if stale:
        raise DaysNotClosed(month=wanted.month, count=len(stale), first=stale[0])
    return _inputs(transaction, scope, sources, wanted, latest_days(transaction, wanted.month))


def inputs_of(transaction: Transaction, scope: Scope, sources: Sources, row: StatementRow) -> StatementInputs:
    """The inputs of a recorded version, over the very roots it names, with its own names and code version.

    For packs and for checking: recomputing them must give the version's digest.
    """
    pinned = [reference["name"] for reference in row.document["inputs"]["days"]]
    wanted = Wanted(row.agency, row.month, row.contract, row.version, str(row.document["supersedes"]))
    sli = [reference["name"] for reference in row.document["inputs"]["sli"]]
    ever = map(price_of, prices(transaction, Interval(EVER, row.month.interval.end)))
    billed = prices_as_billed(row.document["inputs"]["prices"], ever, row.month)
    inputs = _inputs(transaction, scope, sources, wanted, _pinned(transaction, pinned), sli, billed)
    names: Mapping[str, Mapping[str, str]] = row.document["names"]
    return replace(inputs, names=names, code_version=str(row.document["code_version"]))


def _inputs(
    transaction: Transaction,
    scope: Scope,
    sources: Sources,
    wanted: Wanted,
    days: Sequence[DayRow],
    sli: Sequence[str] | None = None,
    billed: tuple[Price, ...] | None = None,
) -> StatementInputs:
    """``sli`` and ``billed``: the SLI roots and prices a recorded version rests on; None: those of now."""
    month = wanted.month
    entries = sources.register.entries(transaction, scope, month.interval)
    holdings = tuple(holding_of(entry) for entry in entries if entry.agency == wanted.agency)
    tariff = _tariff(transaction, wanted.agency, month) if billed is None else billed
    offered = services(transaction, at=month.interval.end - timedelta(microseconds=1))
    measured = sources.sli.month(transaction, scope, wanted.agency, month, names=sli)
    own_systems = [system for system in systems(transaction, scope) if system.agency == wanted.agency]
    segments = month_segments(sources.store, days, holdings, tariff, month, wanted.agency)
    check_kinds(segments, holdings, offered)
    return StatementInputs(
        agency=wanted.agency,
        month=month,
        contract=wanted.contract,
        version=wanted.version,
        supersedes=wanted.supersedes,
        segments=segments,
        holdings=holdings,
        prices=tariff,
        terms=terms_of(contract_of(transaction, wanted.contract).scheme),
        availability=measured.availability,
        days=tuple(RootReference(root_name(day.day, day.version), day.root) for day in days),
        sli=measured.roots,
        names=names_of(offered, own_systems),
        code_version=sources.code_version,
    )


def _tariff(transaction: Transaction, agency: str, month: Month) -> tuple[Price, ...]:
    """What the agency is charged by at some instant of the month: its place's own prices, else the base's."""
    return tuple(price_of(version) for version in prices_for(transaction, agency, month.interval))


def _pinned(transaction: Transaction, names: Iterable[str]) -> list[DayRow]:
    known = {root_name(day.day, day.version): day for day in all_days(transaction)}
    missing = [name for name in names if name not in known]
    if missing:
        raise BatchMissing(file=missing[0])
    return [known[name] for name in names]
