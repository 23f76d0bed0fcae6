"""``guanyun up | status | down``: the processes of one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.context import Json, settings
from cli.output import console, languages, say, show

if TYPE_CHECKING:
    from wiring.processes.machine import Runs

DOWN = 3
"""The exit code of ``status`` where something that should run does not, as service scripts have it."""


def up(*, json: Json = False) -> None:
    """Start the sandbox (unless a cloud is configured), the worker and the portal, and wait until each is ready.

    Example: guanyun up

    What runs already is left alone; what died is started again.
    """
    from wiring.processes.machine import up as start

    found = start(settings(), _silent if json else _tell_up)
    if json:
        show([_row(runs) for runs in found], {}, json=True)


def status(*, json: Json = False) -> int:
    """Show what runs on this machine, since when, where, and whether it is ready.

    Example: guanyun status

    Ends with 3 where something that should run does not.
    """
    from wiring.processes.machine import status as look

    found = look(settings())
    columns = {
        "process": "进程 process",
        "state": "状态 state",
        "pid": "pid",
        "since": "始于 since",
        "address": "地址 address",
        "because": "原因 because",
    }
    show([_row(runs) for runs in found], columns, json=json)
    return 0 if all(runs.ready for runs in found) else DOWN


def down(*, json: Json = False) -> None:
    """Stop the portal, the worker and the sandbox; a worker finishes the step it is at.

    Example: guanyun down
    """
    from wiring.processes.machine import down as stop

    if not json and console.is_terminal:
        say("正在停止,执行进程会先做完当前步骤", "stopping; the worker finishes the step it is at")
    found = stop(settings(), _silent if json else _tell_down)
    if json:
        show([_row(runs) for runs in found], {}, json=True)


def _tell_up(runs: Runs) -> None:
    if runs.new:
        say(
            f"{runs.process} 已启动,pid {runs.pid},{runs.address}",
            f"{runs.process} started, pid {runs.pid}, {runs.address}",
        )
    else:
        say(
            f"{runs.process} 早已运行,pid {runs.pid},{runs.address}",
            f"{runs.process} was running, pid {runs.pid}, {runs.address}",
        )


def _tell_down(runs: Runs) -> None:
    if runs.new:
        say(f"{runs.process} 已停止,pid {runs.pid}", f"{runs.process} stopped, pid {runs.pid}")
    else:
        say(f"{runs.process} 没有运行", f"{runs.process} was not running")


def _silent(runs: Runs) -> None:
    """Everything is said at the end, as JSON."""


def _row(runs: Runs) -> dict[str, Any]:
    zh = "就绪" if runs.ready else ("未就绪" if runs.running else "未运行")
    en = "ready" if runs.ready else ("not ready" if runs.running else "down")
    texts = {"zh": zh, "en": en}
    return {
        "process": runs.process,
        "running": runs.running,
        "ready": runs.ready,
        "changed": runs.new,
        "state": " ".join(texts[language] for language in languages()),
        "pid": runs.pid,
        "since": runs.since,
        "address": runs.address,
        "reasons": [{"code": reason.code, "zh": reason.zh, "en": reason.en} for reason in runs.reasons],
        "because": "; ".join(
            " · ".join({"zh": reason.zh, "en": reason.en}[language] for language in languages())
            for reason in runs.reasons
        ),
    }
