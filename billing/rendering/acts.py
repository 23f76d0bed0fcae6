"""Who signed a bill: the acts bound to its digest, as a paper shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from foundation.values.instant import SHANGHAI

_ACTS: Mapping[str, tuple[str, str]] = {
    "statement.issue": ("出具", "Issued"),
    "statement.confirm": ("确认", "Confirmed"),
    "statement.dispute": ("提出异议", "Disputed"),
    "settlement.draft": ("拟制", "Drafted"),
    "settlement.submit": ("提交", "Submitted"),
    "settlement.accept": ("认可", "Accepted"),
    "settlement.review": ("审核", "Reviewed"),
    "settlement.return": ("退回", "Returned"),
    "settlement.approve": ("批准", "Approved"),
    "settlement.pay": ("支付", "Paid"),
}


class Decided(Protocol):
    """What is read of a decision."""

    @property
    def act(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def party(self) -> str: ...

    @property
    def note(self) -> str: ...

    @property
    def decided_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class PaperAct:
    """One act: what, by which party and account, when (Shanghai time), with which note."""

    zh: str
    en: str
    party: str
    account: str
    at: str
    note: str


def acts_of(decisions: Iterable[Decided], parties: Mapping[str, str]) -> tuple[PaperAct, ...]:
    """The acts in the order they were done; ``parties`` says what a party is called."""
    return tuple(
        PaperAct(
            *_ACTS.get(decision.act, (decision.act, decision.act)),
            party=parties.get(decision.party, decision.party),
            account=decision.account,
            at=shanghai_text(decision.decided_at),
            note=decision.note,
        )
        for decision in decisions
    )


def shanghai_text(instant: datetime) -> str:
    """An instant as a person in Shanghai reads it."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
