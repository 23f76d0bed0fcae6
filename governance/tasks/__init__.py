"""The task inbox 待办: who is now to act on what, by when.

Owns one row for each thing that a party and duty is waited for; a task is opened and closed in the transaction of the
fact that makes or ends it. What is to be done, and whether it may be, belongs to the room that opened the task: a task
gives nobody a right. Everything loads when first asked for, so that rooms below ``governance.authority`` may use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.tasks.model import Due, Task, Within

if TYPE_CHECKING:
    from governance.tasks.deadlines import task_deadlines
    from governance.tasks.handing_over import hand_over, move_open_tasks
    from governance.tasks.opening import OPENED, RETURNED, close_tasks, open_task
    from governance.tasks.reading import inbox, task_of, tasks_on
    from governance.tasks.taking import give_back_task, take_task

_LATER = {
    "task_deadlines": "deadlines",
    **dict.fromkeys(("hand_over", "move_open_tasks"), "handing_over"),
    **dict.fromkeys(("OPENED", "RETURNED", "close_tasks", "open_task"), "opening"),
    **dict.fromkeys(("inbox", "task_of", "tasks_on"), "reading"),
    **dict.fromkeys(("give_back_task", "take_task"), "taking"),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "OPENED",
    "RETURNED",
    "Due",
    "Task",
    "Within",
    "close_tasks",
    "give_back_task",
    "hand_over",
    "inbox",
    "move_open_tasks",
    "open_task",
    "take_task",
    "task_deadlines",
    "task_of",
    "tasks_on",
]
