"""A run while somebody watches: one live line on a terminal, one line a change elsewhere.

The lines go to standard error, so that a command's answer stays alone on standard output. Ctrl-C stops watching.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.output import errors, languages, warn

if TYPE_CHECKING:
    from foundation.values.instant import Clock
    from foundation.work.runs import Run
    from wiring.application import Application
    from wiring.asking import Asked

Tell = Callable[["Run"], None]
_POLL = 0.5


@contextmanager
def live(title: str, clock: Clock) -> Iterator[Tell]:
    """What to tell of the run each time it was looked at; the line ends with the block."""
    if not errors.is_terminal:
        yield _lines(title, clock)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[more]}", markup=False),
    )
    with Progress(*columns, console=errors, transient=True) as display:
        task = display.add_task(title, total=None, more="")

        def tell(run: Run) -> None:
            state, more = _state(run), _more(run, clock)
            display.update(task, description=f"{title} {state}", completed=run.done, total=run.total or None, more=more)

        yield tell


def seen_through(opened: Application, asked: Asked, *, title: str) -> Any:
    """Follow a run to its end, or carry it out here where no worker lives; its outcome, or the error its row tells."""
    from wiring.following import outcome_of, see_through
    from wiring.logs import to_file_only

    to_file_only("command", opened.settings.work_folder)
    with _saying_how_to_return(asked.run), live(title, opened.office.clocks.real) as tell:
        return outcome_of(see_through(opened, asked.run, scope=asked.scope, tell=tell)).outcome


def follow(opened: Application, id_: str, look: Callable[[], Run]) -> Run:
    """Watch a run until it ended or waits for a person; nothing is carried out here."""
    from foundation.work.runs import RunState, workers

    clock = opened.office.clocks.real
    warned = False
    with _saying_how_to_return(id_), live(id_, clock) as tell:
        while True:
            run = look()
            tell(run)
            if run.over or run.state in {RunState.PAUSED, RunState.PARKED}:
                return run
            if not warned:
                with opened.store.reading() as transaction:
                    alive = any(row.alive for row in workers(transaction, clock=clock))
                if not alive:
                    warn(
                        "没有执行进程在运行,任务在等待:guanyun up",
                        "no worker is running, the run waits for one: guanyun up",
                    )
                    warned = True
            time.sleep(_POLL)


def length_in_words(length: timedelta) -> str:
    """``2 h 05 min``, ``3 min 20 s``, ``12 s``."""
    seconds = int(length.total_seconds())
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
    return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"


@contextmanager
def _saying_how_to_return(id_: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        warn(
            f"不再跟踪;任务 {id_} 没有取消,继续查看:guanyun work follow {id_}",
            f"no longer following; run {id_} was not cancelled, see it with: guanyun work follow {id_}",
        )
        raise


def _lines(title: str, clock: Clock) -> Tell:
    last: list[str] = []

    def tell(run: Run) -> None:
        progress = f" {run.done}/{run.total}" if run.total else (f" {run.done}" if run.done else "")
        told = f"{_state(run)}{progress} {run.note}".rstrip()
        if [told] != last:
            last[:] = [told]
            more = _more(run, clock, note=False)
            errors.print(f"{title} {told} {more}".rstrip(), markup=False)

    return tell


def _state(run: Run) -> str:
    texts = {"zh": run.state.zh, "en": run.state.value}
    return " ".join(texts[language] for language in languages())


def _more(run: Run, clock: Clock, *, note: bool = True) -> str:
    from foundation.work.runs import progress_of

    left = progress_of(run, clock()).remaining
    texts = {"zh": "约剩", "en": "left about"}
    words = " ".join(texts[language] for language in languages())
    parts = [run.note] if note and run.note else []
    return " · ".join([*parts, *([f"{words} {length_in_words(left)}"] if left is not None else [])])
