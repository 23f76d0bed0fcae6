"""Recording a contract with its projects and systems: an act of the bureau."""

from __future__ import annotations

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.contracts.commitments import open_totals
from governance.contracts.model import ContractDocument
from governance.contracts.tables import add_contract
from governance.errors import InvalidDocument
from governance.parties import PartyKind, parties
from governance.projects.tables import add_project, add_system


def record_contract(office: Office, token: str, document: ContractDocument) -> bool:
    """Record what the document says; True if anything was new.

    Raises ``InvalidDocument`` where a party is unknown or of the wrong kind, ``AlreadyThere`` where the same id
    stands with other content (a contract is never edited), ``Refused``.
    """
    subject = f"contract:{document.contract.id}"
    with acting(office, token, Act.CONTRACT_RECORD, subject) as mandate:
        findings = _unfit_parties(mandate, document)
        if findings:
            raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)
        new = False
        if add_contract(mandate.transaction, document.contract):
            new = True
            open_totals(mandate.transaction, document.contract)
            digest = sha256_hex(canonical_bytes(document.contract))
            mandate.decide(subject, digest=digest)
            mandate.audit(AuditEvent.CONTRACT_RECORDED, subject, {"digest": digest})
        for project in document.projects:
            if add_project(mandate.transaction, project):
                new = True
                mandate.audit(AuditEvent.PROJECT_RECORDED, f"project:{project.id}", {"lead": project.lead})
        for system in document.systems:
            if add_system(mandate.transaction, system):
                new = True
                mandate.audit(AuditEvent.SYSTEM_RECORDED, f"system:{system.id}", {"agency": system.agency})
        return new


def _unfit_parties(mandate: Mandate, document: ContractDocument) -> tuple[Finding, ...]:
    kinds = {party.id: party.kind for party in parties(mandate.transaction)}
    contract = document.contract
    wanted = [
        ("contract.buyer", contract.buyer, PartyKind.BUREAU),
        ("contract.operator", contract.operator, PartyKind.OPERATOR),
        ("contract.payer", contract.payer, PartyKind.FINANCE),
        *((f"projects[{i}].lead", each.lead, PartyKind.AGENCY) for i, each in enumerate(document.projects)),
        *((f"systems[{i}].agency", each.agency, PartyKind.AGENCY) for i, each in enumerate(document.systems)),
    ]
    return tuple(
        Finding(
            code="governance.document.party",
            severity=Severity.ERROR,
            place=Place(field=field),
            found=party,
            expected=kind,
            zh=f"{field} 的 {party} 应为{kind.zh}",
            en=f"{field}: {party} should be a party of kind {kind}",
        )
        for field, party, kind in wanted
        if kinds.get(party) is not kind
    )
