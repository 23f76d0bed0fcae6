"""``guanyun party``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.context import Json, application, settings, token
from cli.output import say, show, show_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from governance.reorganisation import Applied

app = App(name="party", help="Parties, leaders, reorganisation 单位与机构改革")


@app.command
def record(file: Path) -> None:
    """Record levels, places, parties, their responsible leaders and their suppliers. For the system administrator.

    Example: guanyun party record parties.yaml
    """
    from cli.reading import accepted
    from governance.personnel import read_parties, record_parties
    from wiring.identity import identity_hash

    document = accepted(*read_parties(file))
    with application() as opened:
        new = record_parties(opened.office, token(), document, identity=identity_hash(settings()))
    say(f"新登记 {new} 项", f"{new} new records")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the parties, with level, place, superior and the time they are there.

    Example: guanyun party list
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.parties import parties

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(party) for party in parties(view.transaction)]
    columns = {
        "id": "编号 id",
        "kind": "类别 kind",
        "level": "级次 level",
        "place": "地方 place",
        "superior": "上级 superior",
        "organisation": "机构 organisation",
        "zh": "名称",
        "en": "name",
        "until": "止 until",
    }
    show(rows, columns, json=json)


@app.command
def levels(*, json: Json = False) -> None:
    """List the levels and the places that have them.

    Example: guanyun party levels
    """
    from governance.authority import viewing
    from governance.parties import levels as every
    from governance.parties import places

    with application() as opened, viewing(opened.office, token()) as view:
        named = {level.id: level for level in every(view.transaction)}
        found = sorted(places(view.transaction), key=lambda place: (named[place.level].rank, place.id))
    rows = [
        {"place": one.id, "level": one.level, "level_zh": named[one.level].zh, "zh": one.zh, "superior": one.superior}
        for one in found
    ]
    show(rows, {"place": "地方 place", "level_zh": "级次 level", "zh": "名称", "superior": "上级 superior"}, json=json)


@app.command
def appoint(party: str, person: str, *, since: str = "") -> None:
    """Name who answers for an agency from now on, or from an instant. For the system administrator.

    Example: guanyun party appoint hrss person_3f0c
    """
    from foundation.values.instant import parse_instant
    from governance.personnel import appoint as do

    with application() as opened:
        at = parse_instant(since, field="since") if since else None
        new = do(opened.office, token(), party, person, since=at)
    if new:
        say(f"{party} 的责任领导已变更", f"{party} has another responsible leader")
    else:
        say("没有变化", "nothing changed")


@app.command
def leaders(party: str = "", *, json: Json = False) -> None:
    """List who answers, and answered, for an agency or for all you may see.

    Example: guanyun party leaders hrss
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.parties import leaders as every

    with application() as opened, viewing(opened.office, token()) as view:
        found = every(view.transaction, party or None)
        rows = [plain(one) for one in found if view.scope.covers(one.party)]
    columns = {"party": "单位 party", "person": "责任领导 leader", "since": "起 since", "until": "止 until"}
    show(rows, columns, json=json)


@app.command
def accounts(*, json: Json = False) -> None:
    """List the accounts you may see: an agency sees its own party's.

    Example: guanyun party accounts
    """
    from governance.authority import viewing
    from governance.parties import accounts as every
    from governance.parties import person_of

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {
                "account": account.name,
                "party": account.party,
                "duties": sorted(account.duties),
                "person": account.person,
                "name": person_of(view.transaction, account.person).name,
                "until": account.until.isoformat() if account.until else None,
            }
            for account in every(view.transaction)
            if view.scope.covers(account.party)
        ]
    columns = {
        "account": "账号 account",
        "party": "单位 party",
        "duties": "职责 duties",
        "name": "姓名 name",
        "person": "自然人 person",
        "until": "止 until",
    }
    show(rows, columns, json=json)


@app.command
def reorganise(file: Path) -> None:
    """Draft a reorganisation 机构改革 from a file; another person of the bureau publishes it.

    Example: guanyun party reorganise reorganisation.yaml
    """
    from cli.reading import accepted
    from governance.reorganisation import draft_reorganisation, read_reorganisation
    from wiring.succession import succession

    wanted = accepted(*read_reorganisation(file))
    with application() as opened:
        draft_reorganisation(opened.office, token(), wanted, succession())
    say(
        f"已起草 {wanted.id},待另一人发布:guanyun party publish {wanted.id} --digest {wanted.digest}",
        f"{wanted.id} drafted; another person: guanyun party publish {wanted.id} --digest {wanted.digest}",
    )


@app.command
def publish(id: str, *, digest: str) -> None:  # noqa: A002 - the argument's name
    """Publish the reorganisation that has this digest. Where its date has come everything open follows at once.

    Example: guanyun party publish JG-2026-01 --digest 5f2c…
    """
    from governance.reorganisation import publish_reorganisation
    from wiring.succession import succession

    with application() as opened:
        applied = publish_reorganisation(opened.office, token(), id, succession(), digest=digest)
    if applied is None:
        say(f"{id} 已发布,到期生效", f"{id} is published and takes effect at its date")
    else:
        _say_moved([applied])


@app.command
def apply() -> None:
    """Apply the published reorganisations whose date has come. The worker does so by itself.

    Example: guanyun party apply
    """
    from wiring.succession import apply_what_is_due

    with application() as opened:
        applied = apply_what_is_due(opened)
    if applied:
        _say_moved(applied)
    else:
        say("没有到期的机构改革", "no reorganisation is due")


@app.command
def reorganisation(id: str, *, json: Json = False) -> None:  # noqa: A002 - the argument's name
    """Show all that a reorganisation says, its digest, and what it moved: what whoever publishes it has to read.

    Example: guanyun party reorganisation JG-2026-01
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.reorganisation import moves_of, reorganisation_of

    with application() as opened, viewing(opened.office, token()) as view:
        one = reorganisation_of(view.transaction, id)
        said: dict[str, Any] = {
            **plain(one.reorganisation),
            "digest": one.reorganisation.digest,
            "state": one.state.value,
            "moved": dict(moves_of(view.transaction, id)),
        }
    show_one(said, json=json)


@app.command
def reorganisations(*, json: Json = False) -> None:
    """List the reorganisations, with the digest that publishing binds to.

    Example: guanyun party reorganisations
    """
    from governance.authority import viewing
    from governance.reorganisation import moves_of
    from governance.reorganisation import reorganisations as every

    with application() as opened, viewing(opened.office, token()) as view:
        rows: list[dict[str, Any]] = [
            {
                "id": one.reorganisation.id,
                "document_number": one.reorganisation.document_number,
                "zh": one.reorganisation.zh,
                "at": one.reorganisation.at.isoformat(),
                "state": one.state.value,
                "state_zh": one.state.zh,
                "digest": one.reorganisation.digest,
                "moved": dict(moves_of(view.transaction, one.reorganisation.id)),
            }
            for one in every(view.transaction)
        ]
    columns = {
        "id": "编号 id",
        "document_number": "文号 document",
        "zh": "名称",
        "at": "生效 at",
        "state_zh": "状态",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


def _say_moved(applied: Sequence[Applied]) -> None:
    for one in applied:
        rows = sum(one.moved.values())
        say(
            f"{one.reorganisation} 已生效:{rows} 项未结事项由承接单位承接",
            f"{one.reorganisation} took effect: {rows} open things follow their successors",
        )
