"""One transition of a request: checked against the table, written, audited, announced, its tasks opened and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from foundation.store import Scope, Transaction
from foundation.values.instant import Clock
from foundation.work import Event, publish
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Mandate, machine_scope
from governance.parties import Duty, PartyKind, parties
from governance.tasks import Within, close_tasks, open_task
from tenants.errors import RequestUnfit
from tenants.requests.evidence_tables import opinions_on
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request, RequestState
from tenants.requests.policy import Policy
from tenants.requests.tables import update_request
from tenants.requests.transitions import TRANSITIONS, Move, target_of

DECIDE, OPINION, AGREE, DELIVER, ACCEPT, RENEW = (
    "request.decide",
    "request.opinion",
    "request.agree",
    "request.deliver",
    "request.accept",
    "request.renew",
)
"""The kinds of task of a request."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whoever moves a request: a person's mandate, or the machine (``person`` empty). ``now`` is business time."""

    transaction: Transaction
    now: datetime
    real: Clock
    person: str = ""
    account: str = ""

    def audit(self, event: AuditEvent, subject: str, facts: Mapping[str, Any]) -> None:
        """One entry of the audit log."""
        audit.append(
            self.transaction,
            event,
            subject=subject,
            facts=facts,
            recorded_at=self.real(),
            business_at=self.now,
            person=self.person,
            account=self.account,
        )

    def announce(self, topic: str, subject: str, payload: Mapping[str, Any]) -> None:
        """One event into the outbox."""
        publish(self.transaction, Event(topic, subject, payload), clock=self.real)


def hand_of(mandate: Mandate) -> Hand:
    """The hand of whoever acts."""
    return Hand(mandate.transaction, mandate.now, mandate.real, mandate.actor.person, mandate.actor.account)


def move(
    hand: Hand, scope: Scope, request: Request, what: Move, policy: Policy, facts: Mapping[str, Any], **changed: Any
) -> Request:
    """The request after ``what``, with ``changed`` fields; raises ``RequestUnfit`` where the move does not fit."""
    target = target_of(what, request.state)
    if target is None:
        raise RequestUnfit(
            number=request.number, state_zh=request.state.zh, state_en=request.state.value, move=what.value
        )
    moved = replace(request, state=target, **changed)
    update_request(hand.transaction, scope, moved)
    tell(hand, moved, what, policy, facts)
    return moved


def tell(hand: Hand, request: Request, what: Move, policy: Policy, facts: Mapping[str, Any]) -> None:
    """Audit and announce a move that was written, and bring the inboxes in line with the new state."""
    transition = TRANSITIONS[what]
    hand.audit(transition.event, request.subject, facts)
    hand.announce(
        transition.topic,
        request.subject,
        {
            "request": request.number,
            "kind": request.kind.value,
            "agency": request.agency,
            "environment": request.environment,
            "state": request.state.value,
            "move": what.value,
            "digest": request.digest,
        },
    )
    _tasks(hand, request, what, policy)


def _tasks(hand: Hand, request: Request, what: Move, policy: Policy) -> None:
    wanted = list(_wanted(hand, request, policy))
    staying = {kind for kind, *_ in wanted}
    for kind in (DECIDE, OPINION, AGREE, DELIVER, ACCEPT, RENEW):
        if kind not in staying or (kind == DECIDE and what is Move.ENDORSE):
            close_tasks(hand.transaction, request.subject, kind=kind, closed_at=hand.now)
    for kind, party, duty, days, zh, en in wanted:
        open_task(
            hand.transaction,
            party=party,
            duty=duty,
            kind=kind,
            subject=request.subject,
            agency=request.counterpart if kind == AGREE else request.agency,
            zh=f"{zh}:{request.number}({request.kind.zh})",
            en=f"{en}: {request.number} ({request.kind.value})",
            opened_at=hand.now,
            due_at=Within(hand.now, days) if days else None,
            recorded_at=hand.real(),
        )


_TO_DO = {
    RequestKind.SUSPEND: (
        "请停止运行并保留磁盘,清单见申请,停后确认",
        "stop what the request lists, keep disks, confirm",
    ),
    RequestKind.RESUME: ("请重新启动,清单见申请,启动后确认", "start again what the request lists, then confirm"),
}
"""What a deployment does not do: somebody does it by hand and says so with ``request deliver``."""

_Wanted = tuple[str, str, Duty, int, str, str]


def _wanted(hand: Hand, request: Request, policy: Policy) -> list[_Wanted]:
    """Who is now to act: (kind, party, duty, working days, words)."""
    match request.state:
        case RequestState.REQUESTED:
            return _deciding(hand, request, policy)
        case RequestState.AGREEING:
            return [(AGREE, request.counterpart, Duty.REQUEST, 0, "请答复资源转移", "answer a transfer")]
        case RequestState.APPROVED | RequestState.REFUSED:
            days, (zh, en) = policy.delivery_working_days, _TO_DO.get(request.kind, ("请交付", "deliver"))
            return [
                (DELIVER, operator.id, Duty.OPERATE, days, zh, en)
                for operator in parties(hand.transaction, PartyKind.OPERATOR)
            ]
        case RequestState.DELIVERED:
            return [(ACCEPT, accepting_party(request), Duty.CONFIRM, 0, "请验收", "accept the delivery")]
        case RequestState.EXPIRED:
            return [(RENEW, request.agency, Duty.REQUEST, 0, "已到期,请续期或终止", "expired: renew or terminate")]
        case _:
            return []


def _deciding(hand: Hand, request: Request, policy: Policy) -> list[_Wanted]:
    step = request.step
    if step is None:
        return []
    days = policy.urgent_working_days if request.urgent else policy.decision_working_days
    found: list[_Wanted] = [(DECIDE, step.party, Duty.APPROVE, days, "请审批", "decide")]
    if request.needs_opinion and not opinions_on(hand.transaction, machine_scope(), request.number):
        found.extend(
            (OPINION, expert.id, Duty.REVIEW, days, "请出具专家意见", "give an expert opinion")
            for expert in parties(hand.transaction, PartyKind.EXPERT)
        )
    return found


def accepting_party(request: Request) -> str:
    """Who accepts the delivery: the agency, of a transfer the receiving one."""
    return request.counterpart if request.kind is RequestKind.TRANSFER else request.agency
