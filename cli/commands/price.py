"""``guanyun price``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.dates import instant
from cli.output import console, say, show
from cli.reading import accepted

app = App(name="price", help="Price versions 价格版本")


@app.command
def notice(file: Path) -> None:
    """Record the notices of a price file: the published documents its lists may cite.

    Example: guanyun price notice examples/prices.yaml
    """
    from governance.catalogue import read_price_file, record_notices

    told = accepted(*read_price_file(file))
    with application() as opened:
        new = record_notices(opened.office, token(), told.notices)
    for each in new:
        say(f"已登记通知 {each.number}", f"notice {each.number} recorded")
    if not new:
        say("没有新的通知", "no new notice")


@app.command
def propose(file: Path, *, only: str | None = None) -> None:
    """Propose the price lists of a file as the operator, every price with its cost items and a comparison.

    Example: guanyun price propose examples/price-proposal.yaml
    """
    from governance.catalogue import propose_prices, read_prices

    lists = accepted(*read_prices(file))
    with application() as opened:
        for each in lists:
            if only in {None, each.id}:
                digest = propose_prices(opened.office, token(), each)
                console.print(f"{each.id}  {digest}", markup=False)


@app.command
def draft(file: Path, *, only: str | None = None) -> None:
    """Draft the price lists of a file, YAML or .xlsx; each is published by another person of the bureau.

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
    """Put a list into force; the earlier open prices of the same meters end where it starts.

    Example: guanyun price publish P-2026-01
    """
    from governance.catalogue import publish_prices

    with application() as opened:
        versions = publish_prices(opened.office, token(), list_id, digest=digest)
    say(f"{list_id} 生效:{len(versions)} 个价格", f"{list_id} in force: {len(versions)} prices")


@app.command
def reject(list_id: str, *, reason: str) -> None:
    """Reject a proposal or draft; the reason stays with it.

    Example: guanyun price reject P-2026-07 --reason "the comparison is two years old"
    """
    from governance.catalogue import reject_prices

    with application() as opened:
        reject_prices(opened.office, token(), list_id, reason=reason)
    say(f"{list_id} 已退回:{reason}", f"{list_id} rejected: {reason}")


@app.command
def end(version: str, *, at: str, reason: str) -> None:
    """End one price version, now or later; it is never edited.

    Example: guanyun price end P-2026-01/peering/peering --at 2026-08-01 --reason "no longer charged"
    """
    from governance.catalogue import end_price

    with application() as opened:
        ended = end_price(opened.office, token(), version, at=instant(at), reason=reason)
    say(f"{version} 止于 {ended.end}", f"{version} ends at {ended.end}")


@app.command(name="list")
def list_(*, month: str | None = None, party: str | None = None, json: Json = False) -> None:
    """List the published prices, all or those in force at some time of a month, of every layer or for one party.

    Example: guanyun price list --month 2026-03 --party hrss

    Parameters
    ----------
    party: an agency: what it is charged by, its own place's prices first, each with the layer it came from
    """
    from foundation.evidence import plain
    from foundation.values.instant import Interval
    from foundation.values.month import Month
    from governance.authority import viewing
    from governance.catalogue import place_names, prices, prices_for
    from governance.catalogue.resolving import EVER, FAR

    interval = Month.parse(month).interval if month else Interval(EVER, FAR)
    with application() as opened, viewing(opened.office, token()) as view:
        names = place_names(view.transaction)
        found = prices(view.transaction, interval) if party is None else prices_for(view.transaction, party, interval)
    rows = [plain(each) | {"layer": "{zh} {en}".format(**names[each.place])} for each in found]
    columns = {
        "id": "版本 version",
        "layer": "来源 layer",
        "service": "服务 service",
        "meter": "计量项 meter",
        "price": "单价(元) price",
        "unit": "单位 unit",
        "start": "起 from",
        "end": "止 to",
        "cites": "依据 cites",
    }
    show(rows, columns, json=json)


@app.command
def lists(*, json: Json = False) -> None:
    """Every price list: proposed, drafted, published, or rejected and why.

    Example: guanyun price lists
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.catalogue import price_lists

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            plain(each)
            | {"id": each.price_list.id, "place": each.price_list.place, "start": plain(each.price_list.start)}
            for each in price_lists(view.transaction)
        ]
    columns = {
        "id": "编号 id",
        "place": "所属 place",
        "state": "状态 state",
        "start": "起 from",
        "reason": "退回理由 reason",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command
def gaps(month: str, *, party: str | None = None, json: Json = False) -> None:
    """The meters on offer that have no price for some part of a month, in the base or for one party.

    Example: guanyun price gaps 2026-03
    """
    from foundation.evidence import plain
    from foundation.values.month import Month
    from governance.authority import viewing
    from governance.catalogue import BASE, offers_at, places_of, price_gaps, prices

    interval = Month.parse(month).interval
    with application() as opened, viewing(opened.office, token()) as view:
        layers = (BASE,) if party is None else places_of(view.transaction, party)
        offered = [each.service for each in offers_at(view.transaction, interval.start, layers)]
        found = price_gaps(offered, prices(view.transaction, interval), layers, interval)
    rows = [plain(each) | plain(each.period) for each in found]
    columns = {"service": "服务 service", "meter": "计量项 meter", "start": "起 from", "end": "止 to"}
    show(rows, columns, json=json, empty=("没有缺价", "no gap"))


@app.command
def export(file: Path, *, place: str = "") -> None:
    """Write a layer's published price lists and the notices as YAML, or as a workbook (.xlsx).

    Example: guanyun price export prices.xlsx
    """
    from cli.writing import write_file
    from governance.authority import viewing
    from governance.catalogue import notices, price_lists, prices_workbook, prices_yaml
    from governance.catalogue.list_records import PriceListState

    with application() as opened, viewing(opened.office, token()) as view:
        every = price_lists(view.transaction, place=place)
        published = [each.price_list for each in every if each.state is PriceListState.PUBLISHED]
        cited = {each.cites.removeprefix("notice:") for each in published}
        told = [each for each in notices(view.transaction) if each.number in cited]
    workbook = file.suffix.casefold() == ".xlsx"
    write_file(file, prices_workbook(published, told) if workbook else prices_yaml(published, told).encode())
    console.print(str(file), markup=False)
