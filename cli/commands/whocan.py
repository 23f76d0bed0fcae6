"""``guanyun whocan``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cli.context import Json, application, token
from cli.output import say, show


def whocan(act: str, thing: str, *, owner: str | None = None, json: Json = False) -> None:
    """Say who may do an act to a thing now, and of those whose turn it might seem to be, who may not and why.

    Example: guanyun whocan request.approve request:SQ-2026-000001

    Parameters
    ----------
    act: such as request.approve, plan.apply, settlement.accept
    thing: its subject, such as request:SQ-2026-000001
    owner: the agency whose thing it is, where nothing was decided on it yet
    """
    from governance.authority import act_named, viewing, who_can

    wanted = act_named(act)
    with application() as opened, viewing(opened.office, token()) as view:
        answer = who_can(view, wanted, thing, owner=owner)
    rows = [
        {"may": may, "account": one.account, "party": one.party, "duty": one.duty.value, "for": one.behalf, **_why(one)}
        for may, people in (("yes", answer.may), ("no", answer.may_not))
        for one in people
    ]
    if not json:
        say(f"{answer.rule} {answer.zh}", f"{answer.rule} {answer.en}")
        if answer.decider:
            say(f"决定单位:{answer.decider}", f"decided by: {answer.decider}")
        for cited in answer.cites:
            say(f"依据:{cited.zh}", f"rests on: {cited.en}")
    columns = {"may": "可办 may", "account": "账号 account", "party": "单位 party", "duty": "职责 duty"}
    show(rows, {**columns, "for": "代 for", "rule": "规则 rule", "zh": "为何不可", "en": "why not"}, json=json)
    if not json:
        _say_what_forbids(answer.may_not)


def _say_what_forbids(people: Iterable[Any]) -> None:
    """What the refusals above rest on, each once."""
    forbidden = [one.refusal for one in people if one.refusal.policies]
    for policies, cites in dict.fromkeys((each.policies, each.cites) for each in forbidden):
        ids, zh, en = ", ".join(policies), ";".join(each.zh for each in cites), "; ".join(each.en for each in cites)
        say(f"{ids} 依据:{zh}", f"{ids} rests on: {en}")


def _why(one: Any) -> dict[str, Any]:
    if one.refusal is None:
        return {"rule": "", "policies": [], "zh": "", "en": "", "cites": []}
    return {
        "rule": one.refusal.rule,
        "policies": list(one.refusal.policies),
        "zh": one.refusal.zh,
        "en": one.refusal.en,
        "cites": [{"zh": each.zh, "en": each.en} for each in one.refusal.cites],
    }
