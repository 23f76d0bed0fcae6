"""Exemptions: asked for by the agency or the operator, decided by whoever decides on the agency's things, ended early.

No person and no organisation asks and approves. An exemption names one rule and one resource, has a reason and an end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, View, acting, viewing
from governance.errors import NotFound
from governance.parties import Duty, PartyKind, decider_for
from governance.tasks import close_tasks, open_task
from infra.guardrails.errors import ExemptionUnfit, NotExemptible
from infra.guardrails.model import Exemption, ExemptionState
from infra.guardrails.policy import Policy, published_policy
from infra.guardrails.ports import AgencyOf
from infra.guardrails.rules import rule_named
from infra.guardrails.tables import decide_exemption, exemption_of, exemptions_of, insert_exemption
from infra.reasons import check_reason

_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,59}/[^\s/][^\s]{0,127}")


@dataclass(frozen=True, slots=True)
class ExemptionWish:
    """What is asked for: ``resource`` is ``Kind/name`` as findings name it, ``Environment/<id>`` for the whole plan."""

    rule: str
    resource: str
    reason: str
    until: datetime


def ask_exemption(
    office: Office,
    token: str,
    environment: str,
    wish: ExemptionWish,
    *,
    agency_of: AgencyOf,
    policy: Policy | None = None,
) -> tuple[Exemption, bool]:
    """Ask for an exemption in an environment: (it, whether that is new). The same wish that still waits is given back.

    Raises ``NotFound`` for an environment that is not the asker's to see, ``NoSuchRule``, ``NotExemptible``,
    ``InvalidValue``, ``ExemptionUnfit`` for an end that is past or too far, ``Refused``.
    """
    with viewing(office, token) as view:
        act = Act.EXEMPTION_ASK if view.actor.kind is PartyKind.AGENCY else Act.EXEMPTION_PROPOSE
    with acting(office, token, act, f"environment:{environment}") as mandate:
        agency = agency_of(mandate.transaction, environment)
        if agency is None or not mandate.scope.covers(agency):
            raise NotFound(what_zh="环境", what_en="environment", key=environment)
        _check(wish, mandate.now, policy or published_policy())
        waiting = exemptions_of(mandate.transaction, mandate.scope, environment=environment, state=ExemptionState.ASKED)
        same = next((one for one in waiting if _wish(one) == wish), None)
        if same is not None:
            return same, False
        exemption = Exemption(
            id=office.ids("exemption"),
            agency=agency,
            environment=environment,
            rule=wish.rule,
            resource=wish.resource,
            reason=wish.reason,
            until=wish.until,
            state=ExemptionState.ASKED,
            asked_by=mandate.actor.person,
            asked_at=mandate.now,
        )
        insert_exemption(mandate.transaction, exemption, mandate.recorded_at)
        mandate.decide(exemption.subject, digest=exemption.digest, owner=agency)
        _tell(mandate, AuditEvent.EXEMPTION_ASKED, exemption)
        open_task(
            mandate.transaction,
            party=decider_for(mandate.transaction, agency, mandate.now).id,
            duty=Duty.APPROVE,
            kind=Act.EXEMPTION_APPROVE.value,
            subject=exemption.subject,
            agency=agency,
            zh=f"审批环境 {environment} 对护栏 {wish.rule} 的豁免:{wish.resource}",
            en=f"decide on an exemption of environment {environment} from {wish.rule}: {wish.resource}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        return exemption, True


def approve_exemption(office: Office, token: str, exemption: str, *, digest: str) -> tuple[Exemption, bool]:
    """Let it hold from now to its end: (it, whether that is new). ``digest`` is of what was read.

    Raises ``Refused``, ``NotFound``, ``ExemptionUnfit`` where it was decided otherwise or its end is past.
    """
    with acting(office, token, Act.EXEMPTION_APPROVE, f"exemption:{exemption}") as mandate:
        found = _found(mandate, exemption, digest)
        if found.state is ExemptionState.APPROVED:
            return found, False
        if found.state is not ExemptionState.ASKED or found.until <= mandate.now:
            raise _unfit(found)
        mandate.decide(found.subject, digest=digest, owner=found.agency)
        return _settle(mandate, found, ExemptionState.APPROVED, AuditEvent.EXEMPTION_APPROVED), True


def reject_exemption(
    office: Office, token: str, exemption: str, *, digest: str, because: str
) -> tuple[Exemption, bool]:
    """Turn it down with a reason that the asker will read. Errors as for ``approve_exemption``."""
    return _end(office, token, exemption, digest, because, _REJECTING)


def revoke_exemption(
    office: Office, token: str, exemption: str, *, digest: str, because: str
) -> tuple[Exemption, bool]:
    """End an approved one before its time, at once. Errors as for ``approve_exemption``."""
    return _end(office, token, exemption, digest, because, _REVOKING)


def list_exemptions(view: View, *, environment: str = "") -> tuple[Exemption, ...]:
    """The exemptions the reader may see, newest first; of one environment where named."""
    return tuple(exemptions_of(view.transaction, view.scope, environment=environment))


@dataclass(frozen=True, slots=True)
class _Ending:
    """An act that ends an exemption: which one may be ended, and what it is then."""

    act: Act
    of: ExemptionState
    to: ExemptionState
    event: AuditEvent


_REJECTING = _Ending(Act.EXEMPTION_REJECT, ExemptionState.ASKED, ExemptionState.REJECTED, AuditEvent.EXEMPTION_REJECTED)
_REVOKING = _Ending(Act.EXEMPTION_REVOKE, ExemptionState.APPROVED, ExemptionState.REVOKED, AuditEvent.EXEMPTION_REVOKED)


def _end(
    office: Office, token: str, exemption: str, digest: str, because: str, ending: _Ending
) -> tuple[Exemption, bool]:
    check_reason("because", because)
    with acting(office, token, ending.act, f"exemption:{exemption}") as mandate:
        found = _found(mandate, exemption, digest)
        if found.state is ending.to:
            return found, False
        if found.state is not ending.of:
            raise _unfit(found)
        mandate.decide(found.subject, digest=digest, owner=found.agency, note=because)
        return _settle(mandate, replace(found, note=because), ending.to, ending.event), True


def _settle(mandate: Mandate, found: Exemption, state: ExemptionState, event: AuditEvent) -> Exemption:
    since = mandate.now if state is ExemptionState.APPROVED else found.since
    settled = replace(found, state=state, since=since, decided_by=mandate.actor.person)
    decide_exemption(mandate.transaction, mandate.scope, settled)
    close_tasks(mandate.transaction, found.subject, closed_at=mandate.now)
    _tell(mandate, event, settled)
    return settled


def _tell(mandate: Mandate, event: AuditEvent, exemption: Exemption) -> None:
    # A reason may name people, so the log has only its digest.
    facts = {
        "environment": exemption.environment,
        "rule": exemption.rule,
        "resource": exemption.resource,
        "until": exemption.until,
        "digest": exemption.digest,
        "reason_digest": sha256_hex(exemption.reason.encode()),
    }
    mandate.audit(event, exemption.subject, facts)
    told = {"agency": exemption.agency, "environment": exemption.environment, "rule": exemption.rule}
    mandate.announce(event.value, exemption.subject, told)


def _found(mandate: Mandate, exemption: str, digest: str) -> Exemption:
    found = exemption_of(mandate.transaction, mandate.scope, exemption)
    if found is None:
        raise NotFound(what_zh="这项豁免:", what_en="exemption", key=exemption)
    if found.digest != digest:
        raise mandate.refuse(
            "D02",
            found.subject,
            f"处理的是 {digest[:12]},申请的是 {found.digest[:12]}",
            f"this is about {digest[:12]}, what was asked is {found.digest[:12]}",
        )
    return found


def _unfit(found: Exemption) -> ExemptionUnfit:
    return ExemptionUnfit(
        exemption=found.id,
        because_zh=f"{found.state.zh},截止 {found.until:%Y-%m-%d}",
        because_en=f"it is {found.state.value}, until {found.until:%Y-%m-%d}",
    )


def _wish(one: Exemption) -> ExemptionWish:
    return ExemptionWish(one.rule, one.resource, one.reason, one.until)


def _check(wish: ExemptionWish, now: datetime, policy: Policy) -> None:
    rule = rule_named(wish.rule)
    if not rule.exemptible:
        raise NotExemptible(rule=rule.id, remedy_zh=rule.remedy_zh, remedy_en=rule.remedy_en)
    if not _RESOURCE.fullmatch(wish.resource):
        raise InvalidValue(field="resource", found=wish.resource[:80], expected="Kind/name as the finding names it")
    check_reason("reason", wish.reason)
    longest = policy.longest_exemption
    if not now < wish.until <= now + longest:
        raise ExemptionUnfit(
            exemption=f"{wish.rule} {wish.resource}",
            because_zh=f"截止时间须在今后 {longest.days} 天之内",
            because_en=f"its end must lie within the next {longest.days} days",
        )
