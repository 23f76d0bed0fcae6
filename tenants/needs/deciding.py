"""Deciding on a need: approve, reject or return, bound to what was stated, answered and agreed to."""

from __future__ import annotations

from dataclasses import replace

from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from tenants.errors import NeedUnconcluded
from tenants.fallen import has_fallen
from tenants.needs.comparing import close_what_fell, unconcluded
from tenants.needs.merging import carry_the_led, led
from tenants.needs.model import Need, NeedState
from tenants.needs.moving import fit, move
from tenants.needs.ports import TemporaryQuota
from tenants.needs.reading import need_of
from tenants.needs.stating import check_reason
from tenants.needs.urgent import end_temporary

_WAITING = frozenset({NeedState.AGREED})


def approve_need(office: Office, token: str, number: str, *, digest: str) -> tuple[Need, bool]:
    """Approve the need whose ``decision_digest`` is ``digest``: (need, whether that is new).

    For whoever decides on its agency's things. The needs merged into it are approved with it. Where the person who
    approved it could not do so today, another may approve it anew. Raises ``NeedUnconcluded`` while a likely duplicate
    waits for a conclusion, ``NeedUnfit``, ``Refused``.
    """
    with acting(office, token, Act.NEED_APPROVE, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        fallen = need.state is NeedState.APPROVED and _has_fallen(mandate, need)
        new = _decide(mandate, need, digest)
        if need.state is NeedState.APPROVED and not (fallen and new):
            return need, False
        if fallen:
            mandate.audit(AuditEvent.NEED_APPROVED, need.subject, {"digest": digest, "anew": True})
            return need, True
        fit(need, _WAITING, "批准", "approve it")
        waiting = unconcluded(mandate.transaction, [number, *(one.number for one in led(mandate, need))])
        if waiting:
            raise NeedUnconcluded(number=number, count=len(waiting))
        approved = replace(need, state=NeedState.APPROVED, decided_at=mandate.now)
        moved = move(mandate, need, approved, AuditEvent.NEED_APPROVED, {"digest": digest})
        carry_the_led(mandate, moved, AuditEvent.NEED_APPROVED)
        return moved, True


def reject_need(
    office: Office, token: str, number: str, *, digest: str, reason: str, quota: TemporaryQuota
) -> tuple[Need, bool]:
    """Reject a need with a reason that its agency will read: (need, whether that is new). Errors as ``approve_need``.

    The needs merged into it are rejected with it; what the urgent path lent ends.
    """
    check_reason(reason)
    with acting(office, token, Act.NEED_REJECT, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        if not _decide(mandate, need, digest) and need.state is NeedState.REJECTED:
            return need, False
        fit(need, _WAITING, "驳回", "reject it")
        rejected = replace(need, state=NeedState.REJECTED, decided_at=mandate.now)
        moved = move(mandate, need, rejected, AuditEvent.NEED_REJECTED, {"digest": digest}, reason=reason)
        for gone in (moved, *carry_the_led(mandate, moved, AuditEvent.NEED_REJECTED)):
            close_what_fell(mandate, gone)
            end_temporary(mandate, gone, quota)
        return moved, True


def return_need(office: Office, token: str, number: str, *, digest: str, reason: str) -> tuple[Need, bool]:
    """Return a need to its agency, to be stated anew: (need, whether that is new). Errors as ``approve_need``."""
    check_reason(reason)
    with acting(office, token, Act.NEED_RETURN, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        if not _decide(mandate, need, digest) and need.state is NeedState.RETURNED:
            return need, False
        fit(need, _WAITING, "退回", "return it")
        returned = replace(need, state=NeedState.RETURNED)
        return move(mandate, need, returned, AuditEvent.NEED_RETURNED, {"digest": digest}, reason=reason), True


def _decide(mandate: Mandate, need: Need, digest: str) -> bool:
    """Record the decision on the need and on every need merged into it; False where this person took it before."""
    if digest != need.decision_digest:
        raise mandate.refuse(
            "T23",
            need.subject,
            f"决定的对象是 {digest[:12]},需求现为 {need.decision_digest[:12]}",
            f"the decision is on {digest[:12]}, the need stands at {need.decision_digest[:12]}",
        )
    followers = led(mandate, need)
    subjects = tuple(one.subject for one in followers)
    new = mandate.decide(need.subject, digest=digest, owner=need.agency, rests_on=subjects)
    for follower in followers:
        mandate.decide(follower.subject, digest=digest, owner=follower.agency, rests_on=(need.subject,))
    return new


def _has_fallen(mandate: Mandate, need: Need) -> bool:
    return has_fallen(mandate, Act.NEED_APPROVE, need.subject, digest=need.decision_digest, owner=need.agency)
