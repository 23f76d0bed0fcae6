"""From delivery to acceptance: a deployment's end or the operator's report delivers, the agency accepts or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foundation.store import Transaction
from foundation.values.instant import Clock, parse_instant
from foundation.work import Event, Subscriber
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.errors import NotFound
from tenants.environments.service import spec_digest
from tenants.environments.tables import read_environment
from tenants.errors import DeploymentMissing, RequestDecided
from tenants.reasons import check_reason, reason_digest
from tenants.requests.content import spec_in
from tenants.requests.evidence_tables import agreement_on
from tenants.requests.granting import end_all, end_items
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request, RequestState
from tenants.requests.moving import Hand, accepting_party, hand_of, move
from tenants.requests.policy_tables import policy_of
from tenants.requests.reading import request_of
from tenants.requests.registering import close_items, register_items
from tenants.requests.tables import read_request, read_requests
from tenants.requests.transitions import Move


def delivery_subscriber(real: Clock) -> Subscriber:
    """Hears of each deployment's end: the request behind it is delivered, an ended environment ends its grants."""

    def handle(transaction: Transaction, event: Event) -> None:
        payload = event.payload
        hand = Hand(transaction, parse_instant(payload["instant"]), real)
        environment, digest = str(payload["environment"]), str(payload["spec_digest"])
        for request in read_requests(transaction, machine_scope(), environment=environment):
            ends = request.kind is RequestKind.TERMINATE
            spec = spec_in(request.now_asked, environment)
            built = spec is not None and spec_digest(spec) == digest
            if ends == bool(payload["terminated"]) and built and request.state in _WAITING and request.kind in _BUILT:
                _deliver(hand, request, {"deployment": str(payload["deployment"])})
                (close_items if ends else register_items)(hand, request)
        if payload["terminated"]:
            end_all(hand, environment, {"deployment": str(payload["deployment"])})

    return Subscriber("tenants.requests", "deployment.ended", handle)


_WAITING = frozenset({RequestState.APPROVED, RequestState.REFUSED})
_BUILT = frozenset({RequestKind.CREATE, RequestKind.CHANGE, RequestKind.TRANSFER, RequestKind.TERMINATE})
"""Kinds that a deployment delivers; the others are carried out by hand and reported."""


def deliver_request(office: Office, token: str, number: str) -> tuple[Request, bool]:
    """The operator reports that service items, a pause or a resumption are carried out: (request, whether it is new).

    What a deployment builds is delivered by its end and by nothing else. Raises ``DeploymentMissing``, ``Refused``,
    ``RequestUnfit``, ``NotFound``.
    """
    with acting(office, token, Act.REQUEST_DELIVER, f"request:{number}") as mandate:
        request = request_of(mandate.transaction, mandate.scope, number)
        if request.state is RequestState.DELIVERED or (request.state is RequestState.ENDED and _gives_back(request)):
            return request, False
        if request.kind in _BUILT and request.environment and not _runs(mandate, request):
            raise DeploymentMissing(number=number, environment=request.environment)
        mandate.decide(request.subject, digest=request.digest)
        hand = hand_of(mandate)
        delivered = _deliver(hand, request, {})
        if _gives_back(request):
            close_items(hand, request)
            end_items(hand, request.first, {"given_back_by": number})
            return request_of(mandate.transaction, mandate.scope, number), True
        if request.kind in _BUILT:
            register_items(hand, request)
        return delivered, True


def _gives_back(request: Request) -> bool:
    """Whether it ends service items that stand without an environment, which the operator's word does."""
    return bool(request.first) and request.kind is RequestKind.TERMINATE


def accept_request(office: Office, token: str, number: str) -> tuple[Request, bool]:
    """The agency accepts what was delivered: (request, whether it is new). Raises ``Refused``, ``RequestUnfit``."""
    with acting(office, token, Act.REQUEST_ACCEPT, f"request:{number}") as mandate:
        request = _delivered_to(mandate, number)
        if request.state is RequestState.ACCEPTED:
            return request, False
        mandate.decide(request.subject, digest=request.digest)
        accepted = move(
            hand_of(mandate),
            machine_scope(),
            request,
            Move.ACCEPT,
            policy_of(mandate.transaction, request.policy),
            {"digest": request.digest},
            delivery=replace(request.delivery, accepted_at=mandate.now),
        )
        return accepted, True


def refuse_delivery(office: Office, token: str, number: str, *, reason: str) -> tuple[Request, bool]:
    """The agency does not accept, with reasons the operator reads: it delivers again. (request, whether it is new)."""
    check_reason(reason)
    with acting(office, token, Act.REQUEST_REFUSE, f"request:{number}") as mandate:
        request = _delivered_to(mandate, number)
        if request.state is RequestState.REFUSED:
            return request, False
        if request.state is RequestState.ACCEPTED:
            raise RequestDecided(number=number, state_zh=request.state.zh, state_en=request.state.value)
        mandate.decide(request.subject, digest=reason_digest(reason), note=reason)
        refused = move(
            hand_of(mandate),
            machine_scope(),
            request,
            Move.REFUSE,
            policy_of(mandate.transaction, request.policy),
            {"reason_digest": reason_digest(reason)},
            reason=reason,
        )
        return refused, True


def _deliver(hand: Hand, request: Request, facts: Mapping[str, Any]) -> Request:
    return move(
        hand,
        machine_scope(),
        request,
        Move.DELIVER,
        policy_of(hand.transaction, request.policy),
        facts,
        delivery=replace(request.delivery, delivered_at=hand.now, awaiting_year=None),
    )


def _delivered_to(mandate: Mandate, number: str) -> Request:
    """The request, if the actor's party is the one that accepts it; raises ``NotFound`` otherwise."""
    found = read_request(mandate.transaction, mandate.scope, number)
    if found is None and agreement_on(mandate.transaction, mandate.scope, number) is not None:
        found = read_request(mandate.transaction, machine_scope(), number)
    if found is None:
        raise NotFound(what_zh="申请", what_en="request", key=number)
    if accepting_party(found) != mandate.actor.party:
        raise mandate.refuse(
            "T09",
            found.subject,
            f"由 {accepting_party(found)} 验收,你代表 {mandate.actor.party}",
            f"{accepting_party(found)} accepts it; you act for {mandate.actor.party}",
        )
    return found


def _runs(mandate: Mandate, request: Request) -> bool:
    """Whether what was decided is what the environment runs."""
    record = read_environment(mandate.transaction, mandate.scope, request.environment)
    spec = spec_in(request.now_asked, request.environment)
    return record is not None and spec is not None and record.deployed_digest == spec_digest(spec)
