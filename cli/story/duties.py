"""Under which duty each line of the story is typed: a login serves one, and changes it as a person would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OTHERWISE: Mapping[str, str] = {
    "address.publish": "address.publish-pools",
    "apply": "plan.apply",
    "env.compare": "operate",
    "evidence.seal": "day.close",
    "price.notice": "notice.record",
    "room.confirm": "room.confirm-systems",
    "room.batch": "batch.draw",
    "room.register": "contract.record",
    "settlement.pack": "settlement.accept",
    "settlement.pdf": "settlement.accept",
    "settlement.show": "settlement.accept",
    "statement.draft": "statement.issue",
    "usage.close": "day.close",
    "usage.replay": "usage.collect",
}
"""Lines whose noun and verb are not the act they do, or that read beside an act: the act, or the duty itself."""


def duty_of(words: Sequence[str], held: Sequence[str]) -> str:
    """The duty to type the words under; empty where whichever the login serves will do.

    Where the account does not have the one that is needed, the story means to be refused: it stays as it is.
    """
    from governance.authority import RULES, Act

    typed = ".".join(words[:2])
    act = OTHERWISE.get(typed) or OTHERWISE.get(words[0], typed)
    needed = RULES[Act(act)].duty.value if act in set(Act) else act
    return needed if needed in held else ""
