"""What must be right before a request is recorded: its content, its terms, the need it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.values.findings import Finding, blocking
from governance.authority import Act, Mandate
from governance.catalogue import services_for
from governance.projects import systems
from tenants import errors
from tenants.needs import approved_alternative
from tenants.requests.checks import check_content, check_spec, finding
from tenants.requests.content import Content, ServiceItem
from tenants.requests.kinds import RequestKind
from tenants.requests.policy import Policy


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked besides the environment.

    ``items`` are service items; ``until`` is when the grant is to end (None: no end); ``urgent`` the reason why it
    takes the urgent path 急用优先 (empty: it does not), which is granted for a time only; ``need`` the approved need
    it comes from; ``line`` the contract line it is charged to, where several could be.
    """

    items: tuple[ServiceItem, ...] = ()
    until: datetime | None = None
    urgent: str = ""
    need: str = ""
    line: str = ""


def check_wish(
    mandate: Mandate, kind: RequestKind, content: Content, terms: Terms, policy: Policy, counterpart: str
) -> None:
    """Raise ``InvalidRequest`` with everything that is wrong with the content and its terms."""
    agency = mandate.actor.party
    offered = services_for(mandate.transaction, agency, mandate.now)
    findings: list[Finding] = []
    if not content.specs and not content.items:  # what is stored could not be read again
        wanted = ("an environment or an item", "至少一个环境或一个服务项", "ask for an environment or an item")
        findings.append(finding("items", "none", *wanted))
    for spec in content.specs:
        known = {system.id: system for system in systems(mandate.transaction, mandate.scope)}
        plans = {plan.code for service in offered for plan in service.plans}
        # What stands already may be kept, paused or given back also where the catalogue offers it no more.
        findings.extend(check_spec(spec, known.get(spec.system), plans if kind.grants else None))
    findings.extend(check_content(content, offered))
    findings.extend(_check_terms(mandate, kind, terms, policy))
    findings.extend(_check_need(mandate, terms.need))
    if (kind is RequestKind.TRANSFER) != bool(counterpart) or counterpart == agency:
        findings.append(
            finding("to", counterpart, "another agency", "须指明接收单位", "name the agency that takes over")
        )
    if blocking(findings):
        raise errors.InvalidRequest(
            count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=tuple(findings)
        )


_NO_NEED = ("该需求没有已批准的环境方案", "nothing of the need is approved that has an environment")


def no_need(need: str) -> errors.InvalidRequest:
    """The error where nothing of the need stands approved."""
    return errors.InvalidRequest(count=1, first_zh=_NO_NEED[0], first_en=_NO_NEED[1], findings=(_no_need(need),))


def _no_need(need: str) -> Finding:
    return finding("need", need, "an approved need", *_NO_NEED)


def _check_need(mandate: Mandate, need: str) -> list[Finding]:
    """The need stands approved, and whoever approved it could still do so."""
    approved = approved_alternative(mandate.transaction, mandate.scope, need) if need else None
    if approved is None:
        return [_no_need(need)] if need else []
    mandate.rely_on(Act.NEED_APPROVE, approved.subject, digest=approved.digest, owner=approved.agency)
    return []


def _check_terms(mandate: Mandate, kind: RequestKind, terms: Terms, policy: Policy) -> list[Finding]:
    found: list[Finding] = []
    if terms.until is not None and terms.until <= mandate.now:
        found.append(finding("until", str(terms.until), "after now", "期限须在今后", "the end lies ahead"))
    longest = mandate.now + timedelta(days=policy.urgent_most_days)
    if terms.urgent and (terms.until is None or terms.until > longest or not kind.grants):
        days = policy.urgent_most_days
        found.append(
            finding(
                "until",
                str(terms.until),
                f"within {days} days",
                f"急用申请须有期限,最长 {days} 天",
                f"an urgent request has an end, at most {days} days ahead",
            )
        )
    if len(terms.urgent) > 500:
        found.append(finding("urgent", f"{len(terms.urgent)}", "up to 500", "理由过长", "a shorter reason"))
    return found
