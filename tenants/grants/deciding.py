"""Approving, rejecting, revoking by the holder; withdrawing by the agency."""

from __future__ import annotations

from dataclasses import replace

from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.errors import NotFound
from governance.tasks import close_tasks
from tenants.datasets import hold_back, published_dataset
from tenants.errors import GrantUnfit
from tenants.grants.model import Grant, GrantState, Offer
from tenants.grants.tables import read_grant, rewrite
from tenants.grants.turning import begin_or_end, end_now
from tenants.reasons import check_reason, reason_digest


def approve_grant(office: Office, token: str, number: str, *, digest: str) -> tuple[Grant, bool]:
    """Allow the use asked for under ``digest``: (grant, whether that is new). Where the term has begun already, the
    register opens now. Raises ``Refused``, ``GrantUnfit``, ``NotFound``; ``NotShared`` where a list forbids it now."""
    with acting(office, token, Act.GRANT_APPROVE, f"grant:{number}") as mandate:
        grant = _found(mandate, number, digest)
        if grant.wish.offer is Offer.DATASET and grant.state is GrantState.ASKED:
            hold_back(mandate, published_dataset(mandate.transaction, grant.wish.thing))
        if not _decided_now(mandate, grant, GrantState.APPROVED):
            return grant, False
        approved = replace(grant, state=GrantState.APPROVED, decided_at=mandate.now)
        _save(mandate, approved, AuditEvent.GRANT_APPROVED, {"digest": digest})
        return begin_or_end(mandate.transaction, approved, now=mandate.now, recorded_at=mandate.recorded_at), True


def reject_grant(office: Office, token: str, number: str, *, digest: str, reason: str) -> tuple[Grant, bool]:
    """Turn the use down with a reason the agency will read (1 to 500 characters)."""
    check_reason(reason)
    with acting(office, token, Act.GRANT_REJECT, f"grant:{number}") as mandate:
        grant = _found(mandate, number, digest)
        if not _decided_now(mandate, grant, GrantState.REJECTED, note=reason):
            return grant, False
        rejected = replace(grant, state=GrantState.REJECTED, reason=reason, decided_at=mandate.now)
        _save(mandate, rejected, AuditEvent.GRANT_REJECTED, {"reason_digest": reason_digest(reason)})
        return rejected, True


def revoke_grant(office: Office, token: str, number: str, *, digest: str, reason: str) -> tuple[Grant, bool]:
    """Take an approved grant back at once, with a reason: the holder's."""
    check_reason(reason)
    with acting(office, token, Act.GRANT_REVOKE, f"grant:{number}") as mandate:
        grant = _found(mandate, number, digest)
        if grant.state is GrantState.REVOKED:
            return grant, False
        if grant.state is not GrantState.APPROVED:
            raise _unfit(grant)
        mandate.decide(grant.subject, digest=digest, owner=grant.agency, decider=grant.holder, note=reason)
        ended = replace(grant, state=GrantState.REVOKED, reason=reason)
        revoked = end_now(mandate.transaction, ended, at=mandate.now, recorded_at=mandate.recorded_at)
        _save(mandate, revoked, AuditEvent.GRANT_REVOKED, {"reason_digest": reason_digest(reason)})
        return revoked, True


def withdraw_grant(office: Office, token: str, number: str, *, digest: str) -> tuple[Grant, bool]:
    """The agency takes its application back, or stops using what was granted."""
    with acting(office, token, Act.GRANT_WITHDRAW, f"grant:{number}") as mandate:
        grant = _found(mandate, number, digest)
        if not mandate.scope.covers(grant.agency):  # its holder sees it too, and revokes instead
            raise NotFound(what_zh="这项授权:", what_en="grant", key=number)
        if grant.state is GrantState.WITHDRAWN:
            return grant, False
        if grant.state not in {GrantState.ASKED, GrantState.APPROVED}:
            raise _unfit(grant)
        mandate.decide(grant.subject, digest=digest)
        ended = replace(grant, state=GrantState.WITHDRAWN)
        withdrawn = end_now(mandate.transaction, ended, at=mandate.now, recorded_at=mandate.recorded_at)
        _save(mandate, withdrawn, AuditEvent.GRANT_WITHDRAWN, {"digest": digest})
        return withdrawn, True


def _found(mandate: Mandate, number: str, digest: str) -> Grant:
    grant = read_grant(mandate.transaction, mandate.scope, machine_scope(), number)
    if grant is None:
        raise NotFound(what_zh="这项授权:", what_en="grant", key=number)
    if grant.digest != digest:
        raise mandate.refuse(
            "D02",
            grant.subject,
            f"处理的是 {digest[:12]},申请的是 {grant.digest[:12]}",
            f"this is about {digest[:12]}, what was asked is {grant.digest[:12]}",
        )
    return grant


def _decided_now(mandate: Mandate, grant: Grant, state: GrantState, *, note: str = "") -> bool:
    new = mandate.decide(grant.subject, digest=grant.digest, owner=grant.agency, decider=grant.holder, note=note)
    if not new and grant.state is state:
        return False
    if grant.state is not GrantState.ASKED:
        raise _unfit(grant)
    return True


def _save(mandate: Mandate, grant: Grant, event: AuditEvent, facts: dict[str, str]) -> None:
    rewrite(mandate.transaction, machine_scope(), grant)
    mandate.audit(event, grant.subject, facts)
    mandate.announce(event.value, grant.subject, {"agency": grant.agency, "holder": grant.holder})
    close_tasks(mandate.transaction, grant.subject, closed_at=mandate.now)


def _unfit(grant: Grant) -> GrantUnfit:
    return GrantUnfit(grant=grant.number, state_zh=grant.state.zh, state_en=grant.state.value)
