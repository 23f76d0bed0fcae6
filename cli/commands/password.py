"""``guanyun password``: passwords, codes, locks, and the rules of logging in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from cli.asking import Secrets
from cli.commands.session import PasswordFd
from cli.context import Json, application, token
from cli.output import console, say, show, show_one

app = App(name="password", help="Passwords, codes, locks 口令、动态口令、锁定")


@app.command
def change(account: str, *, password_fd: PasswordFd = None) -> None:
    """Change your own password; also the way in when it has expired. Your other logins end.

    Example: guanyun password change zhang.min
    """
    from governance.authority import change_password
    from governance.logins.errors import SecondFactorNeeded
    from wiring.logins import door

    asked = Secrets(password_fd)
    old, new = asked.password(account), asked.new_password(account)
    with application() as opened:
        at = door(opened)
        try:
            change_password(opened.office, account, old, new, door=at)
        except SecondFactorNeeded:
            change_password(opened.office, account, old, new, door=at, code=asked.code(account))
    say(f"{account} 的口令已修改,请重新登录", f"the password of {account} is changed: log in anew")


@app.command
def give(account: str) -> None:
    """Give somebody a first password, shown once; they must change it. For a system administrator.

    Example: guanyun password give chen.jing
    """
    from governance.authority import give_password
    from wiring.logins import new_password

    with application() as opened:
        made = new_password()
        give_password(opened.office, token(), account, made)
    say(f"{account} 的初始口令(只显示这一次):{made}", f"the first password of {account}, shown this once: {made}")


@app.command
def code(account: str, *, password_fd: PasswordFd = None) -> None:
    """Get a second factor: a secret for your authenticator, shown once, then recovery codes, shown once.

    Example: guanyun password code li.qiang
    """
    from governance.authority import begin_second_factor, confirm_second_factor
    from wiring.logins import door

    asked = Secrets(password_fd)
    password = asked.password(account)
    with application() as opened:
        at = door(opened)
        begun = begin_second_factor(opened.office, account, password, door=at)
        say(
            f"密钥(只显示这一次):{begun.secret} {begun.address}",
            f"the secret, shown this once: {begun.secret} {begun.address}",
        )
        codes = confirm_second_factor(opened.office, account, password, asked.code(account), door=at)
    say("动态口令已启用。恢复码各用一次,请抄下收好:", "the second factor counts. Recovery codes, each good once:")
    for each in codes:
        console.print(each, markup=False)


@app.command(name="remove-code")
def remove_code(account: str) -> None:
    """Take somebody's second factor away whose device is lost; their logins end. For a security administrator.

    Example: guanyun password remove-code li.qiang
    """
    from governance.authority import take_second_factor

    with application() as opened:
        taken = take_second_factor(opened.office, token(), account)
    if taken:
        say(f"{account} 的动态口令已取消", f"the second factor of {account} is taken away")
    else:
        say(f"{account} 没有动态口令,没有变化", f"{account} has none: nothing changed")


@app.command
def unlock(account: str) -> None:
    """Forget the failures at an account, so that its owner may try again. For a security administrator.

    Example: guanyun password unlock chen.jing
    """
    from governance.authority import unlock_account

    with application() as opened:
        changed = unlock_account(opened.office, token(), account)
    if changed:
        say(f"{account} 已解锁", f"{account} is unlocked")
    else:
        say(f"{account} 没有失败记录,没有变化", f"nothing was counted against {account}: nothing changed")


@app.command
def bind(
    person: str,
    *,
    subject_fd: Annotated[int | None, Parameter(help="Read the subject from this file descriptor")] = None,
) -> None:
    """Bind what the issuer calls somebody to that natural person. For a security administrator.

    Who can log in binds their own with guanyun login --oidc --bind.

    Example: guanyun password bind person_0123456789abcdef
    """
    from governance.authority import bind_subject_of
    from wiring.logins import issuer, subject_hasher

    subject = Secrets(subject_fd).subject(person)
    with application() as opened:
        address, hasher = issuer(opened.settings).address, subject_hasher(opened.settings)
        new = bind_subject_of(opened.office, token(), person, address, subject, hasher=hasher)
    if new:
        say(f"统一身份已绑定到 {person}", f"the identity is bound to {person}")
    else:
        say("早已绑定,没有变化", "bound before: nothing changed")


@app.command
def locks(*, json: Json = False) -> None:
    """List the accounts you may see that are locked, and until when.

    Example: guanyun password locks
    """
    from governance.authority import locks as locks_of
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        found = locks_of(view, now=opened.office.clocks.real())
    rows = [{"account": account, "locked_until": until} for account, until in sorted(found.items())]
    show(rows, {"account": "账号 account", "locked_until": "锁定至 until"}, json=json)


@app.command
def policy(file: Path | None = None, *, json: Json = False) -> None:
    """Show the rules of logging in, or set them from a YAML file. Setting is for a security administrator.

    Example: guanyun password policy login-policy.yaml
    """
    from governance.authority import set_login_policy, viewing
    from governance.logins import policy_in_force, read_policy
    from governance.logins.errors import UnfitPolicy

    with application() as opened:
        if file is None:
            with viewing(opened.office, token()) as view:
                show_one(policy_in_force(view.transaction).document(), json=json)
            return
        wanted, findings = read_policy(file)
        if wanted is None:
            raise UnfitPolicy(count=len(findings), findings=findings)
        number = set_login_policy(opened.office, token(), wanted)
    if number is None:
        say("现行规则即是如此,没有变化", "these rules hold already: nothing changed")
    else:
        say(f"登录规则第 {number} 版已生效", f"the rules of logging in, version {number}, hold from now on")
