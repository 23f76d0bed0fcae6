"""A live line for what the engine does: a bar on a terminal, a line a step elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.output import console

if TYPE_CHECKING:
    from foundation.work.runs import Run
    from infra.engine import Progress as Step
    from infra.ports import OnProgress
    from wiring.application import Application
    from wiring.asking import Asked

_STEPS = {"plan": "计划 plan", "refresh": "刷新 refresh", "apply": "部署 apply", "destroy": "销毁 destroy"}


@contextmanager
def engine_progress(title: str) -> Iterator[OnProgress]:
    """Give the callback to hand to the engine; the display ends with the block."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        task = display.add_task(title, total=None, last="")

        def show(step: Step) -> None:
            display.update(
                task,
                description=f"{title} {_STEPS.get(step.step, step.step)}",
                completed=step.done,
                total=step.total or None,
                last=f"{step.operation} {step.kind} {step.name}",
            )

        yield show


def seen_through(opened: Application, asked: Asked, *, title: str) -> Any:
    """Follow a run to its end with a live line on a terminal; its outcome, or the error that its row tells."""
    from wiring.following import outcome_of, see_through

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        task = display.add_task(title, total=None)

        def tell(now: Run) -> None:
            described = f"{title} {now.state.zh} {now.state.value} {now.note}".rstrip()
            display.update(task, description=described, completed=now.done, total=now.total or None)

        return outcome_of(see_through(opened, asked.run, scope=asked.scope, tell=tell)).outcome
