"""Publishing the catalogue: an act of the bureau."""

from __future__ import annotations

from foundation.evidence import canonical_bytes, sha256_hex
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.catalogue.model import CatalogueDocument
from governance.catalogue.tables import add_services


def publish_catalogue(office: Office, token: str, document: CatalogueDocument) -> bool:
    """Record what the document offers; True if anything was new.

    Raises ``AlreadyThere`` where a service, plan or meter stands with other content (bills rest on it: offer another
    code instead), ``Refused``.
    """
    subject = f"catalogue:{document.id}"
    with acting(office, token, Act.CATALOGUE_PUBLISH, subject) as mandate:
        if not add_services(mandate.transaction, document.services):
            return False
        digest = sha256_hex(canonical_bytes(document))
        mandate.decide(subject, digest=digest)
        codes = [service.code for service in document.services]
        mandate.audit(AuditEvent.CATALOGUE_PUBLISHED, subject, {"digest": digest, "services": codes})
        return True
