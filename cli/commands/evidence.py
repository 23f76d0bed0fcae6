"""``guanyun evidence``: probe logs become SLI minutes, minutes become signed roots."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import print_findings, say, show

app = App(name="evidence", help="Probe logs and SLI minutes 可用性证据")


@app.command(name="import")
def import_(log: Path) -> int:
    """Import a signed probe log with the signature beside it. Nothing is written on any finding.

    Example: guanyun evidence import examples/probe/2026-03-hrss-cloud-host.jsonl.gz
    """
    from monitoring import import_probe_log

    with application() as opened:
        taken, findings = import_probe_log(opened.office, token(), log, opened.key_ring)
    print_findings(findings)
    if taken is None:
        say("没有记录任何证据", "nothing was recorded")
        return 2
    count, what = taken.counts, f"{taken.manifest.agency} {taken.manifest.service} {taken.manifest.month}"
    say(
        f"{what}:可用 {count.up} 分钟,不可用 {count.down},未知 {count.unknown}",
        f"{what}: {count.up} minutes up, {count.down} down, {count.unknown} unknown",
    )
    if not taken.new:
        say("以前已导入,没有变化", "imported before: nothing changed")
    return 0


@app.command
def seal(month: str) -> None:
    """Seal a month's minutes: each day's root is signed and handed out. Unchanged days stay.

    Example: guanyun evidence seal 2026-03
    """
    from foundation.values.month import Month
    from monitoring import seal_days

    with application() as opened:
        sealed = seal_days(
            opened.office,
            token(),
            Month.parse(month),
            signer=opened.signer("operator.evidence"),
            salt=opened.salts,
        )
    say(f"已封存 {len(sealed)} 天", f"{len(sealed)} days sealed")


@app.command
def minutes(month: str, *, json: Json = False) -> None:
    """List the counted minutes by agency, service and day.

    Example: guanyun evidence minutes 2026-03
    """
    from foundation.values.month import Month
    from governance.authority import viewing
    from governance.sla import count_minutes
    from monitoring import month_minutes

    with application() as opened, viewing(opened.office, token()) as view:
        days = month_minutes(view.transaction, view.scope, Month.parse(month))
    rows = []
    for day in days:
        count = count_minutes(day.states)
        rows.append(
            {
                "agency": day.agency,
                "service": day.service,
                "day": day.day.isoformat(),
                "up": count.up,
                "down": count.down,
                "unknown": count.unknown,
                "excluded": count.excluded,
                "source": day.source,
            }
        )
    columns = {
        "agency": "单位 agency",
        "service": "服务 service",
        "day": "日 day",
        "up": "可用 up",
        "down": "不可用 down",
        "unknown": "未知 unknown",
        "excluded": "除外 excluded",
    }
    show(rows, columns, json=json)
