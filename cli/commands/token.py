"""``guanyun token``: tokens for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.context import Json, application
from cli.context import token as session_token
from cli.output import console, say, show

if TYPE_CHECKING:
    from governance.logins import ApiToken

app = App(name="token", help="API tokens 接口令牌")


@app.command
def make(
    name: str,
    *,
    days: int = 30,
    act: list[str] | None = None,
    read_only: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Make a token that acts as you under the duty you serve now. It is shown once, on a line of its own.

    Put it into a file of mode 0600 and name that file in GUANYUN_TOKEN_FILE.

    Example: guanyun token make collector --days 30 --act usage.collect

    Parameters
    ----------
    name: what you will know it by
    days: how long it lasts
    act: an act of the duty it is to be good for; may be said several times (default: all of them)
    read_only: it may look at what you may see, and do nothing
    """
    from governance.authority import make_token
    from wiring.application import new_token

    with application() as opened:
        made, secret = make_token(
            opened.office, session_token(), name, days=days, acts=act or (), read_only=read_only, secret=new_token
        )
    until = made.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    say(f"令牌 {name}(职责 {made.duty},到 {until} 为止),只显示这一次:", f"token {name}, shown this once:")
    console.print(secret, markup=False)


@app.command(name="ls")
def ls(*, json: Json = False) -> None:
    """List your tokens: their limits, when each was last used, which have ended. Never the tokens themselves.

    Example: guanyun token ls
    """
    from governance.authority import own_tokens

    with application() as opened:
        rows = [_row(one) for one in own_tokens(opened.office, session_token())]
    columns = {
        "name": "名称 name",
        "duty": "职责 duty",
        "acts": "行为 acts",
        "read_only": "只读 read-only",
        "expires_at": "到期 expires",
        "used_at": "上次使用 last used",
        "ended_at": "终止 ended",
        "because": "原因 because",
    }
    show(rows, columns, json=json)


@app.command
def revoke(name: str) -> None:
    """End one of your tokens at once.

    Example: guanyun token revoke collector
    """
    from governance.authority import revoke_token

    with application() as opened:
        ended = revoke_token(opened.office, session_token(), name)
    say(f"令牌 {name} 已终止" if ended else f"令牌 {name} 早已终止,没有变化", "ended" if ended else "ended before")


def _row(one: ApiToken) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "duty": one.duty.value,
        "acts": sorted(one.acts),
        "read_only": one.read_only,
        "made_at": one.made_at,
        "expires_at": one.expires_at,
        "used_at": one.used_at,
        "ended_at": one.ended_at,
        "because": one.because,
    }
