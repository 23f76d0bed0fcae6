"""``guanyun sandbox``: the AWS API on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App

from cli.context import Json, Yes, confirmed, settings
from cli.output import say, show_one

if TYPE_CHECKING:
    from infra.sandbox import SandboxStatus

app = App(name="sandbox", help="The AWS API on loopback 本机沙箱云")


@app.command
def up(*, port: int | None = None, json: Json = False) -> None:
    """Start the sandbox, or say that it runs. Its state comes back from its journal.

    Example: guanyun sandbox up
    """
    from infra.sandbox import up as start

    _tell(start(settings().sandbox_folder, port), json=json)


@app.command
def status(*, json: Json = False) -> None:
    """Show whether the sandbox runs, and where.

    Example: guanyun sandbox status
    """
    from infra.sandbox import status as look

    _tell(look(settings().sandbox_folder), json=json)


@app.command
def down(*, json: Json = False) -> None:
    """Stop the sandbox; its state is kept.

    Example: guanyun sandbox down
    """
    from infra.sandbox import down as stop

    _tell(stop(settings().sandbox_folder), json=json)


@app.command
def reset(*, yes: Yes = False, json: Json = False) -> None:
    """Empty the sandbox: every resource in it is gone, and environments built there know it.

    Example: guanyun sandbox reset --yes
    """
    from infra.sandbox import reset as empty

    if not confirmed("清空沙箱里的所有资源?", "Empty the sandbox of every resource?", yes=yes):
        say("没有变化", "nothing changed")
        return
    _tell(empty(settings().sandbox_folder), json=json)


def _tell(state: SandboxStatus, *, json: bool) -> None:
    show_one(
        {
            "running": state.running,
            "endpoint": state.endpoint or "",
            "pid": state.pid,
            "requests_replayed": state.requests_replayed,
            "life": state.life,
        },
        json=json,
    )
