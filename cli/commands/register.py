"""``guanyun register``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.output import show

app = App(name="register", help="What exists for whom 资源台账")


@app.command(name="list")
def list_(*, month: str | None = None, all: bool = False, json: Json = False) -> None:  # noqa: A002 - the flag's name
    """List the register's entries you may see, of one month or of all time.

    Example: guanyun register list --month 2026-03

    Parameters
    ----------
    all: also what no service charges by itself: networks, roles, a machine's own disks
    """
    from datetime import UTC, datetime

    from foundation.evidence import plain
    from foundation.values.instant import Interval
    from foundation.values.month import Month
    from governance.authority import viewing
    from tenants.register import entries

    ever = Interval(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    interval = Month.parse(month).interval if month else ever
    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in entries(view.transaction, view.scope, interval, charged=not all)]
    columns = {
        "name": "名称 name",
        "kind": "类别 kind",
        "cloud_id": "云编号 cloud id",
        "agency": "单位 agency",
        "system": "系统 system",
        "plan": "规格 plan",
        "opened": "起 opened",
        "closed": "止 closed",
    }
    show(rows, columns, json=json)
