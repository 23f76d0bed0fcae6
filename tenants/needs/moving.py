"""A need moves: one place where its row, its history, the audit entry, the event and the tasks change together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.audit import AuditEvent
from governance.authority import Mandate, machine_scope
from governance.parties import Duty, PartyKind, decider_for, parties
from governance.tasks import Due, Within, close_tasks, open_task
from tenants.errors import NeedUnfit
from tenants.needs.model import Need, NeedState, Step
from tenants.needs.tables import add_step, save_need
from tenants.needs.terms import Terms, terms_at

PROPOSE, AGREE, DECIDE, RESTATE = "need.propose", "need.agree", "need.decide", "need.restate"
REQUEST = "need.request"
"""The task of making a request from an approved need; whoever makes it closes it."""
_FLOW = (PROPOSE, AGREE, DECIDE, RESTATE, REQUEST)


def fit(need: Need, states: Collection[NeedState], zh: str, en: str) -> None:
    """Raise ``NeedUnfit`` where the need is in none of ``states``; ``zh`` and ``en`` say what was to be done."""
    if need.state not in states:
        raise NeedUnfit(number=need.number, state_zh=need.state.zh, state_en=need.state.value, what_zh=zh, what_en=en)


def move(
    mandate: Mandate,
    before: Need | None,
    after: Need,
    event: AuditEvent,
    facts: Mapping[str, Any],
    *,
    reason: str = "",
    new: bool = False,
) -> Need:
    """Write ``after`` in place of ``before``, tell it, and see that whoever is now to act has a task.

    A reason may name people: the log keeps its digest, the need keeps the words.
    """
    transaction = mandate.transaction
    moved = replace(after, moved_at=mandate.now, reason=reason)
    # The one who acts may be another agency's lead or the bureau: the row is the need's own agency's.
    save_need(transaction, machine_scope(), moved, new=new)
    add_step(transaction, moved, _step(mandate, before, moved, event, reason))
    told: dict[str, Any] = {"agency": moved.agency, "state": moved.state.value, "version": moved.version, **facts}
    if reason:
        told["reason_digest"] = sha256_hex(reason.encode())
    mandate.audit(event, moved.subject, told)
    mandate.announce(event.value, moved.subject, told)
    if before is None or before.state is not moved.state or before.version != moved.version:
        _wait_for_the_next(mandate, moved)
    return moved


def _step(mandate: Mandate, before: Need | None, after: Need, event: AuditEvent, reason: str) -> Step:
    return Step(
        act=event.value,
        before="" if before is None else before.state.value,
        after=after.state,
        version=after.version,
        proposal=after.proposal,
        chosen=after.chosen,
        reason=reason,
        party=mandate.actor.party,
        at=mandate.now,
    )


def _wait_for_the_next(mandate: Mandate, need: Need) -> None:
    transaction, now = mandate.transaction, mandate.now
    for kind in _FLOW:
        close_tasks(transaction, need.subject, kind=kind, closed_at=now)
    terms = terms_at(transaction, now)
    named = f"{need.number}「{need.zh}」"
    match need.state:
        case NeedState.STATED:
            days = terms.urgent_proposal_working_days if need.urgent else terms.proposal_working_days
            party = operator_at(transaction, now)
            if party is not None:
                texts = (f"需求 {named}:提出技术方案", f"need {need.number} ({need.en}): propose how to meet it")
                tell_to(mandate, need, party, Duty.OPERATE, PROPOSE, texts, Within(now, days))
        case NeedState.PROPOSED:
            texts = (
                f"需求 {named}:同意或退回技术方案",
                f"need {need.number} ({need.en}): agree to the proposal or not",
            )
            due = Within(now, terms.agreement_working_days)
            tell_to(mandate, need, need.agency, Duty.REQUEST, AGREE, texts, due)
        case NeedState.AGREED:
            texts = (f"需求 {named}:审批", f"need {need.number} ({need.en}): decide")
            tell_to(
                mandate, need, decider(mandate, need), Duty.APPROVE, DECIDE, texts, _decision_clock(need, terms, now)
            )
        case NeedState.RETURNED:
            texts = (f"需求 {named}:已退回,补正或撤回", f"need {need.number} ({need.en}): returned, state it anew")
            due = Within(now, terms.agreement_working_days)
            tell_to(mandate, need, need.agency, Duty.REQUEST, RESTATE, texts, due)
        case NeedState.APPROVED if not need.leading:
            texts = (
                f"需求 {named}:已批准,提出资源申请",
                f"need {need.number} ({need.en}): approved, ask for resources",
            )
            tell_to(mandate, need, need.agency, Duty.REQUEST, REQUEST, texts, None)
        case _:
            pass


def _decision_clock(need: Need, terms: Terms, now: datetime) -> Within:
    return Within(now, terms.urgent_decision_working_days if need.urgent else terms.decision_working_days)


def tell_to(mandate: Mandate, need: Need, party: str, duty: Duty, kind: str, texts: tuple[str, str], due: Due) -> None:
    """Open a task on the need in somebody's inbox."""
    open_task(
        mandate.transaction,
        party=party,
        duty=duty,
        kind=kind,
        subject=need.subject,
        agency=need.agency,
        zh=texts[0],
        en=texts[1],
        opened_at=mandate.now,
        due_at=due,
        recorded_at=mandate.recorded_at,
    )


def decider(mandate: Mandate, need: Need) -> str:
    """The party that decides on the need now."""
    return decider_for(mandate.transaction, need.agency, mandate.now).id


def operator_at(transaction: Transaction, at: datetime) -> str | None:
    """The operator who is there at ``at``; the one that came last where two overlap."""
    there = [one for one in parties(transaction, PartyKind.OPERATOR) if one.exists_at(at)]
    newest = max(there, key=lambda one: (one.since is not None, one.since or at, one.id), default=None)
    return None if newest is None else newest.id
