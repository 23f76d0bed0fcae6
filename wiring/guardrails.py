"""The guardrails of this installation: budgets and quotas as the tenants count them, exemptions as recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.environments import EnvironmentSpec
from infra.guardrails import Guardrails, Room, TableRecords
from tenants.environments.tables import read_environment
from tenants.quotas.counting import Change, changes_by, in_force
from tenants.quotas.model import FEN_A_MONTH, FEN_A_YEAR, MONEY, UseLine, UseState
from tenants.quotas.tables import limits, uses_of

_MILLION = Decimal(10**6)


def guardrails() -> Guardrails:
    """What judges every plan here."""
    return Guardrails(rooms=rooms, records=TableRecords())


def agency_of(transaction: Transaction, environment: str) -> str | None:
    """infra's ``AgencyOf``: the tenants' environment."""
    found = read_environment(transaction, machine_scope(), environment)
    return None if found is None else found.agency


def rooms(transaction: Transaction, spec: EnvironmentSpec, request: str, monthly: int, at: datetime) -> Sequence[Room]:
    """infra's ``Rooms``: every quota and budget in force that counts the approved request's own use.

    A yearly budget is told as a month's part of what is left of it, over the months the request counts in it.
    """
    scope = machine_scope()
    taking = {UseState.HELD, UseState.RESERVED}
    mine = [line for line in uses_of(transaction, scope, f"request:{request}") if line.state in taking]
    changes, counted = changes_by(transaction, [], mine)
    bounds = in_force(limits(transaction, scope, keys=sorted(changes), at=at))
    found = []
    for id_, change in sorted(changes.items()):
        limit = bounds[id_].whole if id_ in bounds else None
        if limit is not None and change.total:
            others = counted[id_]["reserved"] + counted[id_]["held"] - change.total
            found.append(_room(id_, change, mine, limit, others, monthly))
    return tuple(found)


def _room(id_: str, change: Change, mine: Sequence[UseLine], limit: int, others: int, monthly: int) -> Room:
    zh, en = change.key.words()
    dimension, shared = change.key.dimension, not change.key.agency
    if dimension not in MONEY:
        return Room(id_, zh, en, limit / _MILLION, others / _MILLION, change.total / _MILLION, shared=shared)
    months = _months(change, mine) if dimension == FEN_A_YEAR else 1
    return Room(
        id_,
        zh,
        en,
        Decimal(limit // months),
        Decimal(-(-others // months)),
        Decimal(monthly),
        money=True,
        shared=shared,
    )


def _months(change: Change, mine: Sequence[UseLine]) -> int:
    """Over how many months of its year a budget counts the request."""
    a_month = sum(line.units for line in mine if line.dimension == FEN_A_MONTH and _within(line, change))
    return max(1, change.total // a_month) if a_month else 1


def _within(line: UseLine, change: Change) -> bool:
    named = ("region", "agency", "project", "service", "fund_source")
    return all(getattr(change.key, field) in {"", getattr(line, field)} for field in named)
