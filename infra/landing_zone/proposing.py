"""Proposing a landing zone and deciding on it: the operator puts it forward, whoever decides for the operator decides.

What is approved is a digest of the spec. Nothing is built by it: that takes a plan, as for an environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Scope, Transaction
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, View, acting
from governance.environments.landing_zone import LandingZoneSpec, landing_zone_document
from governance.errors import NotFound
from governance.parties import Duty, PartyKind, decider_for, party_of
from governance.tasks import close_tasks, open_task
from infra.landing_zone.errors import ProposalUnfit
from infra.landing_zone.model import Proposal, ProposalState
from infra.landing_zone.tables import insert_proposal, proposals_of, settle_proposal, standing_proposal
from infra.reasons import check_reason


def propose_landing_zone(office: Office, token: str, spec: LandingZoneSpec) -> tuple[Proposal, bool]:
    """Put a spec forward: (proposal, whether it is new). The same one that waits or stands is given back.

    ``networks`` are none of its business: who is joined is read from the record. Raises ``Refused``, ``NotFound`` for
    an agency or a region's owner that there is not, ``ProposalUnfit``.
    """
    digest = sha256_hex(canonical_bytes(landing_zone_document(spec)))
    with acting(office, token, Act.LANDING_ZONE_PROPOSE, f"environment:{spec.environment}") as mandate:
        _check(mandate, spec)
        standing = standing_proposal(mandate.transaction, mandate.scope)
        waiting = [
            one
            for one in proposals_of(mandate.transaction, mandate.scope)
            if one.state is ProposalState.PROPOSED or one == standing
        ]
        same = next((one for one in waiting if one.digest == digest), None)
        if same is not None:
            return same, False
        proposal = Proposal(
            id=office.ids("ground"),
            agency=spec.agency,
            spec=spec,
            digest=digest,
            state=ProposalState.PROPOSED,
            proposed_by=mandate.actor.person,
            proposed_at=mandate.now,
        )
        insert_proposal(mandate.transaction, proposal, mandate.recorded_at)
        mandate.decide(proposal.subject, digest=digest)
        _tell(mandate, AuditEvent.LANDING_ZONE_PROPOSED, proposal)
        open_task(
            mandate.transaction,
            party=decider_for(mandate.transaction, proposal.agency, mandate.now).id,
            duty=Duty.APPROVE,
            kind=Act.LANDING_ZONE_APPROVE.value,
            subject=proposal.subject,
            agency=proposal.agency,
            zh=f"审批着陆区说明 {proposal.id},摘要 {digest[:12]}",
            en=f"decide on the landing zone {proposal.id}, digest {digest[:12]}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        return proposal, True


def approve_landing_zone(office: Office, token: str, proposal: str, *, digest: str) -> tuple[Proposal, bool]:
    """Let it stand: (it, whether that is new). ``digest`` is of what was read.

    Raises ``Refused``, ``NotFound``, ``ProposalUnfit`` where it was decided otherwise.
    """
    with acting(office, token, Act.LANDING_ZONE_APPROVE, f"landing-zone:{proposal}") as mandate:
        found = _found(mandate, proposal, digest)
        if found.state is ProposalState.APPROVED:
            return found, False
        return _settle(mandate, found, ProposalState.APPROVED, AuditEvent.LANDING_ZONE_APPROVED), True


def reject_landing_zone(
    office: Office, token: str, proposal: str, *, digest: str, because: str
) -> tuple[Proposal, bool]:
    """Turn it down with a reason that the operator will read. Errors as for ``approve_landing_zone``."""
    check_reason("because", because)
    with acting(office, token, Act.LANDING_ZONE_REJECT, f"landing-zone:{proposal}") as mandate:
        found = _found(mandate, proposal, digest)
        if found.state is ProposalState.REJECTED:
            return found, False
        noted = replace(found, note=because)
        return _settle(mandate, noted, ProposalState.REJECTED, AuditEvent.LANDING_ZONE_REJECTED), True


def list_proposals(view: View) -> Sequence[Proposal]:
    """The proposals the reader may see, newest first: an agency sees none."""
    return proposals_of(view.transaction, view.scope)


def approved_landing_zone(transaction: Transaction, scope: Scope) -> Proposal | None:
    """What stands approved; None where nothing was."""
    return standing_proposal(transaction, scope)


def _check(mandate: Mandate, spec: LandingZoneSpec) -> None:
    if spec.agency != mandate.actor.party:
        zh, en = f"agency 应为提出者 {mandate.actor.party}", f"its agency is the proposer's own, {mandate.actor.party}"
        raise ProposalUnfit(proposal=spec.environment, because_zh=zh, because_en=en)
    if spec.networks:
        zh, en = "networks 由台账得出,不在说明中写", "networks are read from the record, and not written"
        raise ProposalUnfit(proposal=spec.environment, because_zh=zh, because_en=en)
    for region in spec.regions:
        party_of(mandate.transaction, region.owner)
    for agency in spec.agencies:
        if party_of(mandate.transaction, agency.agency).kind is not PartyKind.AGENCY:
            zh, en = f"{agency.agency} 不是使用单位", f"{agency.agency} is no using agency"
            raise ProposalUnfit(proposal=spec.environment, because_zh=zh, because_en=en)


def _found(mandate: Mandate, proposal: str, digest: str) -> Proposal:
    found = next(iter(proposals_of(mandate.transaction, mandate.scope, id_=proposal)), None)
    if found is None:
        raise NotFound(what_zh="这项着陆区说明:", what_en="landing zone", key=proposal)
    if found.digest != digest:
        raise mandate.refuse(
            "D02",
            found.subject,
            f"处理的是 {digest[:12]},提出的是 {found.digest[:12]}",
            f"this is about {digest[:12]}, what was proposed is {found.digest[:12]}",
        )
    return found


def _settle(mandate: Mandate, found: Proposal, state: ProposalState, event: AuditEvent) -> Proposal:
    if found.state is not ProposalState.PROPOSED:
        raise ProposalUnfit(
            proposal=found.id, because_zh=f"早已{found.state.zh[1:]}", because_en=f"it is {found.state.value}"
        )
    mandate.decide(found.subject, digest=found.digest, owner=found.agency, note=found.note)
    settled = replace(found, state=state, decided_by=mandate.actor.person)
    settled = settle_proposal(mandate.transaction, mandate.scope, settled)
    close_tasks(mandate.transaction, found.subject, closed_at=mandate.now)
    _tell(mandate, event, settled)
    return settled


def _tell(mandate: Mandate, event: AuditEvent, proposal: Proposal) -> None:
    mandate.audit(event, proposal.subject, {"environment": proposal.spec.environment, "digest": proposal.digest})
    mandate.announce(event.value, proposal.subject, {"agency": proposal.agency, "digest": proposal.digest})
