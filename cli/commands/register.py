"""``guanyun register``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show

app = App(name="register", help="What exists for whom 资源台账")

COLUMNS = {
    "number": "#",
    "name": "名称 name",
    "kind": "类别 kind",
    "agency": "单位 agency",
    "system": "系统 system",
    "plan": "规格 plan",
    "opened": "起 opened",
    "closed": "止 closed",
    "because": "原因 because",
    "corrects": "更正 corrects",
}


@app.command(name="list")
def list_(*, month: str | None = None, all: bool = False, json: Json = False) -> None:  # noqa: A002 - the flag's name
    """List the register's entries you may see as they are charged, of one month or of all time.

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


@app.command
def at(
    instant: str,
    *,
    agency: str = "",
    system: str = "",
    environment: str = "",
    service: str = "",
    json: Json = False,
) -> None:
    """Say what existed for whom at an instant, as known now.

    Example: guanyun register at 2026-03-15T12:00:00+08:00 --agency hrss
    """
    from foundation.values.instant import parse_instant
    from governance.authority import viewing
    from tenants.register import Query, register_at, row_of

    when = parse_instant(instant)
    query = Query(agency=agency, system=system, environment=environment, service=service)
    with application() as opened, viewing(opened.office, token()) as view:
        rows = [row_of(line) for line in register_at(view.transaction, view.scope, when, query)]
    show(rows, COLUMNS, json=json)


@app.command
def life(resource: str, *, json: Json = False) -> None:
    """List a resource's whole life, with what was corrected.

    Example: guanyun register life hrss-employment/instance/web-1
    """
    from governance.authority import viewing
    from tenants.register import life_of, row_of

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            row_of(line) | {"superseded_from": line.superseded_from}
            for line in life_of(view.transaction, view.scope, resource)
        ]
    show(rows, COLUMNS | {"superseded_from": "已更正 corrected"}, json=json)


@app.command
def check(*, json: Json = False) -> None:
    """Report overlaps and gaps between the entries of each resource you may see.

    Example: guanyun register check
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.register import irregularities

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in irregularities(view.transaction, view.scope)]
    show(rows, {"severity": "程度 severity", "zh": "情况", "en": "what"}, json=json)


@app.command
def export(file: Path, *, instant: str = "") -> None:
    """Write the entries you may see as CSV or XLSX, by the file's ending: of all time, or at an instant.

    Example: guanyun register export register.xlsx
    """
    from foundation.values.errors import InvalidValue
    from foundation.values.instant import parse_instant
    from governance.authority import viewing
    from tenants.register import Query, register_page, to_csv, to_xlsx

    writer = {".csv": to_csv, ".xlsx": to_xlsx}.get(file.suffix)
    if writer is None:
        raise InvalidValue(field="file", found=file.name, expected="a name that ends in .csv or .xlsx")
    query: Query | None = Query(at=parse_instant(instant) if instant else None, corrected=not instant, limit=5000)
    lines: list[Any] = []
    with application() as opened, viewing(opened.office, token()) as view:
        while query is not None:
            page, query = register_page(view.transaction, view.scope, query)
            lines.extend(page)
    file.write_bytes(writer(lines))
    say(f"已导出 {len(lines)} 条到 {file}", f"{len(lines)} entries written to {file}")


@app.command
def propose(id: str, file: Path) -> None:  # noqa: A002 - the argument's name
    """Propose a correction: a file with record, reason and changes. For the operator.

    Example: guanyun register propose K-2026-01 correction.yaml
    """
    from cli.reading import accepted
    from tenants.register import propose_correction, read_correction

    correction = accepted(*read_correction(file, id))
    with application() as opened:
        new = propose_correction(opened.office, token(), correction)
    if new:
        say(f"更正 {id} 已提出,待主管部门决定", f"correction {id} proposed: the bureau decides")
    else:
        say(f"更正 {id} 早已提出,没有变化", f"correction {id} was proposed before: nothing changed")


@app.command
def correct(id: str, *, json: Json = False) -> None:  # noqa: A002 - the argument's name
    """Make a proposed correction: a new entry that cites the old one. What was charged stands. For the bureau.

    Example: guanyun register correct K-2026-01
    """
    from tenants.register import decide_on_correction, row_of
    from wiring.bindings import charged_from

    with application() as opened:
        line, new = decide_on_correction(opened.office, token(), id, charged_from=charged_from)
    if json:
        show([row_of(line)], COLUMNS, json=True)
    elif new:
        say(
            f"已更正:记录 {line.number} 代替 {line.corrects}",
            f"corrected: entry {line.number} stands for {line.corrects}",
        )
    else:
        say(f"更正 {id} 早已作出,没有变化", f"correction {id} was made before: nothing changed")


@app.command
def corrections(*, json: Json = False) -> None:
    """List the corrections you may see, proposed and made.

    Example: guanyun register corrections
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.register import list_corrections

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(dict(row)) for row in list_corrections(view.transaction, view.scope)]
    columns = {
        "id": "编号 id",
        "record": "记录 record",
        "agency": "单位 agency",
        "reason": "原因 reason",
        "proposed_at": "提出 proposed",
        "made": "新记录 made",
    }
    show(rows, columns, json=json)
