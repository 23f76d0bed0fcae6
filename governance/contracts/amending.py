"""Supplementary agreements 补充协议: drafted by one person of the buyer, signed by another; each makes a new version.

Only the ceiling, the lines and the end of the term change. Another scheme or other parties are another contract, so
that a month once settled is recomputed by the same terms for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import Transaction
from foundation.values.instant import format_instant
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.contracts.commitments import contract_use, open_totals
from governance.contracts.errors import AmendmentUnfit, NoAmendment
from governance.contracts.model import Contract, ContractLine
from governance.contracts.tables import amendment_table, amendments_of, contract_of
from governance.parties.model import Duty
from governance.tasks import close_tasks, open_task

SIGN = "contract.sign"
"""The task: another person of the buyer is to sign."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a supplementary agreement says: the contract as it is to be from its signature on. ``ends_at`` is the first
    instant after the term, ``ceiling`` in fen.
    """

    contract: str
    document_number: str
    ends_at: datetime
    ceiling: int
    lines: tuple[ContractLine, ...]
    reason: str


def draft_amendment(office: Office, token: str, amendment: Amendment) -> tuple[int, str]:
    """Draft the agreement, or draw the draft anew: (the version it will make, its digest).

    Raises ``AmendmentUnfit`` where it takes away what is promised or used already, ``NotFound``, ``Refused``.
    """
    subject = f"contract:{amendment.contract}"
    with acting(office, token, Act.CONTRACT_AMEND, subject) as mandate:
        contract = contract_of(mandate.transaction, amendment.contract)
        _check_buyer(mandate, contract)
        _check_fits(mandate.transaction, contract, amendment, mandate.now)
        digest = sha256_hex(canonical_bytes({"amendment": amendment, "version": contract.version + 1}))
        version = contract.version + 1
        waiting = _draft(mandate.transaction, amendment.contract)
        if waiting is not None and waiting["digest"] == digest:
            return version, digest
        mandate.decide(subject, digest=digest)
        row = {
            "document_number": amendment.document_number,
            "ends_at": amendment.ends_at,
            "ceiling": amendment.ceiling,
            "lines": plain(amendment.lines),
            "reason": amendment.reason,
            "digest": digest,
            "drafted_by": mandate.actor.person,
            "drafted_at": mandate.now,
        }
        c = amendment_table.c
        if waiting is None:
            key = {"contract": amendment.contract, "version": version}
            mandate.transaction.write(insert(amendment_table).values(**key, **row))
        else:
            mine = (c.contract == amendment.contract, c.version == version, c.signed_at.is_(None))
            mandate.transaction.write(update(amendment_table).where(*mine).values(**row))
        mandate.audit(AuditEvent.CONTRACT_AMENDMENT_DRAFTED, subject, {"version": version, "digest": digest})
        open_task(
            mandate.transaction,
            party=contract.buyer,
            duty=Duty.APPROVE,
            kind=SIGN,
            subject=subject,
            zh=f"签署合同 {contract.id} 的补充协议 {amendment.document_number}",
            en=f"sign the supplementary agreement {amendment.document_number} of the contract {contract.id}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        return version, digest


def sign_amendment(office: Office, token: str, contract_id: str, *, digest: str) -> Contract:
    """Another person of the buyer signs the draft that has ``digest``; the contract is as it says from now on.

    Raises ``NoAmendment``, ``AmendmentUnfit`` where more was promised since than it would hold, ``Refused``.
    """
    subject = f"contract:{contract_id}"
    with acting(office, token, Act.CONTRACT_SIGN, subject) as mandate:
        contract = contract_of(mandate.transaction, contract_id)
        _check_buyer(mandate, contract)
        waiting = _draft(mandate.transaction, contract_id)
        if waiting is None:
            signed = [row for row in amendments_of(mandate.transaction, contract_id) if row["digest"] == digest]
            if signed:
                return contract
            raise NoAmendment(contract=contract_id)
        if waiting["digest"] != digest:
            raise mandate.refuse("C01", subject, "协议与所审阅的不一致", "the agreement is not the one that was read")
        mandate.decide(subject, digest=digest)
        c = amendment_table.c
        mandate.transaction.write(
            update(amendment_table)
            .where(c.contract == contract_id, c.version == waiting["version"])
            .values(signed_by=mandate.actor.person, signed_at=mandate.now)
        )
        after = contract_of(mandate.transaction, contract_id)
        open_totals(mandate.transaction, after)
        facts = {"version": after.version, "digest": digest, "ceiling": after.ceiling}
        mandate.audit(AuditEvent.CONTRACT_AMENDED, subject, facts)
        mandate.announce(AuditEvent.CONTRACT_AMENDED.value, subject, {"contract": contract_id, **facts})
        close_tasks(mandate.transaction, subject, kind=SIGN, closed_at=mandate.now)
        return after


def _draft(transaction: Transaction, contract: str) -> Mapping[str, Any] | None:
    unsigned = [row for row in amendments_of(transaction, contract) if row["signed_at"] is None]
    return dict(unsigned[-1]) if unsigned else None


def _check_buyer(mandate: Mandate, contract: Contract) -> None:
    if mandate.actor.party != contract.buyer:
        raise mandate.refuse(
            "C02", contract.subject, f"购买方是 {contract.buyer}", f"the buyer of the contract is {contract.buyer}"
        )


def _check_fits(transaction: Transaction, contract: Contract, amendment: Amendment, now: datetime) -> None:
    """Everything that makes it unfit; what a line or the ceiling holds by now stays promised and used."""
    held = contract_use(transaction, contract.id)
    committed = held.obligated + held.used
    if amendment.ceiling < committed:
        raise _unfit(contract, "新上限低于已占用金额", "the new ceiling is below what is promised and used")
    if amendment.ends_at <= max(now, contract.term.start):
        end = format_instant(amendment.ends_at)
        raise _unfit(contract, f"合同期不能止于 {end}", f"the term cannot end at {end}")
    for line in amendment.lines:
        if line.contract != contract.id:
            raise _unfit(contract, f"明细 {line.id} 不属于本合同", f"the line {line.id} is not of this contract")


def _unfit(contract: Contract, zh: str, en: str) -> AmendmentUnfit:
    return AmendmentUnfit(contract=contract.id, because_zh=zh, because_en=en)
