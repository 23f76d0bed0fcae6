"""``guanyun audit``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.output import console, say, show

app = App(name="audit", help="The audit log 审计日志")


@app.command(name="list")
def list_(*, subject: str | None = None, refused: bool = False, last: int = 50, json: Json = False) -> None:
    """List audit entries, the last ones by default; an agency sees those of its own accounts.

    Example: guanyun audit list --refused

    Parameters
    ----------
    subject: only entries about this thing, such as request:REQ-2026-0001
    refused: only refusals
    last: how many, counted from the end
    """
    from governance.audit import AuditEvent
    from governance.authority import audit_entries, viewing

    with application() as opened, viewing(opened.office, token()) as view:
        entries = [
            entry for entry in audit_entries(view, subject=subject) if not refused or entry.event == AuditEvent.REFUSED
        ]
    rows = [
        {
            "number": entry.number,
            "recorded_at": entry.recorded_at,
            "business_at": entry.business_at,
            "event": entry.event,
            "account": entry.account,
            "subject": entry.subject,
            "facts": entry.facts,
            "hash": entry.hash,
        }
        for entry in entries[-last:]
    ]
    columns = {
        "number": "#",
        "business_at": "业务时间 business",
        "event": "事件 event",
        "account": "账号 account",
        "subject": "对象 subject",
        "facts": "事实 facts",
    }
    show(rows, columns, json=json)


@app.command
def verify() -> int:
    """Walk the whole chain and name the first entry that was touched.

    Example: guanyun audit verify

    Heads that were handed out are checked by: guanyun verify --live
    """
    from governance import audit
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        broken = audit.first_break(audit.entries(view.transaction))
        number, head = audit.head(view.transaction)
    if broken is not None:
        console.print(f"第 {broken.number} 条:{broken.zh} · entry {broken.number}: {broken.en}", markup=False)
        return 3
    say(f"审计链完整:{number} 条,链头 {head[:16]}", f"the chain holds: {number} entries, head {head[:16]}")
    return 0
