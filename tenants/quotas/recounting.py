"""Counting again from the uses: the counters must say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from foundation.store import Transaction
from governance.authority import Act, Office, machine_scope, viewing
from governance.errors import Refused
from tenants.quotas.counting import covering
from tenants.quotas.model import QuotaKey, UseLine
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
    """(reserved, held) of every counter that the lines count in."""
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        for id_ in covering((key.id for key in line.keys(years)), known):
            reserved, held = line.counted(QuotaKey(known[id_]["dimension"], known[id_]["period"]))
            before = sums.get(id_, (0, 0))
            sums[id_] = (before[0] + reserved, before[1] + held)
    return sums
