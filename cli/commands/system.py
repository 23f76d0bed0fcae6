"""``guanyun system``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import accepted

app = App(name="system", help="Business systems 业务系统")
_COLUMNS = {
    "id": "编号 id",
    "zh": "名称 name",
    "agency": "牵头 lead",
    "users": "共用 shared with",
    "project": "项目 project",
    "fund_source": "资金来源 fund source",
}


@app.command
def record(file: Path) -> None:
    """Record business systems, shared ones among them; a change makes a new version.

    Example: guanyun system record systems.yaml
    """
    from governance.projects import read_business_systems, record_system

    read = accepted(*read_business_systems(file))
    with application() as opened:
        new = [system.id for system in read if record_system(opened.office, token(), system)]
    say(f"已登记 {'、'.join(new) or '无'}", f"recorded: {', '.join(new) or 'none'}")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the business systems you may see.

    Example: guanyun system list
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.projects import systems

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in systems(view.transaction, view.scope)]
    show(rows, _COLUMNS, json=json)


@app.command
def history(id: str, *, json: Json = False) -> None:  # noqa: A002 - the word a person types
    """Show every version of a business system, oldest first.

    Example: guanyun system history social-insurance
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.projects import system_versions

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in system_versions(view.transaction, view.scope, id)]
    show(rows, _COLUMNS, json=json)
