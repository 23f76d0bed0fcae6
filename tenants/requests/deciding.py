"""Deciding: the bureau approves or rejects, bound to the digest it saw."""

from __future__ import annotations

from dataclasses import replace

from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, Refusal, acting, standing_decision
from governance.environments import spec_document
from tenants.environments import EnvironmentState, find_environment
from tenants.environments.service import record_approval
from tenants.environments.tables import save_environment
from tenants.errors import RequestDecided
from tenants.requests.model import Request, RequestKind, RequestState
from tenants.requests.reading import request_of
from tenants.requests.tables import update_decision


def approve_request(office: Office, token: str, number: str, *, digest: str) -> tuple[Request, bool]:
    """Approve the request whose spec has ``digest``, with the estimate it carries: (request, whether it is new).

    An approval whose person has since come to the operator or the agency counts no more; another person may then
    approve the same request anew. Raises ``Refused`` (also where the digest is another one), ``RequestDecided``,
    ``NotFound``.
    """
    with acting(office, token, Act.REQUEST_APPROVE, f"request:{number}") as mandate:
        request = request_of(mandate.transaction, mandate.scope, number)
        fallen = request.state is RequestState.APPROVED and _has_fallen(mandate, request)
        if not _decided_now(mandate, request, RequestState.APPROVED, digest, anew=fallen):
            return request, False
        if fallen:
            mandate.audit(AuditEvent.REQUEST_APPROVED, request.subject, {"spec_digest": digest, "anew": True})
            return request, True
        approved = replace(
            request, state=RequestState.APPROVED, decided=spec_document(request.spec), decided_at=mandate.now
        )
        update_decision(mandate.transaction, mandate.scope, approved)
        record_approval(mandate.transaction, mandate.scope, request.environment, request=number, spec=request.spec)
        mandate.audit(
            AuditEvent.REQUEST_APPROVED,
            request.subject,
            {"spec_digest": request.spec_digest, "estimate": request.estimate.monthly},
        )
        return approved, True


def reject_request(office: Office, token: str, number: str, *, digest: str, reason: str) -> tuple[Request, bool]:
    """Reject the request with a reason the agency will read (1 to 500 characters): (request, whether it is new)."""
    if not 1 <= len(reason) <= 500:
        raise InvalidValue(field="reason", found=f"{len(reason)} characters", expected="1 to 500 characters")
    with acting(office, token, Act.REQUEST_REJECT, f"request:{number}") as mandate:
        request = request_of(mandate.transaction, mandate.scope, number)
        if not _decided_now(mandate, request, RequestState.REJECTED, digest, note=reason):
            return request, False
        rejected = replace(
            request,
            state=RequestState.REJECTED,
            decided=spec_document(request.spec),
            reason=reason,
            decided_at=mandate.now,
        )
        update_decision(mandate.transaction, mandate.scope, rejected)
        if request.kind is RequestKind.CREATE:
            record = find_environment(mandate.transaction, mandate.scope, request.environment)
            save_environment(mandate.transaction, mandate.scope, replace(record, state=EnvironmentState.CLOSED))
        mandate.audit(
            AuditEvent.REQUEST_REJECTED,
            request.subject,
            # A reason may name people: the log keeps what proves it unchanged, the request keeps the words.
            {"spec_digest": request.spec_digest, "reason_digest": sha256_hex(reason.encode())},
        )
        return rejected, True


def _has_fallen(mandate: Mandate, request: Request) -> bool:
    """Whether whoever approved the request could not do so today."""
    standing = standing_decision(
        mandate.transaction,
        Act.REQUEST_APPROVE,
        request.subject,
        digest=request.spec_digest,
        at=mandate.now,
        owner=request.agency,
    )
    return isinstance(standing, Refusal)


def _decided_now(
    mandate: Mandate, request: Request, state: RequestState, digest: str, *, note: str = "", anew: bool = False
) -> bool:
    """Whether the decision is new; False where the same person took the same one before.

    ``anew``: it takes the place of one that counts no more.
    """
    if digest != request.spec_digest:
        raise mandate.refuse(
            "T03",
            request.subject,
            f"批准的对象是 {digest[:12]},申请的是 {request.spec_digest[:12]}",
            f"the decision is on {digest[:12]}, the request asks for {request.spec_digest[:12]}",
        )
    new = mandate.decide(request.subject, digest=digest, owner=request.agency, note=note)
    if not new and request.state is state:
        return False
    if request.state is not RequestState.REQUESTED and not anew:
        raise RequestDecided(number=request.number, state_zh=request.state.zh, state_en=request.state.value)
    return True
