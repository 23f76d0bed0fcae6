"""``guanyun usage``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.following import seen_through
from cli.output import print_findings, say, show

app = App(name="usage", help="Usage records and day close 计量")


@app.command
def collect(month: str) -> None:
    """Collect a month's allocation from the register, a batch a day. Again: only what changed.

    Example: guanyun usage collect 2026-03
    """
    from foundation.values.month import Month
    from wiring.asking import ask_to_collect

    with application() as opened:
        taken = seen_through(opened, ask_to_collect(opened, token(), Month.parse(month)), title=month)
    say(
        f"新批次 {taken['new']} 个,已有 {taken['standing']} 个,共 {taken['rows']} 条记录",
        f"{taken['new']} new batches, {taken['standing']} standing, {taken['rows']} records in all",
    )


@app.command
def replay(month: str, *archives: Path) -> int:
    """Replay CPU traces (PlanetLab archives, one a day) on the consumption meter, marked source=replay.

    Example: guanyun usage replay 2026-03 20110303.tar.gz 20110306.tar.gz 20110309.tar.gz
    """
    from foundation.values.month import Month
    from wiring.bindings import replay_traces

    with application() as opened:
        taken, findings = replay_traces(opened, token(), Month.parse(month), archives)
    print_findings(findings)
    if taken is None:
        say("没有记录任何用量", "nothing was recorded")
        return 2
    say(f"回放记录 {taken.rows} 条,新批次 {taken.new} 个", f"{taken.rows} replayed records, {taken.new} new batches")
    return 0


@app.command
def close(month: str) -> None:
    """Close every day of a month that is over; each root is signed and handed out. Unchanged days stay.

    Example: guanyun usage close 2026-03
    """
    from foundation.values.month import Month
    from wiring.asking import ask_to_close

    with application() as opened:
        closed = seen_through(opened, ask_to_close(opened, token(), Month.parse(month)), title=month)
    say(
        f"关账 {closed['written']} 天,未变 {closed['standing']} 天,隔离 {closed['set_aside']} 条",
        f"{closed['written']} days closed, {closed['standing']} unchanged, {closed['set_aside']} records quarantined",
    )


@app.command
def days(month: str, *, json: Json = False) -> None:
    """List a month's closed days with their roots.

    Example: guanyun usage days 2026-03
    """
    from billing.usage import latest_days
    from foundation.values.month import Month
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {"day": day.day.isoformat(), "version": day.version, "root": day.root}
            for day in latest_days(view.transaction, Month.parse(month))
        ]
    show(rows, {"day": "日 day", "version": "版 version", "root": "根 root"}, json=json)


@app.command
def quarantined(month: str, *, json: Json = False) -> None:
    """List records set aside because the same key says two different things.

    Example: guanyun usage quarantined 2026-03
    """
    from billing.usage import quarantined as set_aside
    from foundation.evidence import plain
    from foundation.values.month import Month
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in set_aside(view.transaction, view.scope, Month.parse(month))]
    columns = {"day": "日 day", "key": "键 key", "resource": "资源 resource", "meter": "计量项 meter"}
    show(rows, columns | {"quantity": "数量 quantity"}, json=json)
