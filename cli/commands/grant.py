"""``guanyun grant``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.commands.stepping import take
from cli.context import Json, application, token
from cli.output import say, show, show_one
from cli.reading import accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tenants.grants import Grant

app = App(name="grant", help="Use of datasets and application support 数据与应用支撑授权")

Digest = Annotated[str, Parameter(help="The digest shown by `grant show`: what you decide on")]
Reason = Annotated[str, Parameter(help="Why, for the other side to read")]


@app.command
def ask(file: Path) -> None:
    """Ask to use a dataset, or application support (e-licence, identity). For an agency.

    Example: guanyun grant ask examples/grant.yaml
    """
    from tenants.grants import ask_grant, read_wish

    wish = accepted(*read_wish(file))
    with application() as opened:
        grant, new = ask_grant(opened.office, token(), wish)
    if new:
        say(
            f"{grant.number} 已提交,由 {grant.holder} 决定,摘要 {grant.digest[:12]}",
            f"{grant.number} is handed in; {grant.holder} decides; digest {grant.digest[:12]}",
        )
    else:
        say(f"{grant.number} 早已提交,没有变化", f"{grant.number} was handed in before: nothing changed")


@app.command
def approve(grant: str, *, digest: Digest) -> None:
    """Allow the use. For the dataset's holder; for application support, whoever decides for the agency.

    Example: guanyun grant approve GRT-2026-000001 --digest 3f9a…
    """
    from tenants.grants import approve_grant

    _do(approve_grant, grant, digest=digest)


@app.command
def reject(grant: str, *, digest: Digest, because: Reason) -> None:
    """Turn the use down. For whoever may approve it.

    Example: guanyun grant reject GRT-2026-000001 --digest 3f9a… --because "no legal basis"
    """
    from tenants.grants import reject_grant

    _do(reject_grant, grant, digest=digest, reason=because)


@app.command
def revoke(grant: str, *, digest: Digest, because: Reason) -> None:
    """Take an approved grant back at once. For whoever may approve it.

    Example: guanyun grant revoke GRT-2026-000001 --digest 3f9a… --because "used for something else"
    """
    from tenants.grants import revoke_grant

    _do(revoke_grant, grant, digest=digest, reason=because)


@app.command
def withdraw(grant: str, *, digest: Digest) -> None:
    """Take your application back, or stop using what was granted. For the agency.

    Example: guanyun grant withdraw GRT-2026-000001 --digest 3f9a…
    """
    from tenants.grants import withdraw_grant

    _do(withdraw_grant, grant, digest=digest)


def _do(act: Callable[..., tuple[Grant, bool]], grant: str, **given: Any) -> None:
    take(act, grant, lambda one: (one.number, one.number), **given)


@app.command(name="show")
def show_(grant: str, *, json: Json = False) -> None:
    """Show one grant that you asked for or decide on.

    Example: guanyun grant show GRT-2026-000001
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.grants import grant_of

    with application() as opened, viewing(opened.office, token()) as view:
        found = grant_of(view, grant)
    show_one(plain(found), json=json)


@app.command(name="list")
def list_(*, to_decide: bool = False, after: str = "", json: Json = False) -> None:
    """List grants you asked for, or (--to-decide) that others asked of you.

    Example: guanyun grant list --to-decide
    """
    from governance.authority import viewing
    from tenants.grants import grants, grants_to_decide

    with application() as opened, viewing(opened.office, token()) as view:
        found = grants_to_decide(view, after=after) if to_decide else grants(view, after=after)
    columns = {
        "number": "编号 number",
        "agency": "单位 agency",
        "offer": "类别 offer",
        "thing": "对象 thing",
        "start": "起 from",
        "end": "止 until",
        "state": "状态 state",
        "digest": "摘要 digest",
    }
    show([_row(one) for one in found], columns, json=json)


def _row(grant: Grant) -> Mapping[str, Any]:
    return {
        "number": grant.number,
        "agency": grant.agency,
        "offer": grant.wish.offer.value,
        "thing": grant.wish.thing,
        "start": grant.wish.start,
        "end": grant.wish.end,
        "state": grant.state.value,
        "digest": grant.digest,
    }


@app.command
def access(dataset: str, *, json: Json = False) -> int:
    """Say whether your party may read a dataset now, under what, and which items; ends with 6 where it may not.

    Example: guanyun grant access employment-registration
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.grants import access as may_read

    with application() as opened, viewing(opened.office, token()) as view:
        found = may_read(view, dataset)
    show_one(plain(found), json=json)
    return 0 if found.allowed else 6
