"""Opening and closing tasks, in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from foundation.store import Transaction
from foundation.store.row_security import WIDE
from foundation.values.instant import format_instant
from foundation.values.working_days import AwaitingCalendar
from foundation.work import Event, publish
from governance.authority.policy import machine_scope
from governance.parties.model import Duty
from governance.tasks.deadlines import due_columns
from governance.tasks.model import Due, Task
from governance.tasks.tables import IS_OPEN, task_from, task_table

OPENED = "task.opened"
"""The event: somebody is now to act. Its subject is ``task:<number>``."""
RETURNED = "task.returned"
"""The event: whoever took a task gave it back or left; it waits for anybody again."""

_KEY = ["party", "duty", "kind", "subject"]
_UNLESS_OPEN = {
    "sqlite": sqlite.insert(task_table.table).on_conflict_do_nothing(index_elements=_KEY, index_where=IS_OPEN),
    "postgresql": postgresql.insert(task_table.table).on_conflict_do_nothing(index_elements=_KEY, index_where=IS_OPEN),
}


def open_task(  # noqa: PLR0913 - a task has this many sides
    transaction: Transaction,
    *,
    party: str,
    duty: Duty,
    kind: str,
    subject: str,
    agency: str | None = None,
    zh: str,
    en: str,
    opened_at: datetime,
    due_at: Due = None,
    recorded_at: datetime | None = None,
) -> Task:
    """Put a task into the inbox of ``party`` and ``duty``; while the same one is open, that one is given back.

    ``agency`` is whose thing it is about; ``zh`` and ``en`` are read by the party, so they hold what it may see.
    ``due_at`` may be a clock (``Within``). ``recorded_at`` is real time for the event, where the caller knows it.
    """
    row = {
        "party": party,
        "duty": duty.value,
        "kind": kind,
        "subject": subject,
        "about": agency or "",
        "zh": zh,
        "en": en,
        "opened_at": opened_at,
        "taken_by": "",
        "taken_at": None,
        "closed_at": None,
        **due_columns(transaction, due_at),
    }
    # An inbox takes tasks from whoever acts, also from a reader who may not look into it.
    new = transaction.write(_UNLESS_OPEN[transaction.dialect].values(row).execution_options(**{WIDE: True}))
    columns = task_table.c
    (found,) = transaction.rows(
        task_table.select(machine_scope()).where(
            IS_OPEN,
            columns.party == party,
            columns.duty == duty.value,
            columns.kind == kind,
            columns.subject == subject,
        )
    )
    task = task_from(found)
    if new:
        tell(transaction, OPENED, task, recorded_at or opened_at)
    return task


def close_tasks(transaction: Transaction, subject: str, *, kind: str | None = None, closed_at: datetime) -> int:
    """Close what is open on ``subject``, or of one ``kind``, in every inbox; returns how many were."""
    closing = task_table.update(machine_scope()).where(IS_OPEN, task_table.c.subject == subject)
    if kind is not None:
        closing = closing.where(task_table.c.kind == kind)
    return transaction.write(closing.values(closed_at=closed_at))


def tell(transaction: Transaction, topic: str, task: Task, recorded_at: datetime) -> None:
    """Announce a task to whoever carries notices."""
    publish(transaction, Event(topic, f"task:{task.number}", _facts(task)), clock=lambda: recorded_at)


def _facts(task: Task) -> Mapping[str, Any]:
    due: str | None = None
    if task.due_at is not None:
        due = str(task.due_at) if isinstance(task.due_at, AwaitingCalendar) else format_instant(task.due_at)
    return {
        "number": task.number,
        "party": task.party,
        "duty": task.duty.value,
        "kind": task.kind,
        "subject": task.subject,
        "zh": task.zh,
        "en": task.en,
        "due": due,
    }
