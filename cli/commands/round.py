"""``guanyun round``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.dates import instant
from cli.output import say, show

app = App(name="round", help="Rounds in which needs are collected 征集批次")


@app.command(name="open")
def open_(round_id: str, *, opens: str, closes: str, zh: str, en: str) -> None:
    """Open a round: needs may join over its dates. For the bureau.

    Example: guanyun round open 2026-H1 --opens 2026-03-01 --closes 2026-04-01 --zh 上半年征集 --en "First half"

    Parameters
    ----------
    opens: the first day
    closes: the first day on which no need may join any more
    zh: its Chinese name
    en: its English name
    """
    from foundation.values.instant import Interval
    from tenants.needs import open_round

    taking = Interval(instant(opens), instant(closes))
    with application() as opened:
        _, new = open_round(opened.office, token(), round_id, zh=zh, en=en, taking=taking)
    _tell(round_id, "开启征集批次", "round opened", new=new)


@app.command
def close(round_id: str) -> None:
    """Let no more needs join. For the bureau that opened it.

    Example: guanyun round close 2026-H1
    """
    from tenants.needs import close_round

    with application() as opened:
        _, new = close_round(opened.office, token(), round_id)
    _tell(round_id, "结束征集批次", "round closed", new=new)


@app.command
def join(round_id: str, need: str) -> None:
    """Let a need of your agency take part in a round.

    Example: guanyun round join 2026-H1 NEED-2026-0001
    """
    from tenants.needs import join_round

    with application() as opened:
        _, new = join_round(opened.office, token(), need, round_id)
    _tell(f"{need} → {round_id}", "已报入", "joined", new=new)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the rounds, the newest first.

    Example: guanyun round list
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.needs import rounds

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) | {"taking": each.takes(view.now)} for each in rounds(view.transaction)]
    columns = {
        "id": "编号 id",
        "zh": "名称",
        "en": "name",
        "opens_at": "开始 opens",
        "closes_at": "截止 closes",
        "taking": "接受报入 taking",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(round_id: str, *, json: Json = False) -> None:
    """Show the needs of a round that you may see; the bureau sees after each what it may duplicate.

    Example: guanyun round show 2026-H1
    """
    from governance.authority import viewing
    from tenants.needs import likenesses, needs, round_of

    with application() as opened, viewing(opened.office, token()) as view:
        found = needs(view.transaction, view.scope, round_id=round_of(view.transaction, round_id).id, limit=10_000)
        pairs = likenesses(view, *(need.number for need in found))
    rows = [
        {
            "number": need.number,
            "agency": need.agency,
            "zh": need.zh,
            "state": need.state.value,
            "alike": [
                other
                for pair in pairs
                for mine, other in ((pair.need, pair.other), (pair.other, pair.need))
                if mine == need.number
            ],
        }
        for need in found
    ]
    columns = {
        "number": "编号 number",
        "agency": "单位 agency",
        "zh": "名称 name",
        "state": "状态 state",
        "alike": "疑似重复 alike",
    }
    show(rows, columns, json=json)


def _tell(what: str, zh: str, en: str, *, new: bool) -> None:
    if new:
        say(f"{zh}:{what}", f"{en}: {what}")
    else:
        say(f"{what}:没有变化", f"{what}: nothing changed")
