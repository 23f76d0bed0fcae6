"""A transfer to another agency: the receiver agrees and names its own system, then the bureau decides."""

from __future__ import annotations

from dataclasses import replace

from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.projects import system_of
from tenants.errors import RequestDecided
from tenants.ports import Desk, Estimator
from tenants.reasons import check_reason
from tenants.requests.assembling import estimate_content, run_checks, steps_of
from tenants.requests.content import Difference, content_digest, content_document, moved
from tenants.requests.deciding import close
from tenants.requests.evidence_tables import Agreement, agreement_on, agreements, answer_agreement, keep_checks
from tenants.requests.granting import taken_with
from tenants.requests.holding import reserve_all
from tenants.requests.model import Request
from tenants.requests.moving import hand_of, move
from tenants.requests.policy import Policy, chain_of
from tenants.requests.policy_tables import policy_of
from tenants.requests.reading import request_of
from tenants.requests.transitions import Move


def agree_to_transfer(
    office: Office, token: str, number: str, *, system: str, estimator: Estimator | Desk
) -> tuple[Request, bool]:
    """Take the environment over into one's own ``system``: (request, whether it is new). The bureau then decides.

    Estimate, checks, quota and chain are the receiver's from here on. Raises ``Refused``, ``NotFound`` (also for a
    transfer to somebody else), ``RequestDecided``.
    """
    with acting(office, token, Act.REQUEST_AGREE, f"request:{number}") as mandate:
        request, asked = _asked(mandate, number)
        if asked.state == "agreed":
            return request, False
        _check_open(request, asked)
        desk = estimator if isinstance(estimator, Desk) else Desk(estimator)
        into = system_of(mandate.transaction, mandate.scope, system)
        content = moved(
            request.content,
            agency=mandate.actor.party,
            system=into.id,
            project=into.project,
            fund_source=into.fund_source,
        )
        policy = policy_of(mandate.transaction, request.policy)
        estimate, unpriced = estimate_content(mandate.transaction, desk, mandate.actor.party, content, mandate.now)
        agreed = replace(
            request,
            decided=content_document(content),
            decided_content=content,
            decided_digest=content_digest(content, until=request.until, counterpart=request.counterpart),
            decided_estimate=estimate,
            differences=tuple(
                Difference(
                    f"environment:{spec.environment}", changed=True, because=f"→ {mandate.actor.party}/{into.id}"
                )
                for spec in content.specs
            ),
        )
        agreed = _with_chain(mandate, agreed, policy)
        taken = taken_with(hand_of(mandate), agreed)
        scope = machine_scope()  # the giving agency's row, which the receiver writes its agreement into
        results, line = run_checks(
            mandate.transaction, mandate.scope, desk, agreed, taken, policy, unpriced, mandate.now
        )
        agreed, taken = replace(agreed, line=line), replace(taken, line=line)
        keep_checks(mandate.transaction, scope, number, request.agency, results, digest=agreed.digest, at=mandate.now)
        reserve_all(mandate.transaction, taken, {result.check: result for result in results}, mandate.now)
        mandate.decide(request.subject, digest=agreed.digest)
        answer_agreement(mandate.transaction, mandate.scope, number, "agreed", mandate.now)
        facts = {"counterpart": mandate.actor.party, "digest": agreed.digest}
        return move(hand_of(mandate), scope, agreed, Move.AGREE, policy, facts), True


def decline_transfer(office: Office, token: str, number: str, *, reason: str) -> tuple[Request, bool]:
    """Not take it over, with a reason the giving agency reads: (request, whether it is new)."""
    check_reason(reason)
    with acting(office, token, Act.REQUEST_AGREE, f"request:{number}") as mandate:
        request, asked = _asked(mandate, number)
        if asked.state == "declined":
            return request, False
        _check_open(request, asked)
        mandate.decide(request.subject, digest=request.digest, note=reason)
        answer_agreement(mandate.transaction, mandate.scope, number, "declined", mandate.now)
        policy = policy_of(mandate.transaction, request.policy)
        facts = {"counterpart": mandate.actor.party}
        declined = close(hand_of(mandate), request, Move.DECLINE, policy, facts, reason=reason)
        return declined, True


def _asked(mandate: Mandate, number: str) -> tuple[Request, Agreement]:
    asked = agreement_on(mandate.transaction, mandate.scope, number)
    if asked is None:
        return request_of(mandate.transaction, replace(mandate.scope, agencies=frozenset()), number), _nothing()
    return request_of(mandate.transaction, machine_scope(), number), asked


def _nothing() -> Agreement:
    raise AssertionError  # pragma: no cover - an empty scope holds no request


def _check_open(request: Request, asked: Agreement) -> None:
    if asked.state != "asked":
        raise RequestDecided(number=request.number, state_zh=request.state.zh, state_en=request.state.value)


def _with_chain(mandate: Mandate, request: Request, policy: Policy) -> Request:
    chain = chain_of(policy, monthly=request.monthly, transfer=True)
    steps = steps_of(mandate.transaction, chain, request.agency, mandate.now, counterpart=request.counterpart)
    return replace(request, steps=steps, needs_opinion=chain.opinion)


__all__ = ["agree_to_transfer", "agreements", "decline_transfer"]
