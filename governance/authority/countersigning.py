"""Countersigning: bureau and auditor put their own name under a checkpoint, after walking the log up to it themselves.

Until then a checkpoint is the operator's word alone, who also runs the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.evidence import EvidenceError, KeyRing, Signer, open_signed, sign
from foundation.store import Transaction
from governance import audit
from governance.audit import AuditEvent, Countersignature, Verdict
from governance.authority.acts import Act
from governance.authority.mandate import Office, acting
from governance.errors import AuditDiffers, NothingToCountersign


def walk(transaction: Transaction, handed_out: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """The log beside the heads the reader holds (each already checked with the reader's keys)."""
    anchors = audit.anchors_in(handed_out)
    return audit.verify(audit.links(transaction), anchors, written=audit.head(transaction))


def countersign(
    office: Office, token: str, signer: Signer, *, handed_out: Mapping[str, Mapping[str, Any]]
) -> tuple[int, bool]:
    """Sign the newest head among ``handed_out``, which the log must lead to: (entry number, whether it is new).

    Raises ``AuditDiffers`` where anything in the log is wrong, ``NothingToCountersign`` where no checkpoint on record
    was handed to the reader yet.
    """
    with office.store.reading() as transaction:
        verdict = walk(transaction, handed_out)
        held = {point.number for point in audit.checkpoints(transaction)} & set(audit.anchors_in(handed_out))
    wrong = verdict.broken or verdict.difference
    if wrong is not None:
        raise AuditDiffers(number=wrong.number, because_zh=wrong.zh, because_en=wrong.en)
    if not held:
        raise NothingToCountersign
    number = max(held)
    hash_ = audit.anchors_in(handed_out)[number]
    with acting(office, token, Act.AUDIT_COUNTERSIGN, f"audit:{number}") as mandate:
        party = mandate.actor.party
        body = {"kind": "audit-countersignature", "number": number, "hash": hash_, "party": party}
        made = Countersignature(number, party, mandate.recorded_at, sign(body, signer))
        if not audit.record_countersignature(mandate.transaction, made):
            return number, False
        mandate.decide(f"audit:{number}", digest=hash_.removeprefix("sm3:"))
        mandate.audit(AuditEvent.AUDIT_COUNTERSIGNED, f"audit:{number}", {"hash": hash_, "party": party})
    return number, True


def countersigned(transaction: Transaction, ring: KeyRing, verdict: Verdict) -> Mapping[str, int]:
    """By party, the newest entry it countersigned, inside the part ``verdict`` found anchored.

    Only what the party's key in ``ring`` signed counts, and only where the log still has the hash it signed. What
    another key signed counts for nobody, and keeps nobody from reading the rest: such a row can never be taken away.
    """
    newest: dict[str, int] = {}
    for one in audit.countersignatures(transaction):
        try:
            body = open_signed(one.signed, ring, owner=f"{one.party}.audit", what=f"audit-{one.checkpoint}")
        except EvidenceError:
            continue
        told = (body.get("number"), body.get("hash"), body.get("party"))
        stands = (one.checkpoint, audit.hash_at(transaction, one.checkpoint), one.party)
        if told == stands and one.checkpoint <= verdict.anchored:
            newest[one.party] = max(one.checkpoint, newest.get(one.party, 0))
    return newest


def choose_audit_digest(office: Office, token: str, digest: audit.Digest) -> bool:
    """Hash the log's later entries with another digest, from the entry on that says so; False if it is so already."""
    with acting(office, token, Act.AUDIT_DIGEST, "audit:log") as mandate:
        if not audit.choose_digest(mandate.transaction, digest):
            return False
        mandate.audit(AuditEvent.AUDIT_DIGEST_CHOSEN, "audit:log", {"digest": digest.value})
        return True
