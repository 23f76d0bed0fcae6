"""``guanyun item``: service items and outcome items."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import accepted

app = App(name="item", help="Service and outcome items 服务项与成果项")


@app.command
def record(file: Path, *, only: str | None = None) -> None:
    """Record the items of a file. For the operator; what is recorded is never edited.

    Example: guanyun item record examples/items.yaml --only B-2026-001

    Parameters
    ----------
    only: the id of one item in the file
    """
    from billing.items.reading import read_items
    from billing.items.service import record_item

    entries = accepted(*read_items(file))
    with application() as opened:
        for entry in entries:
            if only in {None, entry.id}:
                item = record_item(opened.office, token(), entry)
                say(f"已登记 {item.id} {item.description}", f"{item.id} recorded")


@app.command
def accept(item_id: str, *, share: str = "1", measured: str = "", digest: str | None = None) -> None:
    """Accept an outcome item against its criterion. For the agency the criterion names.

    Example: guanyun item accept B-2026-001 --measured "0 件差错"

    Parameters
    ----------
    share: how much of it is accepted, 0 to 1
    measured: what was measured, by the criterion's measure
    digest: the item's digest you have read; another one is refused
    """
    from billing.items.model import item_digest
    from billing.items.service import accept_item
    from billing.items.tables import item_of
    from foundation.values.errors import InvalidValue
    from governance.authority import viewing
    from governance.errors import NotFound

    try:
        accepted_share = Decimal(share)
    except InvalidOperation as cause:
        raise InvalidValue(field="share", found=share, expected="a decimal from 0 to 1") from cause
    with application() as opened:
        with viewing(opened.office, token()) as view:
            item = item_of(view.transaction, view.scope, item_id)
        if item is None:
            raise NotFound(what_zh="这个服务事项:", what_en="item", key=item_id)
        acceptance = accept_item(
            opened.office,
            token(),
            item_id,
            digest=digest or item_digest(item),
            share=accepted_share,
            measured=measured,
        )
    say(f"已验收 {item_id},比例 {acceptance.share}", f"{item_id} accepted, share {acceptance.share}")


@app.command(name="list")
def list_(contract: str, month: str, *, json: Json = False) -> None:
    """List a contract's items up to a month, each with its acceptance.

    Example: guanyun item list C-2026-01 2026-03
    """
    from billing.items.service import list_items
    from foundation.evidence import plain
    from foundation.values.month import Month
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        found = list_items(view, contract, Month.parse(month))
    rows: list[dict[str, Any]] = [
        plain(item) | {"accepted": None if acceptance is None else plain(acceptance.share)}
        for item, acceptance in found
    ]
    columns = {
        "id": "编号 id",
        "kind": "类别 kind",
        "agency": "单位 agency",
        "system": "系统 system",
        "quantity": "数量 quantity",
        "description": "内容 description",
        "accepted": "验收 accepted",
    }
    show(rows, columns, json=json)
