"""``guanyun list``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import accepted

if TYPE_CHECKING:
    from governance.lists import ListEntry

Kind = Annotated[str, Parameter(help="responsibility, power, negative, finance, red-black")]
app = App(name="list", help="Responsibility, power, negative, finance, red/black lists 清单")
appeal = App(name="appeal", help="Appeals against an entry 申诉")
app.command(appeal)


@app.command
def draft(file: Path) -> None:
    """Draft the lists of a file.

    Example: guanyun list draft examples/lists.yaml
    """
    from governance.lists import draft_list, read_lists

    for each in accepted(*read_lists(file)):
        with application() as opened:
            drafted = draft_list(opened.office, token(), each)
        say(f"已起草 {each.id},摘要 {drafted.digest}", f"{each.id} drafted, digest {drafted.digest}")


@app.command
def publish(id: str, *, digest: str) -> None:  # noqa: A002 - the word a person types
    """Publish a drafted list, as another person of its owner.

    Example: guanyun list publish negative-2026 --digest 9f86d081884c7d65
    """
    from governance.lists import publish_list

    with application() as opened:
        publish_list(opened.office, token(), id, digest=digest)
    say(f"已发布 {id}", f"{id} published")


@app.command
def end(id: str, number: int, *, reason: str) -> None:  # noqa: A002
    """End an entry of a published list, from now on.

    Example: guanyun list end negative-2026 2 --reason 依据已废止
    """
    from governance.lists import end_list_entry

    with application() as opened:
        end_list_entry(opened.office, token(), id, number, because=reason)
    say(f"{id} 第 {number} 条已终止", f"entry {number} of {id} ended")


@app.command(name="show")
def show_(id: str = "", *, json: Json = False) -> None:  # noqa: A002
    """Show the lists, or the entries of one; of a draft only whoever manages lists sees anything.

    Example: guanyun list show negative-2026
    """
    from governance.authority import viewing
    from governance.lists import entries_of, list_of, lists

    with application() as opened, viewing(opened.office, token()) as view:
        manages = view.scope.agencies is None
        if id:
            list_of(view.transaction, id, drafts=manages)
            show([_entry(each) for each in entries_of(view.transaction, id)], _ENTRIES, json=json)
            return
        found = lists(view.transaction, drafts=manages)
    rows = [
        {
            "id": each.draft.id,
            "kind": each.draft.kind.value,
            "zh": each.draft.zh,
            "owner": each.draft.owner,
            "document_number": each.draft.document_number,
            "since": each.draft.since,
            "until": each.until,
            "published_at": each.published_at,
            "digest": each.digest,
        }
        for each in found
    ]
    show(_plain(rows), _LISTS, json=json)


@app.command(name="in-force")
def in_force(kind: Kind, *, json: Json = False) -> None:
    """Show the entries of a kind of list that are in force now, as they are cited.

    Example: guanyun list in-force negative
    """
    from foundation.values.errors import InvalidValue
    from governance.authority import viewing
    from governance.lists import ListKind, entries_in_force

    if kind not in set(ListKind):
        raise InvalidValue(field="kind", found=kind, expected=", ".join(ListKind))
    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_entry(each) for each in entries_in_force(view.transaction, ListKind(kind), view.now)]
    show(rows, _ENTRIES, json=json)


@appeal.command(name="file")
def file_(id: str, number: int, *, words: str) -> None:  # noqa: A002
    """Appeal against an entry that names your party.

    Example: guanyun list appeal file red-black-2026 2 --words 已清退,附凭证
    """
    from governance.lists import file_appeal

    with application() as opened:
        filed = file_appeal(opened.office, token(), id, number, words=words)
    say(f"已提出申诉 {filed.id}", f"appeal {filed.id} filed")


@appeal.command
def answer(id: str, *, outcome: str, words: str) -> None:  # noqa: A002
    """Answer an appeal: upheld or ended.

    Example: guanyun list appeal answer AP-000000000001 --outcome ended --words 属实
    """
    from foundation.values.errors import InvalidValue
    from governance.lists import Outcome, answer_appeal

    if outcome not in set(Outcome):
        raise InvalidValue(field="outcome", found=outcome, expected=", ".join(Outcome))
    with application() as opened:
        answered = answer_appeal(opened.office, token(), id, outcome=Outcome(outcome), answer=words)
    zh = "" if answered.outcome is None else answered.outcome.zh
    say(f"申诉 {id} 已答复:{zh}", f"appeal {id} answered: {outcome}")


@appeal.command(name="list")
def list_appeals(*, json: Json = False) -> None:
    """List the appeals you may see, with the day their answer is due.

    Example: guanyun list appeal list
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.lists import appeal_due, appeals

    with application() as opened, viewing(opened.office, token()) as view:
        found = appeals(view.transaction, view.scope)
        due = {each.id: str(appeal_due(view.transaction, each)) for each in found}
    rows = [{**plain(each), "due": due[each.id]} for each in found]
    columns = {
        "id": "编号 id",
        "list": "清单 list",
        "entry": "条目 entry",
        "party": "单位 party",
        "due": "期限 due",
        "outcome": "结果 outcome",
        "words": "申诉 words",
        "answer": "答复 answer",
    }
    show(rows, columns, json=json)


_LISTS = {
    "id": "编号 id",
    "kind": "种类 kind",
    "zh": "名称 name",
    "owner": "所有 owner",
    "document_number": "文号 document",
    "since": "起 from",
    "until": "止 to",
    "published_at": "发布 published",
}
_ENTRIES = {
    "number": "条 entry",
    "cite": "依据 cited as",
    "matches": "适用 matches",
    "party": "单位 party",
    "since": "起 from",
    "until": "止 to",
}


def _entry(entry: ListEntry) -> dict[str, Any]:
    matches = {name: sorted(codes) for name, codes in entry.matches.sides().items() if codes}
    named = ("list", "number", "party", "reason", "since", "until")
    fields = {name: getattr(entry, name) for name in named}
    standing = "" if entry.standing is None else entry.standing.value
    cited = {"cite": entry.cite("zh"), "cite_en": entry.cite("en")}
    return _plain([{**fields, **cited, "matches": matches, "standing": standing}])[0]


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from foundation.evidence import plain

    made: list[dict[str, Any]] = plain(rows)
    return made
