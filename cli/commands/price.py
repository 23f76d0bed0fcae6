"""``guanyun price``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import console, say, show
from cli.reading import accepted

app = App(name="price", help="Price versions 价格版本")


@app.command
def draft(file: Path, *, only: str | None = None) -> None:
    """Draft the price lists of a file; each is published by another person of the bureau.

    Example: guanyun price draft examples/prices.yaml --only P-2026-01

    Parameters
    ----------
    only: the id of one list in the file
    """
    from governance.catalogue import draft_prices, read_prices

    lists = accepted(*read_prices(file))
    with application() as opened:
        for each in lists:
            if only in {None, each.id}:
                digest = draft_prices(opened.office, token(), each)
                console.print(f"{each.id}  {digest}", markup=False)


@app.command
def publish(list_id: str, *, digest: str | None = None) -> None:
    """Put a drafted list into force; the earlier prices of the same meters end where it starts.

    Example: guanyun price publish P-2026-01
    """
    from governance.catalogue import publish_prices

    with application() as opened:
        versions = publish_prices(opened.office, token(), list_id, digest=digest)
    say(f"{list_id} 生效:{len(versions)} 个价格", f"{list_id} in force: {len(versions)} prices")


@app.command(name="list")
def list_(*, month: str | None = None, json: Json = False) -> None:
    """List the published prices, all or those in force at some time of a month.

    Example: guanyun price list --month 2026-03
    """
    from datetime import UTC, datetime

    from foundation.evidence import plain
    from foundation.values.instant import Interval
    from foundation.values.month import Month
    from governance.authority import viewing
    from governance.catalogue import prices

    ever = Interval(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    interval = Month.parse(month).interval if month else ever
    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in prices(view.transaction, interval)]
    columns = {
        "id": "版本 version",
        "service": "服务 service",
        "meter": "计量项 meter",
        "price": "单价(元) price",
        "unit": "单位 unit",
        "start": "起 from",
        "end": "止 to",
        "cites": "依据 cites",
    }
    show(rows, columns, json=json)
