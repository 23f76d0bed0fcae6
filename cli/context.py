"""What a command starts from: the settings, the opened installation, the token of whoever is logged in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from wiring.application import Application
    from wiring.settings import Settings

Json = Annotated[bool, Parameter(name="--json", negative="", help="JSON instead of a table 输出 JSON")]
Yes = Annotated[bool, Parameter(name=["--yes", "-y"], negative="", help="Do not ask 不再询问")]


def settings() -> Settings:
    """The settings from the environment."""
    from wiring.settings import Settings

    return Settings()


@contextmanager
def application() -> Iterator[Application]:
    """The installation, opened for one command; what the command announced is delivered at its end.

    What an earlier command left undelivered is tried first. An event that cannot be delivered stops no command, and
    holds up nothing but the later ones of its own subject; it is said once, and tried again by whoever comes next.
    """
    from wiring.application import open_application

    opened = open_application(settings())
    try:
        _deliver(opened)
        yield opened
        told = _deliver(opened)
        if told is not None:
            from cli.output import warn

            warn(*told)
    finally:
        opened.store.close()


def _deliver(opened: Application) -> tuple[str, str] | None:
    """Deliver what is outstanding; what there is to say about what could not be, in both languages."""
    from wiring.subscriptions import deliver_outstanding, stuck_events

    try:
        if not deliver_outstanding(opened).stuck:
            return None
        found = stuck_events(opened)
    except Exception as error:
        from cli.failures import in_words
        from foundation.values.errors import GuanyunError

        failed = error if isinstance(error, GuanyunError) else in_words(error)
        if failed is None:
            raise
        return (
            f"事件暂未送达,下一条命令会再试:{failed.text('zh')}",
            f"events are not delivered yet, the next command tries again: {failed.text('en')}",
        )
    if found is None:
        return None
    waiting = found.retrying + found.behind
    return (
        f"{waiting} 个事件尚未送达,将重试;{found.dead} 个已不再重试,等待人工处理:{found.zh}",
        f"{waiting} events are not delivered yet and will be tried again, {found.dead} wait for a person: {found.en}",
    )


def token() -> str:
    """The API token of ``GUANYUN_TOKEN_FILE``, or what ``guanyun login`` left; empty where there is none or the file
    is damaged."""
    chosen = settings()
    if chosen.token_file is not None:
        return _api_token(chosen.token_file)
    path = chosen.session_file
    if not path.exists():
        return ""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # not JSON, or not UTF-8: a damaged login is none
        return ""
    found = kept.get("token", "") if isinstance(kept, dict) else ""
    return found if isinstance(found, str) else ""


def _api_token(path: Path) -> str:
    from cli.errors import FileUnusable

    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else "not a token"
        raise FileUnusable(file=path, reason=reason) from None


def served_duty() -> str | None:
    """The duty the login serves; None where nobody is logged in, or the login has ended."""
    from governance.authority import viewing
    from governance.errors import NotLoggedIn
    from wiring.application import open_application

    opened = open_application(settings())
    try:
        with viewing(opened.office, token()) as view:
            return next(iter(view.actor.duties), "")
    except NotLoggedIn:
        return None
    finally:
        opened.store.close()


def keep_token(path: Path, account: str, secret: str, expires: datetime) -> None:
    """Leave the token in a file of mode 0600, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(path.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)  # a partial file of an earlier try may have had another mode
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"account": account, "token": secret, "expires": expires.isoformat()}, file)
    partial.replace(path)


def confirmed(question_zh: str, question_en: str, *, yes: bool) -> bool:
    """Ask, unless told not to. Without a terminal on both sides raises ``NeedsYes``."""
    if yes:
        return True
    from rich.prompt import Confirm

    from cli.errors import NeedsYes
    from cli.output import console

    if not (console.is_terminal and sys.stdin.isatty()):
        raise NeedsYes
    return Confirm.ask(f"{question_zh} {question_en}", console=console, default=False)
