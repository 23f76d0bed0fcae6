"""``guanyun budget``: quotas of money. They are drafted and published as quotas are."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.commands.quota import COLUMNS, set_, show_history, show_key, standings
from cli.commands.quota import publish as publish_quotas
from cli.context import Json
from cli.output import show

app = App(name="budget", help="Budgets by fund source and project 预算")


@app.command(name="set")
def set_budget(file: Path) -> None:
    """Draft the budgets of a file; another person publishes them. For the bureau.

    Example: guanyun budget set examples/quotas.yaml
    """
    set_(file)


@app.command
def publish(id: str) -> None:  # noqa: A002 - the argument's name
    """Put a draft in force. For the bureau, and not for who drafted it.

    Example: guanyun budget publish Q-2026-01
    """
    publish_quotas(id)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the budgets in force that you may see, and what is promised of them.

    Example: guanyun budget list
    """
    show(standings(money=True), COLUMNS | {"quota": "预算 budget"}, json=json)


@app.command(name="show")
def show_(key: str, *, json: Json = False) -> None:
    """Show one budget, the requests that take from it, and what statements charged month by month.

    Example: guanyun budget show "fen_year@2026|fund_source=一般公共预算"
    """
    show_key(key, money=True, json=json)


@app.command
def history(key: str = "", *, json: Json = False) -> None:
    """List every budget that was ever published, of one key or of all.

    Example: guanyun budget history
    """
    show_history(key, money=True, json=json)
