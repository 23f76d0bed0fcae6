"""``guanyun delegation``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.duties import read_duty
from cli.output import say, show

app = App(name="delegation", help="Delegation of duties 授权代行")


@app.command
def give(
    person: str,
    duty: str,
    *,
    until: str,
    because: str,
    since: str = "",
    act: tuple[str, ...] = (),
    subject: tuple[str, ...] = (),
) -> None:
    """Let a colleague use one of your own duties until an instant; it may be narrowed to acts and subjects.

    Example: guanyun delegation give person_3f0c confirm --until 2026-04-01T00:00:00+08:00 --because 出差
    """
    from foundation.values.instant import parse_instant
    from governance.personnel import Powers, give_delegation

    powers = Powers(read_duty(duty), frozenset(act), frozenset(subject))
    with application() as opened:
        given = give_delegation(
            opened.office,
            token(),
            person,
            powers,
            until=parse_instant(until, field="until"),
            since=parse_instant(since, field="since") if since else None,
            because=because,
        )
    say(f"已授权 {given.id}", f"{given.id} given")


@app.command
def revoke(delegation: str) -> None:
    """Take one of your own delegations back, from now on.

    Example: guanyun delegation revoke delegation_3f0c
    """
    from governance.personnel import revoke_delegation

    with application() as opened:
        new = revoke_delegation(opened.office, token(), delegation)
    say("已撤回" if new else "早已结束", "taken back" if new else "it had ended before")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the delegations you may see: an agency sees its own party's.

    Example: guanyun delegation list
    """
    from governance.authority import viewing
    from governance.parties import delegations

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [one.document() for one in delegations(view.transaction) if view.scope.covers(one.party)]
    columns = {
        "id": "编号 id",
        "party": "单位 party",
        "delegator": "授权人 delegator",
        "delegate": "代行人 delegate",
        "duty": "职责 duty",
        "since": "起 since",
        "until": "止 until",
    }
    show(rows, columns, json=json)
