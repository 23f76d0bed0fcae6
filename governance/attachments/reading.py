"""Reading attachments: inside the reader's scope only, and each reading of personal data stands in the audit log."""

from __future__ import annotations

from foundation.documents.blobs import BlobStore
from governance import audit
from governance.attachments.errors import PersonalAttachment
from governance.attachments.model import Attachment
from governance.attachments.tables import attachments
from governance.audit import AuditEvent
from governance.authority import Office, View, viewing
from governance.errors import NotFound


def read_attachment(view: View, digest: str, *, blobs: BlobStore) -> tuple[Attachment, bytes]:
    """A file inside the reader's scope, checked against its digest.

    Raises ``NotFound`` (also for what another party attached), ``PersonalAttachment`` where only a download, which
    leaves an audit entry, gives it out, ``BlobMissing``, ``BlobCorrupted``.
    """
    found = _found(view, digest)
    if found.personal:
        raise PersonalAttachment(digest=digest)
    return found, blobs.read(digest)


def download_attachment(office: Office, token: str, blobs: BlobStore, digest: str) -> tuple[Attachment, bytes]:
    """The same for a person who takes the file away: of personal data the audit log says who, before they have it."""
    with viewing(office, token) as view:
        found, actor = _found(view, digest), view.actor
    content = blobs.read(digest)
    if found.personal:
        with office.store.transaction() as transaction:
            audit.append(
                transaction,
                AuditEvent.ATTACHMENT_READ,
                subject=found.subject,
                facts={"digest": digest, "party": found.party},
                recorded_at=office.clocks.real(),
                business_at=office.clocks.business(transaction),
                person=actor.person,
                account=actor.account,
            )
    return found, content


def _found(view: View, digest: str) -> Attachment:
    """Where several parties or subjects have the same content, one that is personal counts."""
    inside = attachments(view.transaction, view.scope, digest=digest)
    if not inside:
        raise NotFound(what_zh="这个附件:", what_en="attachment", key=digest[:64])
    return next((each for each in inside if each.personal), inside[0])
