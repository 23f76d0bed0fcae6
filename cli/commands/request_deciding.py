"""``guanyun request``: the verbs of whoever decides, and of the expert who is asked for an opinion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cli.commands.request_words import tell
from cli.context import Json, application, token
from cli.output import say, show_one
from cli.reading import accepted, read_written, read_yaml

if TYPE_CHECKING:
    from tenants.requests import Content, Request, Ruling, Written


def approve(
    number: str,
    *,
    digest: str | None = None,
    changed: Path | None = None,
    because: str = "",
    overrule: Sequence[str] = (),
    note: str = "",
    json: Json = False,
) -> None:
    """Take the next step of a request's approval, bound to its digest and estimate. For whoever's step it is.

    Example: guanyun request approve REQ-2026-0001

    Parameters
    ----------
    digest: the digest you have read; another one is refused
    changed: a file with what is granted instead of what was asked: less of it, or the like
    because: why it is changed; the agency reads it
    overrule: a failed check and the reason it is overruled, as check=reason; repeat it for each
    note: a note the agency reads
    """
    decided = None if changed is None else _decided_content(number, read_written(changed))
    _approve(number, digest, _ruling(decided, because, dict(_reason(each) for each in overrule), note), json=json)


def reject(number: str, *, reason: str, digest: str | None = None, json: Json = False) -> None:
    """Reject a request with a reason that the agency will read. For whoever's step it is.

    Example: guanyun request reject REQ-2026-0001 --reason "规格过大"
    """
    from tenants.requests import reject_request

    with application() as opened:
        seen = digest or _digest(opened, number)
        request, new = reject_request(opened.office, token(), number, digest=seen, reason=reason)
    _decided("已驳回", "rejected", request, new, json=json)


def decide(number: str, file: Path, *, json: Json = False) -> None:
    """Decide as a file says: outcome (approve or reject), digest, because, overrule, note, changed. For the bureau.

    Example: guanyun request decide REQ-2026-0001 decision.yaml
    """
    from foundation.values.errors import InvalidValue
    from tenants.requests import Written

    document = read_yaml(file)
    known = {"outcome", "digest", "because", "overrule", "note", "changed"}
    outcome, unknown = document.get("outcome"), sorted(set(document) - known)
    if unknown or outcome not in {"approve", "reject"}:
        raise InvalidValue(
            field=file.name, found=str(unknown or outcome), expected=f"approve or reject; {sorted(known)}"
        )
    because, digest = str(document.get("because", "")), document.get("digest")
    if outcome == "reject":
        reject(number, reason=because, digest=digest, json=json)
        return
    changed = document.get("changed")
    decided = None if changed is None else _decided_content(number, Written(changed, file.name))
    overruled = {str(check): str(reason) for check, reason in dict(document.get("overrule") or {}).items()}
    _approve(number, digest, _ruling(decided, because, overruled, str(document.get("note", ""))), json=json)


def opinion(number: str, text: str, *, favours: Literal["for", "against", "conditional"], json: Json = False) -> None:
    """Put a written expert opinion on file. For the expert committee; it decides nothing.

    Example: guanyun request opinion REQ-2026-0001 "规模合理" --favours for
    """
    from tenants.requests import Favour, give_opinion

    with application() as opened:
        given, new = give_opinion(opened.office, token(), number, favours=Favour(favours), text=text)
    if json:
        show_one({"request": number, "favours": given.favours, "given_at": given.given_at, "new": new}, json=True)
    elif new:
        say(f"意见已附于 {number}", f"the opinion is on file with {number}")
    else:
        say("同一意见早已提交,没有变化", "the same opinion was given before: nothing changed")


VERBS = (approve, reject, decide, opinion)


def _approve(number: str, digest: str | None, ruling: Ruling, *, json: bool) -> None:
    from tenants.requests import approve_request
    from wiring.bindings import desk

    with application() as opened:
        seen = digest or _digest(opened, number)
        request, new = approve_request(opened.office, token(), number, digest=seen, ruling=ruling, desk=desk())
    if request.state.open:
        tell(request, new, "已审核", "endorsed", json=json)
    else:
        _decided("已批准", "approved", request, new, json=json)


def _decided_content(number: str, written: Written) -> Content:
    from governance.authority import viewing
    from tenants.requests import read_decided, request_of

    with application() as opened, viewing(opened.office, token()) as view:
        asked = request_of(view.transaction, view.scope, number).now_asked
    return accepted(*read_decided(written, asked))


def _ruling(decided: Any, because: str, overruled: dict[str, str], note: str) -> Ruling:
    from tenants.requests import Ruling

    return Ruling(decided=decided, because=because, overruled=overruled, note=note)


def _reason(text: str) -> tuple[str, str]:
    check, _, reason = text.partition("=")
    return check, reason


def _digest(opened: Any, number: str) -> str:
    from governance.authority import viewing
    from tenants.requests import request_of

    with viewing(opened.office, token()) as view:
        return request_of(view.transaction, view.scope, number).digest


def _decided(zh: str, en: str, request: Request, new: bool, *, json: bool) -> None:
    if json:
        tell(request, new, zh, en, json=True)
        return
    digest = request.digest[:16]
    if new:
        say(f"{zh} {request.number},绑定摘要 {digest}", f"{request.number} {en}, bound to digest {digest}")
    else:
        say(f"{request.number} 早已{zh[1:]},没有变化", f"{request.number} was {en} before: nothing changed")
