"""``guanyun task``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show, show_one

if TYPE_CHECKING:
    from datetime import datetime

    from governance.tasks import Task

app = App(name="task", help="What waits for you 待办")

_COLUMNS = {
    "number": "编号 number",
    "kind": "事项 kind",
    "subject": "对象 on",
    "zh": "内容",
    "en": "what",
    "due": "期限 due",
    "overdue": "超期 overdue",
    "taken_by": "领取人 taken by",
}


@app.command(name="list")
def list_(*, limit: int = 100, after: int | None = None, json: Json = False) -> None:
    """List what waits for your party and the duty of your login, the most pressing first.

    Example: guanyun task list

    Parameters
    ----------
    limit: how many at most
    after: the number of the last task you have seen; what follows it is listed
    """
    from governance.authority import viewing
    from governance.tasks import inbox

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(task, view.now) for task in inbox(view, limit=limit, after=after)]
    show(rows, _COLUMNS, json=json)


@app.command(name="show")
def show_(number: int, *, json: Json = False) -> None:
    """Show one task of your party, open or closed.

    Example: guanyun task show 12
    """
    from governance.authority import viewing
    from governance.tasks import task_of

    with application() as opened, viewing(opened.office, token()) as view:
        row = _row(task_of(view, number), view.now)
    show_one(row, json=json)


@app.command
def take(number: int) -> None:
    """Take a task: others see that you do it.

    Example: guanyun task take 12
    """
    from governance.tasks import take_task

    with application() as opened:
        task, new = take_task(opened.office, token(), number)
    say(*((f"已领取 {number}:{task.zh}", f"{number} taken: {task.en}") if new else _STANDS))


@app.command(name="give-back")
def give_back(number: int) -> None:
    """Give a task that you took back to your party's inbox.

    Example: guanyun task give-back 12
    """
    from governance.tasks import give_back_task

    with application() as opened:
        task, new = give_back_task(opened.office, token(), number)
    say(*((f"已退回 {number}:{task.zh}", f"{number} given back: {task.en}") if new else _STANDS))


_STANDS = ("没有变化", "nothing changed")


def _row(task: Task, now: datetime) -> dict[str, Any]:
    from foundation.values.instant import format_instant
    from foundation.values.working_days import AwaitingCalendar

    match task.due_at:
        case None:
            due = ""
        case AwaitingCalendar() as waiting:
            due = f"{waiting.zh} {waiting}"
        case instant:
            due = format_instant(instant)
    return {
        "number": task.number,
        "kind": task.kind,
        "subject": task.subject,
        "about": task.about,
        "duty": task.duty.value,
        "zh": task.zh,
        "en": task.en,
        "opened_at": task.opened_at,
        "due": due,
        "overdue": task.overdue(now),
        "taken_by": task.taken_by,
        "taken_at": task.taken_at,
        "closed_at": task.closed_at,
    }
