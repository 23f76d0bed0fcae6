"""``guanyun quota``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show, show_one

if TYPE_CHECKING:
    from tenants.quotas import Standing

app = App(name="quota", help="Quotas 配额")

COLUMNS = {
    "quota": "配额 quota",
    "limit_text": "上限 limit",
    "delegated_text": "下达 delegated",
    "reserved_text": "预留 reserved",
    "held_text": "占用 held",
    "own_text": "本单位 own",
    "state": "状态 state",
}


@app.command(name="set")
def set_(file: Path) -> None:
    """Draft the quotas and budgets of a file; another person publishes them. For the bureau.

    Example: guanyun quota set examples/quotas.yaml
    """
    from cli.reading import accepted
    from tenants.quotas import draft_quotas, read_quotas

    document = accepted(*read_quotas(file))
    with application() as opened:
        new = draft_quotas(opened.office, token(), document)
    if new:
        say(
            f"已起草 {document.id}:{len(document.lines)} 项,待另一人发布",
            f"{document.id} drafted: {len(document.lines)} limits; another person publishes them",
        )
    else:
        say(f"{document.id} 早已起草,没有变化", f"{document.id} was drafted before: nothing changed")


@app.command
def publish(id: str) -> None:  # noqa: A002 - the argument's name
    """Put a draft in force. For the bureau, and not for who drafted it.

    Example: guanyun quota publish Q-2026-01
    """
    from tenants.quotas import publish_quotas

    with application() as opened:
        new = publish_quotas(opened.office, token(), id)
    if new:
        say(f"已发布 {id}", f"{id} is published")
    else:
        say(f"{id} 早已发布,没有变化", f"{id} was published before: nothing changed")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the quotas in force that you may see, and what is used of them.

    Example: guanyun quota list
    """
    show(standings(money=False), COLUMNS, json=json)


@app.command(name="show")
def show_(key: str, *, json: Json = False) -> None:
    """Show one quota and the requests that take from it, inside your scope.

    Example: guanyun quota show "vcpu|agency=hrss"
    """
    show_key(key, money=False, json=json)


@app.command
def history(key: str = "", *, json: Json = False) -> None:
    """List every limit that was ever published, of one quota or of all.

    Example: guanyun quota history "vcpu|agency=hrss"
    """
    show_history(key, money=False, json=json)


@app.command
def recount(*, json: Json = False) -> int:
    """Count again from the reservations, and say whether the counters are right. For who sees every agency.

    Example: guanyun quota recount
    """
    from tenants.quotas import recount as count_again

    with application() as opened:
        counters, wrong = count_again(opened.office, token())
    if json:
        rows = [{"key": one.key, "counted": one.counted, "recounted": one.recounted} for one in wrong]
        show_one({"counters": counters, "wrong": rows}, json=True)
    elif wrong:
        for one in wrong:
            say(
                f"{one.key}:计数 {one.counted},重算 {one.recounted}",
                f"{one.key}: counted {one.counted}, recounted {one.recounted}",
            )
    else:
        say(f"{counters} 个计数与预留完全一致", f"{counters} counters equal their reservations")
    return 3 if wrong else 0


def standings(*, money: bool) -> list[dict[str, Any]]:
    """The rows of a list of quotas or budgets."""
    from governance.authority import viewing
    from tenants.quotas import quotas

    with application() as opened, viewing(opened.office, token()) as view:
        return [row_of(each) for each in quotas(view, money=money)]


def row_of(each: Standing) -> dict[str, Any]:
    """One quota as a row; what its reader may not know is left out."""
    from tenants.quotas import units_text

    def shown(units: int | None) -> str:
        return "" if units is None else units_text(each.key.dimension, units)

    zh, en = each.key.words()
    numbers = {name: getattr(each, name) for name in ("limit", "delegated", "reserved", "held", "own")}
    return {
        "key": each.key.id,
        "quota": f"{zh} · {en}",
        **numbers,
        **{f"{name}_text": shown(units) for name, units in numbers.items()},
        "over": each.over,
        "state": "超出 over" if each.over else "",
    }


def show_key(key: str, *, money: bool, json: bool) -> None:
    """One quota or budget with the lines that take from it."""
    from governance.authority import viewing
    from governance.errors import NotFound
    from tenants.quotas import months_used, quota_uses, quotas, units_text

    with application() as opened, viewing(opened.office, token()) as view:
        found = next((each for each in quotas(view, money=money) if each.key.id == key), None)
        if found is None:
            raise NotFound(what_zh="生效的配额", what_en="quota in force called", key=key)
        uses = [
            {
                "subject": line.subject,
                "state": line.state.value,
                "amount": units_text(line.dimension, line.units),
                "since": line.since,
            }
            for line in quota_uses(view, key)
        ]
        months = {str(month): spent for month, spent in months_used(view, found.key)}
    show_one(row_of(found) | {"uses": uses, "months": months}, json=json)


def show_history(key: str, *, money: bool, json: bool) -> None:
    """Published limits, oldest first."""
    from governance.authority import viewing
    from tenants.quotas import quota_history, units_text

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {
                "key": each.key.id,
                "units": each.units,
                "limit_text": units_text(each.key.dimension, each.units),
                "document": each.document,
                "temporary": each.temporary,
                "kind": "临时 temporary" if each.temporary else "",
                "share_of": each.parent,
                "starts": each.starts,
                "ends": each.ends,
                "published_at": each.published_at,
            }
            for each in quota_history(view, key)
            if each.key.dimension.startswith("fen_") is money
        ]
    columns = {
        "key": "配额 quota",
        "limit_text": "上限 limit",
        "document": "文件 document",
        "kind": "类别 kind",
        "share_of": "上级 share of",
        "starts": "起 from",
        "ends": "止 to",
    }
    show(rows, columns, json=json)
