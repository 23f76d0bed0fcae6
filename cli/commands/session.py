"""``guanyun login``, ``logout``, ``whoami``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.asking import Secrets
from cli.context import Json, application, keep_token, settings, token
from cli.output import say, show_one

if TYPE_CHECKING:
    from governance.authority import Door
    from governance.logins import Opened
    from governance.parties import Duty
    from wiring.application import Application

PasswordFd = Annotated[
    int | None, Parameter(help="Read the password, and the code on the next line, from this file descriptor")
]


def login(
    account: str = "",
    *,
    duty: str | None = None,
    switch: str | None = None,
    oidc: Annotated[bool, Parameter(negative="")] = False,
    bind: Annotated[bool, Parameter(negative="")] = False,
    password_fd: PasswordFd = None,
) -> None:
    """Log in under one duty and leave an expiring token (mode 0600). Password and code are asked for, never arguments.

    Example: guanyun login zhang.min --duty publish

    Parameters
    ----------
    duty: which of the account's duties this login serves; needed where there are several
    switch: let the present login serve another duty
    oidc: prove who you are to the issuer of unified identities, in a browser
    bind: with --oidc: bind that identity to the person who is logged in
    """
    from cli.errors import WrongWords
    from wiring.logins import door

    asked = Secrets(password_fd)
    with application() as opened:
        if switch is not None:
            _switch(opened, switch, asked)
            return
        if bind and not oidc:
            raise WrongWords(what_zh="--bind 须与 --oidc 同用", what_en="--bind goes with --oidc")
        if oidc:
            found = _through_issuer(opened, account, duty, asked, bind=bind)
        elif account:
            found = _with_password(opened, account, duty, asked, door(opened))
        else:
            raise WrongWords(what_zh="缺少账号名", what_en="missing: ACCOUNT")
    if found is None:
        return
    keep_token(settings().session_file, found.account, found.token, found.expires_at)
    until = found.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    say(
        f"已登录 {found.account},职责 {found.duty},到 {until} 为止,空闲 {found.idle_minutes} 分钟即退出",
        f"logged in as {found.account} for {found.duty} until {until}, or {found.idle_minutes} minutes unused",
    )


def _with_password(opened: Application, account: str, duty: str | None, asked: Secrets, at: Door) -> Opened:
    from governance.authority import open_session
    from governance.logins.errors import SecondFactorNeeded

    chosen = None if duty is None else _duty(duty)
    password = asked.password(account)
    try:
        return open_session(opened.office, account, password, door=at, duty=chosen)
    except SecondFactorNeeded:
        code = asked.code(account)
        return open_session(opened.office, account, password, door=at, duty=chosen, code=code)


def _switch(opened: Application, duty: str, asked: Secrets) -> None:
    from governance.authority import switch_duty
    from governance.logins.errors import SecondFactorNeeded
    from wiring.logins import door

    chosen, at = _duty(duty), door(opened)
    try:
        before = switch_duty(opened.office, token(), chosen, door=at)
    except SecondFactorNeeded as needed:
        code = asked.code(str(needed.facts["account"]))
        before = switch_duty(opened.office, token(), chosen, door=at, code=code)
    say(f"职责由 {before} 换为 {duty}", f"this login served {before} and now serves {duty}")


def _through_issuer(
    opened: Application, account: str, duty: str | None, asked: Secrets, *, bind: bool
) -> Opened | None:
    from cli.issuer import prove_identity
    from governance.authority import bind_own_subject, open_session_of_subject
    from governance.logins.errors import SecondFactorNeeded
    from wiring.logins import door, subject_hasher

    chosen, at = None if duty is None else _duty(duty), door(opened)
    hasher = subject_hasher(opened.settings)
    if bind:
        new = bind_own_subject(opened.office, token(), prove_identity(opened), hasher=hasher)
        say("统一身份已绑定" if new else "早已绑定,没有变化", "bound" if new else "bound before: nothing changed")
        return None
    proved = prove_identity(opened)

    def enter(code: str) -> Opened:
        return open_session_of_subject(
            opened.office, proved, hasher=hasher, door=at, account=account, duty=chosen, code=code
        )

    try:
        return enter("")
    except SecondFactorNeeded as needed:
        return enter(asked.code(str(needed.facts["account"])))


def _duty(word: str) -> Duty:
    from foundation.values.errors import InvalidValue
    from governance.parties import Duty

    try:
        return Duty(word)
    except ValueError:
        raise InvalidValue(field="duty", found=word, expected=", ".join(Duty)) from None


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
    """Show account, party and the duty the login serves.

    Example: guanyun whoami
    """
    from governance.authority import viewing
    from governance.logins import duties_for
    from governance.parties import account_of, party_of

    with application() as opened, viewing(opened.office, token()) as view:
        party = party_of(view.transaction, view.actor.party)
        account = account_of(view.transaction, view.actor.account)
        held = () if account is None else duties_for(view.transaction, account, view.now)
        show_one(
            {
                "account": view.actor.account,
                "person": view.actor.person,
                "party": party.id,
                "party_name": f"{party.zh} {party.en}",
                "duty": next(iter(view.actor.duties), ""),
                "may_switch_to": sorted(set(held) - view.actor.duties),
            },
            json=json,
        )
