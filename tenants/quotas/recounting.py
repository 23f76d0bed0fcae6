"""Counting again from the uses: the counters must say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from foundation.store import Transaction
from governance.authority import Act, Office, machine_scope, viewing
from governance.errors import Refused
from tenants.quotas.counting import covering
from tenants.quotas.model import FEN_A_MONTH, FEN_A_YEAR, FIELDS, QuotaKey, UseLine
from tenants.quotas.tables import budget_years, every_counter, every_use


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what its uses add up to: (reserved, held) each."""

    key: str
    counted: tuple[int, int]
    recounted: tuple[int, int]


def recount(office: Office, token: str) -> tuple[int, tuple[Difference, ...]]:
    """How many counters there are, and those that are wrong: none, unless somebody edited the database.

    For who sees every agency; raises ``Refused``.
    """
    with viewing(office, token) as view:
        if view.scope.agencies is not None:
            raise Refused(
                act=Act.QUOTA_PUBLISH.value,
                subject="quotas",
                rule="T20",
                because_zh="重新计数涉及所有单位",
                because_en="a recount is over all agencies",
            )
        return recount_all(view.transaction)


def recount_all(transaction: Transaction) -> tuple[int, tuple[Difference, ...]]:
    """The same without asking who wants to know."""
    rows = {row["key"]: row for row in every_counter(transaction)}
    sums = add_up(every_use(transaction, machine_scope()), rows, budget_years(transaction))
    wrong = []
    for key, row in rows.items():
        counted, recounted = (row["reserved"], row["held"]), sums.get(key, (0, 0))
        if counted != recounted:
            wrong.append(Difference(key, counted, recounted))
    return len(rows), tuple(wrong)


def add_up(
    lines: Sequence[UseLine], known: Mapping[str, RowMapping], years: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """(reserved, held) of every counter among ``known`` that the lines count in; ``years`` are those with budgets."""
    keys = {id_: QuotaKey.parse(id_) for id_ in known}
    shapes = _by_shape(keys.values(), years)
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        direct = [
            id_
            for (dimension, fields), there in shapes.items()
            if dimension == line.dimension
            for id_ in there.get(tuple(getattr(line, field) for field in fields), ())
        ]
        for id_ in covering(direct, known):
            reserved, held = line.counted(keys[id_])
            before = sums.get(id_, (0, 0))
            sums[id_] = (before[0] + reserved, before[1] + held)
    return sums


_Shape = tuple[str, tuple[str, ...]]


def _by_shape(keys: Iterable[QuotaKey], years: Sequence[str]) -> dict[_Shape, dict[tuple[str, ...], list[str]]]:
    """The keys by the dimension of the lines they count and the fields they name: few shapes, however many keys."""
    found: dict[_Shape, dict[tuple[str, ...], list[str]]] = {}
    for key in keys:
        if key.period and key.period not in years:
            continue
        fields = tuple(field for field in FIELDS if getattr(key, field))
        counted = FEN_A_MONTH if key.dimension == FEN_A_YEAR else key.dimension
        values = tuple(getattr(key, field) for field in fields)
        found.setdefault((counted, fields), {}).setdefault(values, []).append(key.id)
    return found
