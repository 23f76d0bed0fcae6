"""Open needs follow a party's successor; what was said of them stays with whoever said it."""

from __future__ import annotations

from sqlalchemy import Text, type_coerce

from foundation.store import Transaction
from governance.authority import machine_scope
from tenants.needs.model import LIVE, NeedState
from tenants.needs.tables import need_table
from tenants.needs.urgent_tables import RUNS, temporary_table

_OPEN = sorted(LIVE | {NeedState.MERGED})


def move_open_needs(transaction: Transaction, old: str, new: str) -> int:
    """Let the undecided needs of agency ``old`` be its successor's, with what is lent on them; returns how many are.

    Approved needs from which something may still be asked go along. A need that a merged one follows is named by its
    new agency. The tasks are ``governance.tasks.move_open_tasks``'s.
    """
    scope, columns = machine_scope(), need_table.c
    going = columns.state.in_([*_OPEN, NeedState.APPROVED.value])
    moved = transaction.write(need_table.update(scope).where(columns.agency == old, going).values(agency=new))
    transaction.write(need_table.update(scope).where(columns.leading_agency == old, going).values(leading_agency=new))
    transaction.write(temporary_table.update(scope).where(RUNS, temporary_table.c.agency == old).values(agency=new))
    led = transaction.rows(
        need_table.select(scope, columns.number, columns.participants).where(
            going, type_coerce(columns.participants, Text).like(f'%"{old}"%')
        )
    )
    for row in led:
        named = sorted({new if each == old else each for each in row["participants"]})
        transaction.write(need_table.update(scope).where(columns.number == row["number"]).values(participants=named))
    return moved
