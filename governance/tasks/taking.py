"""Taking a task: a person of the party says "I do this one". It gives no right, and binds nobody else."""

from __future__ import annotations

from dataclasses import replace

from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office, View, viewing
from governance.errors import TaskNotFree
from governance.tasks.model import Task
from governance.tasks.opening import RETURNED, tell
from governance.tasks.reading import task_of
from governance.tasks.tables import IS_OPEN, task_table


def take_task(office: Office, token: str, number: int) -> tuple[Task, bool]:
    """Take an open task of one's own party and duties: (task, whether it is newly taken).

    Raises ``NotFound``, ``TaskNotFree`` (closed, taken by another person, or for a duty this login does not have).
    """
    return _mark(office, token, number, taking=True)


def give_back_task(office: Office, token: str, number: int) -> tuple[Task, bool]:
    """Give a task that one took back to the inbox: (task, whether that is new). Raises as ``take_task``."""
    return _mark(office, token, number, taking=False)


def _mark(office: Office, token: str, number: int, *, taking: bool) -> tuple[Task, bool]:
    with viewing(office, token) as view:
        task = task_of(view, number)
    person = view.actor.person
    if task.closed_at is not None or task.duty not in view.actor.duties or task.taken_by not in {"", person}:
        raise TaskNotFree(number=number)
    wanted = person if taking else ""
    if task.taken_by == wanted:
        return task, False
    return _write(office, view, task, wanted), True


def _write(office: Office, view: View, task: Task, taken_by: str) -> Task:
    taken_at = view.now if taken_by else None
    with office.store.transaction() as transaction:
        # Looked at again in the statement: somebody may have been quicker.
        written = transaction.write(
            task_table.update(view.scope)
            .where(IS_OPEN, task_table.c.number == task.number, task_table.c.party == task.party)
            .where(task_table.c.taken_by == task.taken_by)
            .values(taken_by=taken_by, taken_at=taken_at)
        )
        if not written:
            raise TaskNotFree(number=task.number)
        marked = replace(task, taken_by=taken_by, taken_at=taken_at)
        recorded_at = office.clocks.real()
        audit.append(
            transaction,
            AuditEvent.TASK_TAKEN if taken_by else AuditEvent.TASK_GIVEN_BACK,
            subject=f"task:{task.number}",
            facts={"kind": task.kind, "on": task.subject},
            recorded_at=recorded_at,
            business_at=view.now,
            person=view.actor.person,
            account=view.actor.account,
        )
        if not taken_by:
            tell(transaction, RETURNED, marked, recorded_at)
    return marked
