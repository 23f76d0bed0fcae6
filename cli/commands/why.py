"""``guanyun why``."""

from __future__ import annotations

from typing import Any

from cli.context import Json, application, token
from cli.output import show_one


def why(decision: str, *, json: Json = False) -> None:
    """Explain a decision on record: who, for whom, under which rule, apart from whom, and whether it stands today.

    Example: guanyun why D-000123
    """
    from cli.errors import WrongWords
    from governance.authority import explain, viewing

    digits = decision.upper().removeprefix("D-")
    if not digits.isdigit():
        raise WrongWords(what_zh="决定的编号形如 D-000123", what_en="a decision's number looks like D-000123")
    with application() as opened, viewing(opened.office, token()) as view:
        found = explain(view, int(digits))
    show_one(told(found), json=json)


def told(found: Any) -> dict[str, Any]:
    """An explained decision, field by field."""
    decided = found.decision
    return {
        "decision": decided.readable,
        "act": decided.act.value,
        "subject": decided.subject,
        "owner": decided.owner,
        "person": decided.person,
        "account": decided.account,
        "party": decided.party,
        "organisation": decided.organisation,
        "on_behalf_of": decided.behalf,
        "break_glass": decided.glass,
        "decided_at": decided.decided_at,
        "bound_to": decided.digest,
        "note": decided.note,
        "rests_on": list(found.rests_on),
        "rule": found.rule,
        "rule_zh": found.zh,
        "rule_en": found.en,
        "cites": _cites(found.cites),
        "apart_from": [
            {
                "decision": one.decision.readable,
                "act": one.decision.act.value,
                "account": one.decision.account,
                "party": one.decision.party,
                "rule": one.policy,
                "zh": one.zh,
                "en": one.en,
                "cites": _cites(one.cites),
                "also_by_organisation": one.organisation,
            }
            for one in found.apart
        ],
        "stands": found.fallen is None,
        "fallen_zh": "" if found.fallen is None else found.fallen.zh,
        "fallen_en": "" if found.fallen is None else found.fallen.en,
        "fallen_cites": [] if found.fallen is None else _cites(found.fallen.cites),
    }


def _cites(cited: Any) -> list[dict[str, str]]:
    return [{"zh": one.zh, "en": one.en} for one in cited]
