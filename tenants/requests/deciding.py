"""Deciding: each step of the chain by another person, bound to the digest seen. A decision is a copy of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from foundation.values.money import format_yuan
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.environments import EnvironmentSpec
from governance.parties import same_person, successor_of
from tenants.addresses import give_back_block
from tenants.environments import EnvironmentState, find_environment
from tenants.environments.service import spec_digest
from tenants.environments.tables import save_environment
from tenants.errors import InvalidRequest, RequestDecided
from tenants.fallen import has_fallen
from tenants.ports import Breakdown, Desk, Estimator
from tenants.reasons import check_reason, reason_digest
from tenants.requests.assembling import claimed, estimate_content, run_checks
from tenants.requests.content import Content, Difference, beyond, compare, content_digest, content_document
from tenants.requests.evidence_tables import (
    StepTaken,
    answer_agreement,
    keep_checks,
    keep_step,
    opinions_on,
    steps_taken,
)
from tenants.requests.granting import grant, taken_with
from tenants.requests.holding import release_all, reserve_all
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request, RequestState
from tenants.requests.moving import Hand, hand_of, move
from tenants.requests.policy import Policy, Weight
from tenants.requests.policy_tables import policy_of
from tenants.requests.reading import request_of
from tenants.requests.results import CheckResult, failures
from tenants.requests.tables import read_request, update_request
from tenants.requests.transitions import Move

ENDORSED, APPROVED, REJECTED = "endorsed", "approved", "rejected"


@dataclass(frozen=True, slots=True)
class Ruling:
    """How somebody decides who approves: ``decided`` instead of what was asked, ``because``; ``overruled`` failed
    checks, each with the reason; a note that the agency reads."""

    decided: Content | None = None
    because: str = ""
    overruled: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


_AS_ASKED = Ruling()


def approve_request(
    office: Office,
    token: str,
    number: str,
    *,
    digest: str,
    ruling: Ruling = _AS_ASKED,
    desk: Desk | Estimator | None = None,
) -> tuple[Request, bool]:
    """Take the next step of the chain: (request, whether it is new). The last step grants what is decided.

    ``digest`` is the request's as it stands (``Request.digest``). The checks run again; ``desk`` is needed where
    ``ruling`` changes the request. An approval whose person has since come to the operator or the agency counts no
    more; another person may then approve the same request anew. Raises ``Refused`` (also where the digest is another
    one, a check fails that was not overruled, or an opinion is missing), ``RequestDecided``, ``InvalidRequest`` for a
    change beyond the request, ``NotFound``.
    """
    with acting(office, token, _act_of(office, number), f"request:{number}") as mandate:
        request = request_of(mandate.transaction, mandate.scope, number)
        fallen = request.state.granted and _has_fallen(mandate, request)
        if request.state.granted:
            return _again(mandate, request, digest, fallen=fallen)
        if _already(mandate, request, digest):
            return request, False
        _check_turn(mandate, request, digest)
        policy = policy_of(mandate.transaction, request.policy)
        decided, differences = _as_ruled(mandate, request, ruling, desk)
        results = _rechecked(mandate, decided, desk, policy)
        _check_overruled(mandate, decided, policy, results, ruling)
        last = request.done + 1 == len(request.steps)
        if last != (mandate.act is Act.REQUEST_APPROVE):
            # Another step was taken since the act was chosen: whoever typed it looks again.
            raise _decided_before(request)
        if last and request.needs_opinion and not opinions_on(mandate.transaction, mandate.scope, number):
            raise mandate.refuse(
                "T06", request.subject, "尚缺专家意见", "the opinion of an expert is required and not on file"
            )
        if last:
            _rely_on_the_chain(mandate, request)
        _decide(mandate, decided)
        _keep(mandate, decided, ENDORSED if not last else APPROVED, ruling)
        facts = {
            "spec_digest": decided.digest,
            "estimate": decided.monthly,
            "step": request.done + 1,
            "overruled": sorted(ruling.overruled),
            "changed": any(difference.changed for difference in differences),
        }
        hand, done = hand_of(mandate), {"done": request.done + 1}
        if last:
            return grant(hand, mandate.scope, decided, policy, Move.APPROVE, facts, **done), True
        return move(hand, mandate.scope, decided, Move.ENDORSE, policy, facts, **done), True


def reject_request(office: Office, token: str, number: str, *, digest: str, reason: str) -> tuple[Request, bool]:
    """Reject the request with a reason the agency will read (1 to 500 characters): (request, whether it is new).

    Whoever's step it is may reject.
    """
    check_reason(reason)
    with acting(office, token, Act.REQUEST_REJECT, f"request:{number}") as mandate:
        request = request_of(mandate.transaction, mandate.scope, number)
        if request.state is RequestState.REJECTED:
            if _took(mandate, request, REJECTED, digest):
                return request, False
            raise _decided_before(request)
        if request.state is not RequestState.REQUESTED:
            raise _decided_before(request)
        _check_turn(mandate, request, digest)
        step = request.step
        mandate.decide(
            request.subject,
            digest=digest,
            owner=request.agency,
            decider=None if step is None else step.party,
            note=reason,
        )
        _keep(mandate, request, REJECTED, Ruling(note=reason))
        rejected = close(
            hand_of(mandate),
            request,
            Move.REJECT,
            policy_of(mandate.transaction, request.policy),
            # A reason may name people: the log keeps what proves it unchanged, the request keeps the words.
            {"spec_digest": digest, "reason_digest": reason_digest(reason)},
            reason=reason,
            decided=request.decided or request.requested,
            decided_content=request.now_asked,
            decided_at=mandate.now,
        )
        return rejected, True


def close(
    hand: Hand, request: Request, what: Move, policy: Policy, facts: Mapping[str, Any], **changed: Any
) -> Request:
    """An open request comes to nothing: what was reserved is free, a new environment is closed again."""
    scope = machine_scope()
    release_all(hand.transaction, request.subject, hand.now)
    answer_agreement(hand.transaction, scope, request.number, "withdrawn", hand.now)
    if request.kind is RequestKind.CREATE and request.environment:
        record = find_environment(hand.transaction, scope, request.environment)
        if record.state is EnvironmentState.REQUESTED:
            give_back_block(hand.transaction, record.id, hand.now)
            save_environment(hand.transaction, scope, replace(record, state=EnvironmentState.CLOSED))
    elif request.kind is RequestKind.CHANGE and request.environment:
        standing = find_environment(hand.transaction, scope, request.environment).spec
        if standing is not None:  # its block is again that of what stands approved
            claimed(hand.transaction, standing, standing.agency, hand.now)
    return move(hand, scope, request, what, policy, facts, **changed)


def _act_of(office: Office, number: str) -> Act:
    """Which act the next step is: only the last one approves."""
    with office.store.reading() as transaction:
        request = read_request(transaction, machine_scope(), number)
    before_last = request is not None and request.step is not None and request.done + 1 < len(request.steps)
    return Act.REQUEST_ENDORSE if before_last else Act.REQUEST_APPROVE


def _again(mandate: Mandate, request: Request, digest: str, *, fallen: bool) -> tuple[Request, bool]:
    """A request that is granted already: the same person's same decision, or one that takes a fallen one's place."""
    if digest not in {request.digest, request.spec_digest}:
        raise _wrong_digest(mandate, request, digest)
    # Who asked hears that they may not approve it before hearing that it is decided; raising undoes what is recorded.
    new = _decide(mandate, request)
    if new and not fallen:
        raise _decided_before(request)
    if new:
        mandate.audit(AuditEvent.REQUEST_APPROVED, request.subject, {"spec_digest": request.digest, "anew": True})
    return request, new


def _check_turn(mandate: Mandate, request: Request, digest: str) -> None:
    step = request.step
    if step is None:
        raise _decided_before(request)
    if digest != request.digest:
        raise _wrong_digest(mandate, request, digest)
    party = successor_of(mandate.transaction, step.party, mandate.now)
    if mandate.actor.party != party:
        raise mandate.refuse(
            "T04",
            request.subject,
            f"第 {request.done + 1} 步由 {party} 决定,你代表 {mandate.actor.party}",
            f"step {request.done + 1} is {party}'s; you act for {mandate.actor.party}",
        )
    persons = same_person(mandate.transaction, mandate.actor.person)
    taken = [
        one.step for one in steps_taken(mandate.transaction, mandate.scope, request.number) if one.person in persons
    ]
    if taken:
        raise mandate.refuse(
            "T05",
            request.subject,
            f"同一自然人已作出第 {taken[0]} 步决定,各步须由不同的人作出",
            f"the same natural person took step {taken[0]}: each step is another person's",
        )


def _already(mandate: Mandate, request: Request, digest: str) -> bool:
    """Whether this very person took an earlier step on this very digest: the command was typed again."""
    return digest in {request.digest, request.spec_digest} and _took(mandate, request, ENDORSED, None)


def _took(mandate: Mandate, request: Request, outcome: str, digest: str | None) -> bool:
    persons = same_person(mandate.transaction, mandate.actor.person)
    return any(
        one.outcome == outcome and one.person in persons and digest in {None, one.digest}
        for one in steps_taken(mandate.transaction, mandate.scope, request.number)
    )


def _as_ruled(
    mandate: Mandate, request: Request, ruling: Ruling, desk: Desk | Estimator | None
) -> tuple[Request, tuple[Difference, ...]]:
    """The request with its decided snapshot: as asked, or changed downwards or sideways and estimated anew."""
    asked = request.now_asked
    if ruling.decided is None or ruling.decided == asked:
        differences = request.differences or compare(request.content, asked, "")
        decided = replace(
            request,
            decided=content_document(asked),
            decided_content=asked,
            decided_digest=request.digest,
            decided_estimate=request.decided_estimate or request.estimate,
            differences=differences,
        )
        return decided, differences
    findings = [*beyond(asked, ruling.decided)]
    if not 1 <= len(ruling.because) <= 500:
        findings.append(_finding("because", ruling.because[:80], "1 to 500 characters", "须写明变更理由", "say why"))
    if desk is None:
        raise InvalidValue(field="desk", found="none", expected="an estimator, to estimate what is changed")
    priced = desk if isinstance(desk, Desk) else Desk(desk)
    estimate, _ = estimate_content(mandate.transaction, priced, request.agency, ruling.decided, mandate.now)
    if estimate.monthly > request.monthly:
        findings.append(
            _finding(
                "estimate",
                format_yuan(estimate.monthly),
                f"at most {format_yuan(request.monthly)}",
                "变更后的估价高于申请",
                "the change costs more than what was asked",
            )
        )
    if findings:
        raise InvalidRequest(
            count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=tuple(findings)
        )
    differences = compare(request.content, ruling.decided, ruling.because)
    decided = replace(
        request,
        decided=content_document(ruling.decided),
        decided_content=ruling.decided,
        decided_digest=content_digest(ruling.decided, until=request.until, counterpart=request.counterpart),
        decided_estimate=estimate,
        differences=differences,
    )
    update_request(mandate.transaction, mandate.scope, decided)
    return decided, differences


def _rechecked(
    mandate: Mandate, request: Request, desk: Desk | Estimator | None, policy: Policy
) -> tuple[CheckResult, ...]:
    """The checks on what is to be decided, run now and kept; what they find room for is reserved."""
    used = desk if isinstance(desk, Desk) else Desk(desk) if desk is not None else _NOTHING
    taken = taken_with(hand_of(mandate), request)
    results, _ = run_checks(mandate.transaction, mandate.scope, used, request, taken, policy, (), mandate.now)
    keep_checks(
        mandate.transaction,
        mandate.scope,
        request.number,
        request.agency,
        results,
        digest=request.digest,
        at=mandate.now,
    )
    if request.kind.grants:
        reserve_all(mandate.transaction, taken, {result.check: result for result in results}, mandate.now)
    return results


def _check_overruled(
    mandate: Mandate, request: Request, policy: Policy, results: Sequence[CheckResult], ruling: Ruling
) -> None:
    for result in failures(results):
        reason = ruling.overruled.get(result.check, "")
        if policy.weight(result.check) is Weight.BLOCKING:
            raise mandate.refuse(
                "T07",
                request.subject,
                f"核验“{result.check}”未通过且不得否决:{result.zh}",
                f"the check {result.check} failed and cannot be overruled: {result.en}",
            )
        if not 1 <= len(reason) <= 500:
            raise mandate.refuse(
                "T08",
                request.subject,
                f"核验“{result.check}”未通过,须指名并说明理由方可批准:{result.zh}",
                f"the check {result.check} failed: overrule it by name with a reason, or reject: {result.en}",
            )


def _rely_on_the_chain(mandate: Mandate, request: Request) -> None:
    """Whoever endorsed before is looked at again: people change sides."""
    for taken in steps_taken(mandate.transaction, mandate.scope, request.number):
        if taken.outcome == ENDORSED:
            mandate.rely_on(Act.REQUEST_ENDORSE, request.subject, digest=taken.digest, owner=request.agency)


def _decide(mandate: Mandate, request: Request) -> bool:
    """Record the decision on the whole, and on each environment's own spec, which ``infra`` builds by."""
    step = request.step or (request.steps[-1] if request.steps else None)
    digests = dict.fromkeys([request.digest, *(spec_digest(spec) for spec in request.now_asked.specs)])
    new = False
    for digest in digests:
        recorded = mandate.decide(
            request.subject, digest=digest, owner=request.agency, decider=None if step is None else step.party
        )
        new = new or recorded
    return new


def _keep(mandate: Mandate, request: Request, outcome: str, ruling: Ruling) -> None:
    step = StepTaken(
        step=request.done + 1,
        outcome=outcome,
        digest=request.digest,
        party=mandate.actor.party,
        person=mandate.actor.person,
        rule="",
        overruled=dict(ruling.overruled),
        note=ruling.note or ruling.because,
        decided_at=mandate.now,
    )
    keep_step(mandate.transaction, request.number, request.agency, step)


def _has_fallen(mandate: Mandate, request: Request) -> bool:
    return has_fallen(mandate, Act.REQUEST_APPROVE, request.subject, digest=request.digest, owner=request.agency)


def _wrong_digest(mandate: Mandate, request: Request, digest: str) -> Exception:
    return mandate.refuse(
        "T03",
        request.subject,
        f"批准的对象是 {digest[:12]},申请的是 {request.digest[:12]}",
        f"the decision is on {digest[:12]}, the request asks for {request.digest[:12]}",
    )


def _decided_before(request: Request) -> RequestDecided:
    return RequestDecided(number=request.number, state_zh=request.state.zh, state_en=request.state.value)


def _finding(field_: str, found: str, expected: str, zh: str, en: str) -> Finding:
    return Finding("request.beyond", Severity.ERROR, Place(field=field_), found, expected, zh, en)


def _no_estimate(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Breakdown]:
    raise InvalidValue(field="desk", found="none", expected="an estimator")


_NOTHING = Desk(_no_estimate)
