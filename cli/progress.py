"""A live line for what the engine does: a bar on a terminal, a line a step elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.output import console

if TYPE_CHECKING:
    from infra.engine import Progress as Step
    from infra.ports import OnProgress

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
