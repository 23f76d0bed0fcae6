"""The walk of a settlement, act by act: each binds to the digest, each may run again without doing anything twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from billing.ledger.model import acceptance_of, payment_of, return_of
from billing.ledger.tables import post
from billing.settlement.computing import compute
from billing.settlement.contract_use import amounts_by_line
from billing.settlement.errors import DigestDiffers, DraftOutdated, NoSettlement, WrongState
from billing.settlement.gathering import Sources, gather
from billing.settlement.model import SettlementState, digest, document, settlement_id
from billing.settlement.states import STEPS
from billing.settlement.tables import SettlementRow, add, latest, save, settlements
from foundation.evidence import Signer, sign
from foundation.values.month import Month
from governance.audit import AuditEvent
from governance.authority import RULES, Act, Decision, Mandate, Office, View, acting, decisions_on
from governance.contracts import take_back_use, use
from governance.parties import successor_of


def subject_of(settlement: str) -> str:
    """What decisions and the audit log call the settlement."""
    return f"settlement:{settlement}"


def draft_settlement(office: Office, token: str, contract: str, month: Month, *, sources: Sources) -> SettlementRow:
    """Compute the contract-month and keep it as a draft; a returned one gets version n+1.

    A draft is computed anew; one that is submitted or further is given back as it stands. Raises
    ``StatementsOutstanding``, ``NoCoefficient``, ``CeilingExceeded``, ``InvalidItem``, ``NotFound``, ``Refused``.
    """
    identifier = settlement_id(contract, month)
    subject = subject_of(identifier)
    with acting(office, token, Act.SETTLEMENT_DRAFT, subject) as mandate:
        standing = latest(mandate.transaction, identifier)
        if standing is not None and standing.state not in {SettlementState.DRAFT, SettlementState.RETURNED}:
            return standing
        returned = standing is not None and standing.state is SettlementState.RETURNED
        version = 1 if standing is None else standing.version + returned
        inputs = gather(mandate.transaction, mandate.scope, sources, contract, month, version=version)
        bill = document(compute(inputs))
        row = SettlementRow(
            id=identifier,
            version=version,
            contract=contract,
            month=month,
            state=SettlementState.DRAFT,
            digest=digest(bill),
            document=bill,
            signed=None,
            reason="",
            drafted_at=mandate.now,
            changed_at=mandate.now,
        )
        if standing is not None and (standing.version, standing.digest) == (version, row.digest):
            return standing
        (add if standing is None or returned else save)(mandate.transaction, row)
        mandate.decide(subject, digest=row.digest)
        mandate.audit(AuditEvent.SETTLEMENT_DRAFTED, subject, {"version": version, "digest": row.digest})
        return row


def submit_settlement(
    office: Office, token: str, settlement: str, *, digest: str, signer: Signer, sources: Sources
) -> SettlementRow:
    """Freeze the draft and sign it; from here every act binds to ``digest``, and the contract counts it as used.

    Raises also ``DraftOutdated``, ``LineUsedUp``, ``CeilingReached``, ``NotInContract``.
    """
    with acting(office, token, Act.SETTLEMENT_SUBMIT, subject_of(settlement)) as mandate:
        row = _bound(mandate, settlement, digest)
        if not _start(mandate, row):
            return row
        inputs = gather(mandate.transaction, mandate.scope, sources, row.contract, row.month, version=row.version)
        if document(compute(inputs)) != row.document:
            raise DraftOutdated(settlement=settlement)
        amounts = amounts_by_line(mandate.transaction, mandate.scope, row)
        use(mandate.transaction, row.contract, subject_of(settlement), amounts, mandate.now, clock=mandate.real)
        return _end(mandate, replace(row, signed=asdict(sign(signed_body(row), signer))))


def accept_settlement(office: Office, token: str, settlement: str, *, digest: str) -> SettlementRow:
    """The buyer accepts; the ledger takes expense and payable."""
    with acting(office, token, Act.SETTLEMENT_ACCEPT, subject_of(settlement)) as mandate:
        row = _bound(mandate, settlement, digest)
        buyer = row.document["buyer"]
        if mandate.actor.party != successor_of(mandate.transaction, buyer, mandate.now):
            raise mandate.refuse(
                "R27", subject_of(settlement), f"合同的购买方是 {buyer}", f"the buyer of this contract is {buyer}"
            )
        if not _start(mandate, row):
            return row
        entry = acceptance_of(row.document, digest=row.digest, at=mandate.now)
        post(mandate.transaction, entry, recorded_at=mandate.recorded_at)
        return _end(mandate, row)


def review_settlement(office: Office, token: str, settlement: str, *, digest: str) -> SettlementRow:
    """Finance reviews 审核."""
    return _plain_step(office, token, Act.SETTLEMENT_REVIEW, settlement, digest)


def approve_settlement(office: Office, token: str, settlement: str, *, digest: str) -> SettlementRow:
    """Another person of finance approves payment."""
    return _plain_step(office, token, Act.SETTLEMENT_APPROVE, settlement, digest)


def return_settlement(office: Office, token: str, settlement: str, *, digest: str, reason: str) -> SettlementRow:
    """Finance sends it back with a reason; an acceptance already in the ledger is taken back by its reverse."""
    with acting(office, token, Act.SETTLEMENT_RETURN, subject_of(settlement)) as mandate:
        row = _bound(mandate, settlement, digest)
        if not _start(mandate, row, note=reason):
            return row
        if row.state is not SettlementState.SUBMITTED:
            entry = return_of(row.document, digest=row.digest, at=mandate.now)
            post(mandate.transaction, entry, recorded_at=mandate.recorded_at)
        take_back_use(mandate.transaction, subject_of(settlement), mandate.now)
        return _end(mandate, replace(row, reason=reason))


def pay_settlement(office: Office, token: str, settlement: str, *, digest: str) -> SettlementRow:
    """The payment is recorded, and in the ledger."""
    with acting(office, token, Act.SETTLEMENT_PAY, subject_of(settlement)) as mandate:
        row = _bound(mandate, settlement, digest)
        if not _start(mandate, row):
            return row
        post(
            mandate.transaction,
            payment_of(row.document, digest=row.digest, at=mandate.now),
            recorded_at=mandate.recorded_at,
        )
        return _end(mandate, row)


def find_settlement(view: View, settlement: str) -> SettlementRow:
    """The newest version. A settlement tells of every agency, so an agency's reader finds none."""
    row = latest(view.transaction, settlement) if view.scope.agencies is None else None
    if row is None:
        raise NoSettlement(settlement=settlement)
    return row


def list_settlements(view: View, contract: str | None = None) -> Sequence[SettlementRow]:
    """The newest version of every settlement the viewer may see."""
    return settlements(view.transaction, contract) if view.scope.agencies is None else ()


def history_of(view: View, row: SettlementRow) -> Sequence[Decision]:
    """Every act bound to this version's digest, in order: who signed it."""
    return [each for each in decisions_on(view.transaction, subject_of(row.id)) if each.digest == row.digest]


def signed_body(row: SettlementRow) -> dict[str, object]:
    """What the operator signs at submission."""
    return {"kind": "settlement", "id": row.id, "version": row.version, "digest": row.digest}


def _plain_step(office: Office, token: str, act: Act, settlement: str, digest: str) -> SettlementRow:
    with acting(office, token, act, subject_of(settlement)) as mandate:
        row = _bound(mandate, settlement, digest)
        return _end(mandate, row) if _start(mandate, row) else row


def _bound(mandate: Mandate, settlement: str, digest: str) -> SettlementRow:
    row = latest(mandate.transaction, settlement)
    if row is None:
        raise NoSettlement(settlement=settlement)
    if row.digest != digest:
        raise DigestDiffers(settlement=settlement, expected=row.digest, found=digest)
    return row


def _start(mandate: Mandate, row: SettlementRow, *, note: str = "") -> bool:
    """Whether the act is to be done now: False if this person did it before; raises ``Refused``, ``WrongState``."""
    if not mandate.decide(subject_of(row.id), digest=row.digest, note=note):
        return False
    step = STEPS[mandate.act]
    if row.state not in step.start:
        raise WrongState(
            settlement=row.id, act=mandate.act.value, found=row.state.value, expected=" / ".join(sorted(step.start))
        )
    for act in step.rests_on:
        if mandate.rely_on(act, subject_of(row.id), digest=row.digest) is None:
            raise mandate.refuse(
                RULES[act].id,
                subject_of(row.id),
                f"没有对这一版本的 {act} 记录",
                f"no {act} of this version is on record",
            )
    return True


def _end(mandate: Mandate, row: SettlementRow) -> SettlementRow:
    step = STEPS[mandate.act]
    changed = replace(row, state=step.end, changed_at=mandate.now)
    save(mandate.transaction, changed)
    subject = subject_of(row.id)
    mandate.audit(step.event, subject, {"version": row.version, "digest": row.digest})
    mandate.announce(step.event.value, subject, {"id": row.id, "version": row.version, "digest": row.digest})
    return changed
