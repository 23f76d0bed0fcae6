"""``guanyun login``, ``logout``, ``whoami``."""

from __future__ import annotations

import os
from typing import Annotated

from cyclopts import Parameter

from cli.context import Json, application, keep_token, settings, token
from cli.output import say, show_one


def login(
    account: str,
    *,
    password_fd: Annotated[int | None, Parameter(help="Read the password from this file descriptor")] = None,
) -> None:
    """Log in and leave an expiring token (mode 0600). The password is asked for, never an argument.

    Example: guanyun login zhang.min
    """
    from governance.authority import open_session
    from wiring.application import new_token

    password = _password(account, password_fd)
    with application() as opened:
        secret, expires = open_session(opened.office, account, password, token=new_token)
    keep_token(settings().session_file, account, secret, expires)
    until = expires.strftime("%Y-%m-%d %H:%M UTC")
    say(f"已登录 {account},到 {until} 为止", f"logged in as {account} until {until}")


def _password(account: str, descriptor: int | None) -> str:
    from foundation.values.errors import InvalidValue

    if descriptor is None:
        from getpass import getpass

        try:
            return getpass(f"{account} 密码 password: ")
        except (EOFError, UnicodeDecodeError):
            raise InvalidValue(field="password", found="nothing", expected="a line of UTF-8 text") from None
    try:
        with os.fdopen(descriptor, "r", encoding="utf-8") as stream:
            return stream.readline().rstrip("\r\n")
    except (OSError, ValueError):
        found = f"file descriptor {descriptor}"
        raise InvalidValue(field="--password-fd", found=found, expected="a readable line of UTF-8 text") from None


def logout() -> None:
    """End the login; the token is worth nothing from then on.

    Example: guanyun logout
    """
    from governance.authority import close_session

    with application() as opened:
        close_session(opened.office, token())
    settings().session_file.unlink(missing_ok=True)
    say("已退出", "logged out")


def whoami(*, json: Json = False) -> None:
    """Show account, party and duties of the login.

    Example: guanyun whoami
    """
    from governance.authority import viewing
    from governance.parties import party_of

    with application() as opened, viewing(opened.office, token()) as view:
        party = party_of(view.transaction, view.actor.party)
        show_one(
            {
                "account": view.actor.account,
                "person": view.actor.person,
                "party": party.id,
                "party_name": f"{party.zh} {party.en}",
                "duties": sorted(view.actor.duties),
            },
            json=json,
        )
