"""Recording business systems, shared ones among them; every change is a new version."""

from __future__ import annotations

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.errors import NotFound
from governance.parties import parties
from governance.projects.checking import system_findings
from governance.projects.errors import InvalidProject
from governance.projects.model import BusinessSystem
from governance.projects.tables import add_system, project_of, save_system, system_of


def record_system(office: Office, token: str, system: BusinessSystem) -> bool:
    """Record a business system, or the next version of one; False where the same stands already.

    A system's lead stays who it is: another agency's takes a transfer, which is a request. Raises ``InvalidProject``
    with every finding, ``AlreadyThere`` for another lead, ``NotFound`` for a project that is not there, ``Refused``.
    """
    subject = f"system:{system.id}"
    with acting(office, token, Act.SYSTEM_RECORD, subject) as mandate:
        project = project_of(mandate.transaction, mandate.scope, system.project)
        known = {party.id: party for party in parties(mandate.transaction)}
        findings = tuple(system_findings(system, project, known))
        if findings:
            first = findings[0]
            raise InvalidProject(count=len(findings), first_zh=first.zh, first_en=first.en, findings=findings)
        digest = sha256_hex(canonical_bytes(system))
        try:
            standing = system_of(mandate.transaction, mandate.scope, system.id)
        except NotFound:
            version = 1
            add_system(mandate.transaction, system)
        else:
            if standing == system:
                return False
            if standing.agency != system.agency:
                raise AlreadyThere(what="business system", key=system.id, found=standing.agency, expected=system.agency)
            version = save_system(mandate.transaction, mandate.scope, system)
        mandate.decide(subject, digest=digest, owner=system.agency)
        facts = {"agency": system.agency, "digest": digest, "version": version}
        mandate.audit(AuditEvent.SYSTEM_RECORDED, subject, facts)
        mandate.announce(AuditEvent.SYSTEM_RECORDED.value, subject, {"system": system.id, "version": version})
        return True
