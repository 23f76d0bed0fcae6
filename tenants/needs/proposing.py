"""Proposing: the operator answers a need with alternatives, each with its cost by the billing code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from tenants.errors import InvalidNeed
from tenants.needs.model import Alternative, Need, NeedState, Proposal
from tenants.needs.moving import fit, move
from tenants.needs.ports import ItemEstimator
from tenants.needs.reading import need_of, proposal_of
from tenants.needs.tables import add_proposal, proposal_digest
from tenants.ports import Estimator

_ANSWERED = frozenset({NeedState.STATED, NeedState.PROPOSED})


def propose(
    office: Office,
    token: str,
    number: str,
    alternatives: Sequence[Alternative],
    *,
    recommended: str,
    estimator: Estimator,
    item_estimator: ItemEstimator,
) -> tuple[Proposal, bool]:
    """Answer a need: (proposal with its costs, whether it is new). For the operator.

    Each answer is the next version; the earlier ones stay. The same answer to the same version of the need gives back
    what stands. Raises ``NeedUnfit``, ``InvalidNeed`` (an environment of another agency, or of another system than the
    need's), ``Refused``, and what the estimators raise.
    """
    with acting(office, token, Act.NEED_PROPOSE, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        fit(need, _ANSWERED, "提出方案", "propose")
        _check(need, alternatives)
        costed = tuple(_costed(mandate, need.agency, each, estimator, item_estimator) for each in alternatives)
        standing = proposal_of(mandate.transaction, mandate.scope, number)
        if standing is not None and need.state is NeedState.PROPOSED and _same(standing, need, costed, recommended):
            return standing, False
        proposal = Proposal(
            need=number,
            version=need.proposal + 1,
            need_version=need.version,
            agency=need.agency,
            recommended=recommended,
            alternatives=costed,
            digest="",
            proposed_at=mandate.now,
        )
        proposal = replace(proposal, digest=proposal_digest(proposal))
        add_proposal(mandate.transaction, proposal)
        mandate.decide(need.subject, digest=proposal.digest, owner=need.agency)
        answered = replace(
            need, state=NeedState.PROPOSED, proposal=proposal.version, proposal_digest=proposal.digest, chosen=""
        )
        facts = {"proposal": proposal.version, "digest": proposal.digest, "alternatives": len(costed)}
        move(mandate, need, answered, AuditEvent.NEED_PROPOSED, facts)
        return proposal, True


def _costed(
    mandate: Mandate, agency: str, alternative: Alternative, estimator: Estimator, item_estimator: ItemEstimator
) -> Alternative:
    monthly, lines = 0, []
    if alternative.environment is not None:
        fen, breakdown = estimator(mandate.transaction, alternative.environment, mandate.now)
        monthly, lines = fen, list(breakdown)
    if alternative.items:
        fen, breakdown = item_estimator(mandate.transaction, agency, alternative.items, mandate.now)
        monthly, lines = monthly + fen, [*lines, *breakdown]
    return replace(alternative, monthly=monthly, breakdown=tuple(lines))


def _same(standing: Proposal, need: Need, costed: tuple[Alternative, ...], recommended: str) -> bool:
    again = replace(standing, alternatives=costed, recommended=recommended, need_version=need.version)
    return proposal_digest(again) == standing.digest


def _check(need: Need, alternatives: Sequence[Alternative]) -> None:
    findings = [
        Finding(
            code="need.proposal-invalid",
            severity=Severity.ERROR,
            place=Place(field=f"proposal.alternatives.{each.id}.environment.{field}"),
            found=found,
            expected=expected,
            zh=f"应为需求的 {expected}",
            en=f"the need is for {expected}",
        )
        for each in alternatives
        if each.environment is not None
        for field, found, expected in (
            ("agency", each.environment.agency, need.agency),
            ("system", each.environment.system, need.system or each.environment.system),
        )
        if found != expected
    ]
    if findings:
        first = findings[0]
        raise InvalidNeed(count=len(findings), first_zh=first.zh, first_en=first.en, findings=tuple(findings))
