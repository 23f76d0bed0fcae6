"""The one table of what leads from one state of a request to another. Pure; every transition is announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.audit import AuditEvent
from tenants.requests.model import RequestState


class Move(StrEnum):
    """What happens to a request."""

    SUBMIT = "submit"
    SUBMIT_TO_COUNTERPART = "submit-to-counterpart"
    AGREE = "agree"
    DECLINE = "decline"
    GIVE_OPINION = "give-opinion"
    ENDORSE = "endorse"
    APPROVE = "approve"
    APPROVE_BY_RULE = "approve-by-rule"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    DELIVER = "deliver"
    ACCEPT = "accept"
    REFUSE = "refuse"
    EXPIRE = "expire"
    END = "end"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a move may start (None: there is no request yet), where it ends, how it is announced and audited."""

    sources: frozenset[RequestState | None]
    target: RequestState
    topic: str
    event: AuditEvent


def _from(*sources: RequestState | None) -> frozenset[RequestState | None]:
    return frozenset(sources)


_S = RequestState
_HELD = _from(_S.APPROVED, _S.DELIVERED, _S.REFUSED, _S.ACCEPTED)

TRANSITIONS: Mapping[Move, Transition] = {
    Move.SUBMIT: Transition(_from(None), _S.REQUESTED, "request.created", AuditEvent.REQUEST_CREATED),
    Move.SUBMIT_TO_COUNTERPART: Transition(_from(None), _S.AGREEING, "request.created", AuditEvent.REQUEST_CREATED),
    Move.AGREE: Transition(_from(_S.AGREEING), _S.REQUESTED, "request.agreed", AuditEvent.REQUEST_AGREED),
    Move.DECLINE: Transition(_from(_S.AGREEING), _S.REJECTED, "request.declined", AuditEvent.REQUEST_DECLINED),
    Move.GIVE_OPINION: Transition(
        _from(_S.REQUESTED), _S.REQUESTED, "request.opinion-given", AuditEvent.REQUEST_OPINION_GIVEN
    ),
    Move.ENDORSE: Transition(_from(_S.REQUESTED), _S.REQUESTED, "request.endorsed", AuditEvent.REQUEST_ENDORSED),
    Move.APPROVE: Transition(_from(_S.REQUESTED), _S.APPROVED, "request.approved", AuditEvent.REQUEST_APPROVED),
    Move.APPROVE_BY_RULE: Transition(
        _from(_S.REQUESTED), _S.APPROVED, "request.approved", AuditEvent.REQUEST_APPROVED_BY_RULE
    ),
    Move.REJECT: Transition(_from(_S.REQUESTED), _S.REJECTED, "request.rejected", AuditEvent.REQUEST_REJECTED),
    Move.WITHDRAW: Transition(
        _from(_S.REQUESTED, _S.AGREEING), _S.WITHDRAWN, "request.withdrawn", AuditEvent.REQUEST_WITHDRAWN
    ),
    Move.DELIVER: Transition(
        _from(_S.APPROVED, _S.REFUSED), _S.DELIVERED, "request.delivered", AuditEvent.REQUEST_DELIVERED
    ),
    Move.ACCEPT: Transition(_from(_S.DELIVERED), _S.ACCEPTED, "request.accepted", AuditEvent.REQUEST_ACCEPTED),
    Move.REFUSE: Transition(_from(_S.DELIVERED), _S.REFUSED, "request.refused", AuditEvent.REQUEST_DELIVERY_REFUSED),
    Move.EXPIRE: Transition(_HELD, _S.EXPIRED, "request.expired", AuditEvent.REQUEST_EXPIRED),
    Move.END: Transition(_HELD | {_S.EXPIRED}, _S.ENDED, "request.ended", AuditEvent.REQUEST_ENDED),
}
"""Every move there is."""

FINAL = frozenset({_S.REJECTED, _S.WITHDRAWN, _S.ENDED})
"""States that nothing leads out of."""


def target_of(move: Move, state: RequestState | None) -> RequestState | None:
    """Where the move leads from ``state``; None where it does not fit."""
    transition = TRANSITIONS[move]
    return transition.target if state in transition.sources else None
