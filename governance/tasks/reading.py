"""Reading tasks: an inbox is one party's, for the duties of the login that looks."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import literal, tuple_

from foundation.store import Instant, Scope, Transaction
from governance.errors import NotFound
from governance.tasks.model import Task
from governance.tasks.tables import IS_OPEN, NEVER, task_from, task_table

if TYPE_CHECKING:
    from governance.authority import View

PAGE = 100
"""How many tasks are shown at once, unless told otherwise."""


def inbox(view: View, *, limit: int = PAGE, after: int | None = None) -> Sequence[Task]:
    """The open tasks of the reader's party for the duties of this login, the most pressing first.

    ``after`` is the number of the last task seen: what follows it is given. At most ``limit`` tasks.
    """
    columns = task_table.c
    query = task_table.select(view.scope).where(IS_OPEN, columns.party == view.actor.party)
    if after is not None:
        seen = task_of(view, after)
        at = _rank_of(view.transaction, view.scope, seen.number)
        query = query.where(
            tuple_(columns.ranked_at, columns.number) > tuple_(literal(at, Instant), literal(seen.number))
        )
    query = query.order_by(columns.ranked_at, columns.number).limit(limit)
    # One query a duty: each is a stretch of the index in its own order, and none has to be sorted whole.
    stretches = [view.transaction.rows(query.where(columns.duty == duty.value)) for duty in sorted(view.actor.duties)]
    rows = merge(*stretches, key=lambda row: (row["ranked_at"], row["number"]))
    return [task_from(row) for row in islice(rows, limit)]


def _rank_of(transaction: Transaction, scope: Scope, number: int) -> object:
    """Where the task stands in the order of its inbox."""
    ranked = transaction.value(task_table.select(scope, task_table.c.ranked_at).where(task_table.c.number == number))
    return NEVER if ranked is None else ranked


def task_of(view: View, number: int) -> Task:
    """One task of the reader's party, open or closed; raises ``NotFound``, also where it is another party's."""
    row = view.transaction.row(
        task_table.select(view.scope).where(task_table.c.number == number, task_table.c.party == view.actor.party)
    )
    if row is None:
        raise NotFound(what_zh="待办", what_en="task", key=number)
    return task_from(row)


def tasks_on(transaction: Transaction, scope: Scope, subject: str) -> Sequence[Task]:
    """The open tasks on one subject in the inboxes inside the scope, oldest first."""
    query = task_table.select(scope).where(IS_OPEN, task_table.c.subject == subject)
    return [task_from(row) for row in transaction.rows(query.order_by(task_table.c.number))]
