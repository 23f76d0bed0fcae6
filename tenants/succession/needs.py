"""Needs at a reorganisation."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.reorganisation import Moves
from tenants.needs import move_open_needs
from tenants.needs.model import LIVE, NeedState
from tenants.needs.tables import need_table
from tenants.needs.urgent_tables import temporary_table


@dataclass(frozen=True, slots=True)
class NeedsFollow:
    """Needs that are undecided, or from which something may still be asked."""

    table: str = need_table.table.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """A need for a system that a split names goes with it, the others to the main successor."""
        moved, columns = 0, need_table.c
        going = columns.state.in_(sorted(LIVE | {NeedState.MERGED, NeedState.APPROVED}))
        for (predecessor, system), successor in sorted(moves.shares.get("system", {}).items()):
            if successor != predecessor:
                named = need_table.update(machine_scope()).where(
                    columns.agency == predecessor, columns.system == system, going
                )
                moved += transaction.write(named.values(agency=successor))
        named_here = _agencies(transaction)
        rest = [(old, new) for old, new in sorted(moves.main.items()) if old in named_here]
        return moved + sum(move_open_needs(transaction, old, new) for old, new in rest)


def _agencies(transaction: Transaction) -> frozenset[str]:
    """Every agency that a need names: most have none at any one time, and are not asked for one by one."""
    c = need_table.c
    rows = transaction.rows(need_table.select(machine_scope(), c.agency, c.leading_agency, c.participants))
    lent = transaction.rows(temporary_table.select(machine_scope(), temporary_table.c.agency))
    return frozenset(
        [row["agency"] for row in lent]
        + [agency for row in rows for agency in (row["agency"], row["leading_agency"], *row["participants"])]
    )
