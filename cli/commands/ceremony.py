"""``guanyun ceremony``: how an installation begins, once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cli.asking import Secrets
from cli.context import Json, settings
from cli.output import say, show_one

if TYPE_CHECKING:
    from governance.ceremony import Progress

app = App(name="ceremony", help="The first run 首次运行仪式")

SecretFd = Annotated[int | None, Parameter(help="Read the secret from this file descriptor")]


@app.command
def secret(account: str, *, secret_fd: SecretFd = None) -> None:
    """Turn a secret of your own into the line for the ceremony's file. Each of the three runs it, alone.

    Example: guanyun ceremony secret sun.wei
    """
    from governance.logins import check_new_password, hash_password, published_policy
    from governance.logins.errors import UnfitPassword

    chosen = Secrets(secret_fd).new_password(account)
    findings = check_new_password(chosen, published_policy(), account=account)
    if findings:
        raise UnfitPassword(count=len(findings), findings=findings)
    sys.stdout.write(f'secret: "{hash_password(chosen)}"\n')


@app.command
def begin(file: Path) -> None:
    """Begin with the file that names the three persons, their party and whose keys are made.

    Example: guanyun ceremony begin ceremony.yaml
    """
    from wiring.ceremony import begin_ceremony

    _told(begin_ceremony(settings(), file))


@app.command
def confirm(account: str, *, secret_fd: SecretFd = None) -> None:
    """Confirm as one of the three, with your own secret; the third closes the ceremony for good.

    Example: guanyun ceremony confirm sun.wei
    """
    from wiring.ceremony import confirm_ceremony

    _told(confirm_ceremony(settings(), account, Secrets(secret_fd).password(account)))


@app.command
def show(*, json: Json = False) -> None:
    """Show how far it is, or how it closed.

    Example: guanyun ceremony show
    """
    from foundation.evidence import plain
    from wiring.ceremony import ceremony_progress

    show_one(plain(ceremony_progress(settings())), json=json)


def _told(found: Progress) -> None:
    if found.closed_at is not None:
        say(
            f"仪式已结束,三员与密钥已建立;审计首条 {found.genesis[:16]}",
            f"closed: the three administrators and the keys are made; the log's first entry is {found.genesis[:16]}",
        )
        return
    done, missing = ", ".join(found.confirmed) or "—", ", ".join(found.missing)
    say(f"已确认:{done};待确认:{missing}", f"confirmed: {done}; waited for: {missing}")
