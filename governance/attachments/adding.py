"""Attaching a file: told by its content, stored once, entered in the transaction of the act it belongs to."""

from __future__ import annotations

from collections.abc import Callable

from foundation.documents.blobs import BlobStore
from foundation.documents.content_types import content_type
from foundation.documents.errors import ContentRefused
from foundation.evidence import sha256_hex
from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from governance.attachments.model import Attachment
from governance.attachments.tables import add_row, attachments
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, viewing
from governance.parties import PartyKind

SubjectCheck = Callable[[Transaction, Scope, str], None]
"""Raises ``NotFound`` for a subject that does not exist inside the scope."""
MOST = 200
"""Attachments of one party on one subject."""


def attach(
    mandate: Mandate, party: str, name: str, content: bytes, *, blobs: BlobStore, subject: str, personal: bool = False
) -> Attachment:
    """Attach a file of ``party`` to ``subject`` under the mandate of whatever act it belongs to.

    The same content under the same name again is given back as it stands. ``subject`` is one the caller has found
    inside the mandate's scope. Raises ``ContentRefused`` with every finding, ``Refused`` for another party than the
    actor's, ``InvalidValue`` beyond ``MOST`` files.
    """
    if party != mandate.actor.party:
        raise mandate.refuse(
            "F01",
            subject,
            f"附件须以你所代表的单位 {mandate.actor.party} 的名义上传",
            f"a file is attached for the party you act for, {mandate.actor.party}",
        )
    kind, findings = content_type(name, content)
    if kind is None:
        first = findings[0]
        raise ContentRefused(
            name=name[:80], count=len(findings), first_zh=first.zh, first_en=first.en, findings=findings
        )
    digest = sha256_hex(content)
    mine = [each for each in attachments(mandate.transaction, mandate.scope, subject=subject) if each.party == party]
    standing = next((each for each in mine if (each.digest, each.name) == (digest, name)), None)
    blobs.put(content)  # also where it stands: a damaged copy is put right
    if standing is not None:
        return standing
    if len(mine) >= MOST:
        raise InvalidValue(field="attachments", found=str(len(mine) + 1), expected=f"at most {MOST} on one subject")
    attachment = Attachment(
        party=party,
        subject=subject,
        name=name,
        digest=digest,
        media_type=kind.media_type,
        size=len(content),
        personal=personal,
        person=mandate.actor.person,
        attached_at=mandate.now,
    )
    add_row(mandate.transaction, attachment)
    # A file's name may name people, so the log has only the digest of its content.
    facts = {"digest": digest, "size": len(content), "media_type": kind.media_type, "personal": personal}
    mandate.audit(AuditEvent.ATTACHMENT_ADDED, subject, facts)
    return attachment


def add_attachment(
    office: Office,
    token: str,
    blobs: BlobStore,
    *,
    subject: str,
    name: str,
    content: bytes,
    exists: SubjectCheck,
    personal: bool = False,
) -> Attachment:
    """Attach a file for the party the token acts for, as an act of its own. Raises as ``attach``, and ``NotFound``."""
    with viewing(office, token) as view:
        party, agency = view.actor.party, view.actor.kind is PartyKind.AGENCY
    act = Act.ATTACHMENT_ADD if agency else Act.ATTACHMENT_FILE
    with acting(office, token, act, subject) as mandate:
        exists(mandate.transaction, mandate.scope, subject)
        return attach(mandate, party, name, content, blobs=blobs, subject=subject, personal=personal)
