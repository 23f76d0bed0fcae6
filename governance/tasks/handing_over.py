"""Tasks that change hands without anybody doing them: a person leaves, a party is succeeded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from foundation.store import Transaction
from governance.authority.policy import machine_scope
from governance.tasks.model import Task
from governance.tasks.opening import RETURNED, tell
from governance.tasks.tables import IS_OPEN, task_from, task_table


def hand_over(
    transaction: Transaction, person: str | Collection[str], *, at: datetime, party: str | None = None
) -> Sequence[Task]:
    """Give the open tasks that ``person`` (all ids of one natural person) took back to their party's inbox.

    ``party`` limits it to what was taken there: somebody leaves one party and stays in another. Returns them.
    """
    persons = sorted({person} if isinstance(person, str) else person)
    scope, columns = machine_scope(), task_table.c
    taken = task_table.select(scope).where(IS_OPEN, columns.taken_by.in_(persons))
    giving_back = task_table.update(scope).where(IS_OPEN, columns.taken_by.in_(persons))
    if party is not None:
        taken = taken.where(columns.party == party)
        giving_back = giving_back.where(columns.party == party)
    tasks = [task_from(row) for row in transaction.rows(taken.order_by(columns.number))]
    transaction.write(giving_back.values(taken_by="", taken_at=None))
    for task in tasks:
        tell(transaction, RETURNED, task, at)
    return tasks


def move_open_tasks(transaction: Transaction, old: str, new: str, *, at: datetime) -> int:
    """Let every open task of party ``old`` follow its successor ``new``; returns how many did.

    Nobody of the old party has taken it any more. What the successor has in its inbox already is closed at ``at``
    instead of standing there twice. Open tasks about the old party's things are about the successor's from now on;
    closed ones stay as they were.
    """
    scope, columns = machine_scope(), task_table.c
    there = task_table.table.alias("there")
    doubled = select(there.c.duty, there.c.kind, there.c.subject).where(
        there.c.closed_at.is_(None), there.c.party == new
    )
    transaction.write(
        task_table.update(scope)
        .where(IS_OPEN, columns.party == old, tuple_(columns.duty, columns.kind, columns.subject).in_(doubled))
        .values(closed_at=at)
    )
    moved = transaction.write(
        task_table.update(scope).where(IS_OPEN, columns.party == old).values(party=new, taken_by="", taken_at=None)
    )
    transaction.write(task_table.update(scope).where(IS_OPEN, columns.about == old).values(about=new))
    return moved
