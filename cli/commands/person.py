"""``guanyun person``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from cli.asking import Secrets
from cli.context import Json, application, settings, token
from cli.duties import read_duty
from cli.output import say, show

app = App(name="person", help="Natural persons 自然人")

IdentityFd = Annotated[int | None, Parameter(help="Read the identity number from this file descriptor")]


@app.command
def record(
    name: str,
    *,
    unverified: Annotated[bool, Parameter(negative="", help="The identity is not known yet: may only read")] = False,
    identity_fd: IdentityFd = None,
) -> None:
    """Put a natural person on record. The identity number is asked for, never an argument, and only its hash is kept.

    Example: guanyun person record 何建国
    """
    from governance.personnel import record_person
    from wiring.identity import identity_hash

    number = "" if unverified else Secrets(identity_fd).identity(name)
    with application() as opened:
        hashing = identity_hash(settings())
        person, new = record_person(opened.office, token(), name, identity_number=number, identity=hashing)
    say(f"{'已登记' if new else '早已登记'} {person.id}", f"{person.id} {'recorded' if new else 'was on record'}")


@app.command
def verify(person: str, *, identity_fd: IdentityFd = None) -> None:
    """Put down who somebody on record is. Until then their accounts may only read.

    Example: guanyun person verify person_3f0c
    """
    from governance.personnel import verify_person
    from wiring.identity import identity_hash

    number = Secrets(identity_fd).identity(person)
    with application() as opened:
        new = verify_person(opened.office, token(), person, number, identity=identity_hash(settings()))
    say("身份已核实" if new else "没有变化", "identity verified" if new else "nothing changed")


@app.command
def correct(person: str, *, name: str) -> None:
    """Correct somebody's name. The audit log holds ids only, so it stays true.

    Example: guanyun person correct person_3f0c --name 何建国
    """
    from governance.personnel import correct_person

    with application() as opened:
        new = correct_person(opened.office, token(), person, name=name)
    say("已更正" if new else "没有变化", "corrected" if new else "nothing changed")


@app.command
def join(person: str, party: str, *, since: str = "", until: str = "") -> None:
    """Somebody belongs to a party from now on, or over [since, until).

    Example: guanyun person join person_3f0c hrss
    """
    from foundation.values.instant import parse_instant
    from governance.personnel import join_party

    with application() as opened:
        join_party(
            opened.office,
            token(),
            person,
            party,
            since=parse_instant(since, field="since") if since else None,
            until=parse_instant(until, field="until") if until else None,
        )
    say(f"{person} 已任职于 {party}", f"{person} belongs to {party}")


@app.command
def account(name: str, person: str, party: str) -> None:
    """Open an account inside a membership. It can do nothing until the security administrator grants it duties.

    Example: guanyun person account he.jianguo person_3f0c hrss
    """
    from governance.personnel import open_account

    with application() as opened:
        _, new = open_account(opened.office, token(), name, person, party)
    say(f"账号 {name} {'已开设' if new else '早已开设'}", f"account {name} {'opened' if new else 'was open'}")


@app.command
def grant(account: str, *duties: str) -> None:
    """Let an account have exactly these duties. For the security administrator, who did not open it.

    Example: guanyun person grant he.jianguo confirm delegate
    """
    from governance.personnel import grant_duties

    with application() as opened:
        new = grant_duties(opened.office, token(), account, [read_duty(duty) for duty in duties])
    say("职责已变更" if new else "没有变化", "duties changed" if new else "nothing changed")


@app.command
def leave(person: str, party: str = "", *, because: str) -> None:
    """Somebody leaves a party, or every one: memberships, accounts, logins, tokens, delegations end, tasks go back.

    Example: guanyun person leave person_3f0c hrss --because 调离
    """
    from governance.personnel import leave as do

    with application() as opened:
        gone = do(opened.office, token(), person, party, because=because)
    say(
        f"已结束任职 {gone.memberships}、账号 {len(gone.accounts)}、授权 {gone.delegations},退回待办 {gone.tasks}",
        f"ended: {gone.memberships} memberships, {len(gone.accounts)} accounts, {gone.delegations} delegations; "
        f"{gone.tasks} tasks handed back",
    )


@app.command
def merge(person: str, other: str, *, because: str) -> None:
    """Two persons were found to be one: every decision of either is looked at again. For the security administrator.

    Example: guanyun person merge person_3f0c person_77aa --because 身份核查
    """
    from governance.personnel import merge_found_persons

    with application() as opened:
        new, found = merge_found_persons(opened.office, token(), person, other, because=because)
    zh, en = ("已合并", "merged") if new else ("早已合并", "were one already")
    say(f"{zh};新发现冲突 {len(found)} 项:guanyun audit conflicts", f"{en}; {len(found)} new: guanyun audit conflicts")


@app.command
def memberships(person: str = "", *, json: Json = False) -> None:
    """List who belongs, and belonged, to which party; an agency sees its own.

    Example: guanyun person memberships
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.parties import memberships as every

    with application() as opened, viewing(opened.office, token()) as view:
        found = every(view.transaction, person=person or None)
        rows = [plain(one) for one in found if view.scope.covers(one.party)]
    columns = {"person": "自然人 person", "party": "单位 party", "since": "起 since", "until": "止 until"}
    show(rows, columns, json=json)
