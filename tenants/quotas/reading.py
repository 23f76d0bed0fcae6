"""Reading quotas: what is in force and used, as its reader may know it, and what was in force before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from foundation.store import Transaction
from foundation.values.month import Month
from governance.authority import View, machine_scope
from tenants.quotas.counting import in_force
from tenants.quotas.model import FEN_A_YEAR, MONEY, QuotaKey, Standing, UseLine
from tenants.quotas.ports import Spending, nothing_recorded
from tenants.quotas.tables import children_of, counters, every_use, key_of, limits


@dataclass(frozen=True, slots=True)
class DatedLimit:
    """A published limit: ``units`` over [``starts``, ``ends``) by ``document``; ``temporary`` ones come on top."""

    key: QuotaKey
    document: str
    units: int
    parent: str
    temporary: bool
    starts: datetime
    ends: datetime | None
    published_at: datetime


def quotas(view: View, *, money: bool = False, at: datetime | None = None) -> Sequence[Standing]:
    """Every quota (budget, with ``money``) in force at ``at`` (now) that the reader may see, by key.

    An agency sees its own, and of those over several agencies the limit and what it takes from them itself.
    """
    rows = [row for row in _visible(view, at or view.now) if (row["dimension"] in MONEY) is money]
    whole = in_force(rows)
    counted = counters(view.transaction, whole.keys())
    delegated = _delegated(view.transaction, list(whole), at or view.now)
    uses = [] if view.scope.agencies is None else every_use(view.transaction, view.scope)
    found = []
    for key in {row["key"]: key_of(row) for row in rows}.values():
        everything = view.scope.agencies is None or view.scope.covers(key.agency)
        row = counted[key.id]
        found.append(
            Standing(
                key=key,
                limit=whole[key.id].whole,
                delegated=delegated.get(key.id, 0),
                reserved=row["reserved"] if everything else None,
                held=row["held"] if everything else None,
                own=_taken(uses, key) if uses else row["reserved"] + row["held"] if everything else 0,
            )
        )
    return found


def quota_uses(view: View, key_id: str) -> Sequence[UseLine]:
    """The lines inside the reader's scope that take from a quota, by subject."""
    rows = limits(view.transaction, machine_scope(), keys=[key_id])
    if not rows:
        return []
    key = key_of(rows[0])
    lines = every_use(view.transaction, view.scope)
    return [line for line in lines if _taken([line], key)]


def quota_history(view: View, key_id: str = "") -> Sequence[DatedLimit]:
    """Every limit that was ever published, of one key or of all the reader may see, by key and publishing."""
    rows = [row for row in _visible(view, None) if key_id in {"", row["key"]}]
    return [
        DatedLimit(
            key=key_of(row),
            document=row["document"],
            units=row["units"],
            parent=row["parent"],
            temporary=row["temporary"],
            starts=row["starts_at"],
            ends=row["ends_at"],
            published_at=row["published_at"],
        )
        for row in rows
    ]


def months_used(view: View, key: QuotaKey, spending: Spending = nothing_recorded) -> Sequence[tuple[Month, int | None]]:
    """Of a yearly budget, what issued statements charged in each month; None where there is no statement yet."""
    if key.dimension != FEN_A_YEAR:
        return []
    year = int(key.period)
    charged = spending(view.transaction, view.scope, year=year, project=key.project, fund_source=key.fund_source)
    months = [Month(year, number) for number in range(1, 13)]
    return [(month, charged.get(month)) for month in months]


def _visible(view: View, at: datetime | None) -> list[RowMapping]:
    if view.scope.agencies is None:
        return list(limits(view.transaction, view.scope, at=at))
    own = limits(view.transaction, view.scope, at=at)
    projects = {line.project for line in every_use(view.transaction, view.scope)}
    shared = [row for row in limits(view.transaction, machine_scope(), at=at) if row["agency"] is None]
    mine = [row for row in shared if row["project"] in {"", *projects}]
    return sorted((*own, *mine), key=lambda row: (row["key"], row["published_at"], row["document"]))


def _delegated(transaction: Transaction, keys: Sequence[str], at: datetime) -> dict[str, int]:
    children = children_of(transaction, keys) if keys else ()
    shares = in_force(limits(transaction, machine_scope(), keys=[row["key"] for row in children], at=at))
    found: dict[str, int] = {}
    for row in children:
        share = shares[row["key"]].whole if row["key"] in shares else None
        found[row["parent"]] = found.get(row["parent"], 0) + (share or 0)
    return found


def _taken(lines: Sequence[UseLine], key: QuotaKey) -> int:
    years = [key.period] if key.period else []
    found = 0
    for line in lines:
        if any(each.id == key.id for each in line.keys(years)):
            reserved, held = line.counted(key)
            found += reserved + held
    return found
