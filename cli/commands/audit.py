"""``guanyun audit``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import console, say, show, show_one

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from foundation.evidence import KeyRing
    from governance.audit import Entry
    from wiring.application import Application

app = App(name="audit", help="The audit log 审计日志")

HandedOut = Annotated[Path | None, Parameter(help="Folder of handed-out heads you keep; default: the installation's")]
Keys = Annotated[Path | None, Parameter(help="Folder of public keys you trust; default: the installation's")]


@dataclass(frozen=True)
class _Wanted:
    """What is looked for; nothing said asks for nothing.

    Attributes
    ----------
    subject: only entries about this thing, such as request:REQ-2026-0001; with a * at its end: about all that begin so
    event: only this event, such as request.approved
    person: only what this natural person did, by id
    account: only what was done through this account
    text: only entries whose facts hold this text
    since: from this day or instant on, by business time (a day is a day in Shanghai)
    until: before this day or instant
    """

    subject: str = ""
    event: str = ""
    person: str = ""
    account: str = ""
    text: str = ""
    since: str = ""
    until: str = ""


@app.command(name="list")
def list_(
    wanted: Annotated[_Wanted | None, Parameter(name="*")] = None,
    *,
    refused: bool = False,
    last: int = 50,
    before: int | None = None,
    json: Json = False,
) -> None:
    """Search the audit entries, the last ones by default; an agency sees those of its own accounts.

    Example: guanyun audit list --subject 'request:*' --since 2026-03-01

    Parameters
    ----------
    refused: only refusals
    last: how many, counted from the end
    before: only entries numbered below this one (for the page before)
    """
    from governance.audit import AuditEvent, Search
    from governance.authority import search_audit, viewing

    asked = wanted or _Wanted()
    search = Search(
        event=AuditEvent.REFUSED if refused else asked.event,
        subject=asked.subject,
        person=asked.person,
        account=asked.account,
        text=asked.text,
        since=_instant("--since", asked.since),
        until=_instant("--until", asked.until),
    )
    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(entry) for entry in search_audit(view, search, before=before, limit=max(last, 1))]
    columns = {
        "number": "#",
        "business_at": "业务时间 business",
        "event": "事件 event",
        "account": "账号 account",
        "subject": "对象 subject",
        "facts": "事实 facts",
    }
    show(rows, columns, json=json)


def _instant(field: str, text: str) -> Any:
    from datetime import date, datetime, time

    from foundation.values.instant import SHANGHAI, parse_instant

    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), SHANGHAI)
    except ValueError:
        return parse_instant(text, field=field)


def _row(entry: Entry) -> Mapping[str, Any]:
    from foundation.evidence import plain

    row: Mapping[str, Any] = plain(entry)
    return row


@app.command
def verify(*, handed_out: HandedOut = None, keys: Keys = None, json: Json = False) -> int:
    """Walk the whole log beside the heads you keep, and say how far it is anchored and countersigned.

    Names the first link that does not hold; ends with 3 then. For whoever may read all of it.

    Example: guanyun audit verify --handed-out kept --keys trusted
    """
    from governance.authority import countersigned, viewing, walk

    with application() as opened, viewing(opened.office, token()) as view:
        ring, heads = _kept(opened, handed_out, keys)
        verdict = walk(view.transaction, heads)
        signed = countersigned(view.transaction, ring, verdict)
    if handed_out is None and not json:
        say(
            "以下以本机自己的目录为准,对运行本机的一方不构成证明:请用 --handed-out 指定自己保存的目录",
            "measured by this machine's own folder, which proves nothing against who runs it: --handed-out names yours",
        )
    wrong = verdict.broken or verdict.difference
    if json:
        found = None if wrong is None else {"number": wrong.number, "zh": wrong.zh, "en": wrong.en}
        facts = {"entries": verdict.entries, "anchored": verdict.anchored, "tail": verdict.tail, "head": verdict.head}
        show_one({**facts, "countersigned": signed, "wrong": found}, json=True)
        return 0 if wrong is None else 3
    if verdict.broken is not None:
        broken = verdict.broken
        console.print(f"第 {broken.number} 条:{broken.zh} · entry {broken.number}: {broken.en}", markup=False)
    if verdict.difference is not None:
        say(verdict.difference.zh, verdict.difference.en)
    if wrong is None:
        say(
            f"审计链完整:{verdict.entries} 条,链头 {verdict.head[:16]}",
            f"the chain holds: {verdict.entries} entries, head {verdict.head[:16]}",
        )
    say(verdict.zh, verdict.en)
    for party, number in sorted(signed.items()):
        say(f"{party} 会签至第 {number} 条", f"countersigned by {party} up to {number}")
    return 0 if wrong is None else 3


def _kept(opened: Application, handed_out: Path | None, keys: Path | None) -> tuple[KeyRing, Any]:
    """The reader's keys, and the heads they keep, each checked with them."""
    from foundation.evidence import read_handed_out, read_key_ring
    from foundation.values.errors import InvalidValue

    for name, folder in (("--handed-out", handed_out), ("--keys", keys)):
        if folder is not None and not folder.is_dir():
            raise InvalidValue(field=name, found=str(folder), expected="a folder")
    ring = opened.key_ring if keys is None else read_key_ring(keys)
    folder = opened.settings.handed_out_folder if handed_out is None else handed_out
    return ring, read_handed_out(folder, ring, owner="operator.evidence")


@app.command
def checkpoint(*, json: Json = False) -> None:
    """Sign the log's head now and hand it out; a worker does so by itself every 1,000 entries or 10 minutes.

    Example: guanyun audit checkpoint
    """
    from governance.authority import viewing
    from wiring.processes.checkpointing import checkpoint_now

    with application() as opened:
        with viewing(opened.office, token()):
            pass  # anybody who is logged in: it says nothing and decides nothing
        made = [point.number for point in checkpoint_now(opened, at_once=True)]
    if json:
        show_one({"checkpoints": made}, json=True)
    elif made:
        say(f"已签署检查点 {made[-1]} 并交出", f"checkpoint {made[-1]} is signed and handed out")
    else:
        say("链头已签署,没有变化", "the head is signed already: nothing changed")


@app.command
def countersign(*, handed_out: HandedOut = None, keys: Keys = None) -> None:
    """Walk the log beside the heads you keep, and sign the newest of them for your party. For bureau and auditor.

    Example: guanyun audit countersign --handed-out kept --keys trusted
    """
    from governance.authority import countersign as sign_too
    from governance.authority import viewing

    with application() as opened:
        with viewing(opened.office, token()) as view:
            party = view.actor.party
        _, heads = _kept(opened, handed_out, keys)
        number, new = sign_too(opened.office, token(), opened.signer(f"{party}.audit"), handed_out=heads)
    if new:
        say(f"{party} 已会签检查点 {number}", f"checkpoint {number} is countersigned by {party}")
    else:
        say(f"{party} 早已会签 {number},没有变化", f"{party} countersigned {number} before: nothing changed")


@app.command
def digest(algorithm: Literal["sha256", "sm3"]) -> None:
    """Hash the log's later entries with SHA-256 or SM3 国密. For an audit administrator 审计管理员.

    Example: guanyun audit digest sm3
    """
    from governance.audit import Digest
    from governance.authority import choose_audit_digest

    with application() as opened:
        new = choose_audit_digest(opened.office, token(), Digest(algorithm))
    if new:
        say(f"自下一条起用 {algorithm}", f"entries from the next one on are hashed with {algorithm}")
    else:
        say(f"早已用 {algorithm},没有变化", f"{algorithm} is in use already: nothing changed")


@app.command
def export(file: Path) -> None:
    """Write the whole log as JSON lines with every hash, for checking elsewhere. For the auditor; it is on record.

    Example: guanyun audit export audit.jsonl
    """
    from foundation.evidence import canonical_text
    from governance.authority import export_audit

    with application() as opened:
        partial, count = file.with_name(f".{file.name}.part"), 0
        try:
            with partial.open("w", encoding="utf-8") as stream:
                for count, entry in enumerate(export_audit(opened.office, token()), start=1):  # noqa: B007 - said below
                    stream.write(canonical_text(entry) + "\n")
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    say(f"已导出 {count} 条到 {file}", f"{count} entries are written to {file}")


@app.command
def conflicts(*, json: Json = False) -> None:
    """List what merged persons were found to have done on both sides, until supervision opens the case.

    Example: guanyun audit conflicts
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.personnel import conflicts as waiting

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(one) for one in waiting(view)]
    columns = {
        "person": "自然人 person",
        "subject": "事项 subject",
        "rule": "依据 rule",
        "decisions": "决定 decisions",
        "zh": "说明",
        "en": "explanation",
    }
    show(rows, columns, json=json)
