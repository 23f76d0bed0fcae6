"""``guanyun breakglass``: an act is needed now and whoever has the duty cannot be had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show

app = App(name="breakglass", help="Break-glass grants 应急授权")


@app.command
def ask(account: str, act: str, thing: str, *, reason: str, until: datetime) -> None:
    """Ask that an account may do an act to a thing for a while; another person must open it.

    Example: guanyun breakglass ask li.qiang request.approve request:1 --reason "…" --until 2026-03-02T08:00+08:00

    Parameters
    ----------
    until: when it ends, with its offset from UTC; at most a day away
    """
    from governance.authority import act_named, ask_glass

    wanted = act_named(act)
    with application() as opened:
        grant = ask_glass(opened.office, token(), account=account, act=wanted, subject=thing, reason=reason, ends=until)
    say(f"已申请应急授权 {grant.id},须由另一人开启", f"asked for {grant.id}: another person must open it")


@app.command(name="open")
def open_(grant: str) -> None:
    """Open what another person asked for. For the security administrator.

    Example: guanyun breakglass open glass_…
    """
    from governance.authority import open_glass

    with application() as opened:
        found = open_glass(opened.office, token(), grant)
    say(
        f"已开启,至 {found.ends_at:%Y-%m-%d %H:%M} UTC;须于 {found.review_due_at:%Y-%m-%d %H:%M} UTC 前复核",
        f"open until {found.ends_at:%Y-%m-%d %H:%M} UTC; to be reviewed by {found.review_due_at:%Y-%m-%d %H:%M} UTC",
    )


@app.command
def review(grant: str, *, finding: str) -> None:
    """Say what the review found. For a third person, of another organisation.

    Example: guanyun breakglass review glass_… --finding "…"
    """
    from governance.authority import review_glass

    with application() as opened:
        review_glass(opened.office, token(), grant, finding=finding)
    say("已复核", "reviewed")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List every grant: who may do what until when, and whose review is overdue.

    Example: guanyun breakglass list
    """
    from governance.authority import grants, viewing

    with application() as opened, viewing(opened.office, token()) as view:
        seen = [one for one in grants(view.transaction) if view.scope.agencies is None]
        rows = [_row(one, view.now) for one in seen]
    columns = {"id": "编号 id", "state": "状态 state", "account": "账号 account", "act": "事项 act", "on": "对象 on"}
    show(rows, {**columns, "ends_at": "至 until", "reason": "理由 reason"}, json=json)


def _row(grant: Any, now: datetime) -> dict[str, Any]:
    states = {
        "reviewed": grant.reviewed_at is not None,
        "review-overdue": grant.overdue(now),
        "lapsed": grant.opened_at is None and grant.ends_at <= now,
        "asked": grant.opened_at is None,
        "open": grant.ends_at > now,
    }
    state = next((name for name, holds in states.items() if holds), "to-be-reviewed")
    return {
        "id": grant.id,
        "state": state,
        "account": grant.account,
        "act": grant.act.value,
        "on": grant.subject,
        "ends_at": grant.ends_at,
        "reason": grant.reason,
        "review_due_at": grant.review_due_at,
        "finding": grant.finding or "",
    }
