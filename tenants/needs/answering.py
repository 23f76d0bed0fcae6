"""Answering a proposal: the agency agrees to one alternative, or sends it back with its reasons."""

from __future__ import annotations

from dataclasses import replace

from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from tenants.needs.model import Need, NeedState
from tenants.needs.moving import fit, move
from tenants.needs.reading import need_of, proposal_of
from tenants.needs.stating import check_reason

_OFFERED = frozenset({NeedState.PROPOSED})


def agree(office: Office, token: str, number: str, alternative: str, *, digest: str) -> tuple[Need, bool]:
    """Agree to one alternative of the proposal with ``digest``: (need, whether that is new). For the need's agency.

    Raises ``NeedUnfit``, ``InvalidValue`` (no such alternative), ``Refused`` (also where the digest is another one).
    """
    with acting(office, token, Act.NEED_AGREE, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        if need.state is NeedState.AGREED and (need.proposal_digest, need.chosen) == (digest, alternative):
            return need, False
        fit(need, _OFFERED, "同意方案", "agree to a proposal")
        proposal = proposal_of(mandate.transaction, mandate.scope, number)
        if digest != need.proposal_digest:
            raise mandate.refuse(
                "T22",
                need.subject,
                f"同意的是 {digest[:12]},现行方案是 {need.proposal_digest[:12]}",
                f"what was read is {digest[:12]}, the proposal is {need.proposal_digest[:12]}",
            )
        if proposal is None or proposal.alternative(alternative) is None:
            known = () if proposal is None else (one.id for one in proposal.alternatives)
            raise InvalidValue(field="alternative", found=alternative, expected=", ".join(known))
        mandate.decide(need.subject, digest=digest, owner=need.agency, note=alternative)
        agreed = replace(need, state=NeedState.AGREED, chosen=alternative)
        facts = {"proposal": need.proposal, "digest": digest, "alternative": alternative}
        return move(mandate, need, agreed, AuditEvent.NEED_AGREED, facts), True


def send_back(office: Office, token: str, number: str, *, digest: str, reason: str) -> tuple[Need, bool]:
    """Send the proposal with ``digest`` back, with the reasons the operator will read: (need, whether that is new)."""
    check_reason(reason)
    with acting(office, token, Act.NEED_SEND_BACK, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        if need.state is NeedState.STATED and (need.proposal_digest, need.reason) == (digest, reason):
            return need, False
        fit(need, _OFFERED, "退回方案", "send a proposal back")
        if digest != need.proposal_digest:
            raise mandate.refuse(
                "T22",
                need.subject,
                f"退回的是 {digest[:12]},现行方案是 {need.proposal_digest[:12]}",
                f"what was read is {digest[:12]}, the proposal is {need.proposal_digest[:12]}",
            )
        mandate.decide(need.subject, digest=digest, owner=need.agency)
        facts = {"proposal": need.proposal, "digest": digest}
        back = replace(need, state=NeedState.STATED)
        return move(mandate, need, back, AuditEvent.NEED_SENT_BACK, facts, reason=reason), True
