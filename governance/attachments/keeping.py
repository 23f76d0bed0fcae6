"""Keeping the folder of files and the rows in step: what a kill left is removed, what is damaged is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.documents.blobs import BlobStore
from foundation.documents.errors import BlobCorrupted, BlobMissing
from foundation.store import Store, Transaction
from foundation.values.instant import utc
from governance import audit
from governance.attachments.tables import attachment_table
from governance.audit import AuditEvent
from governance.authority import Office, machine_scope

PATIENCE = timedelta(hours=1)
"""How old a half-written file must be before it counts as left by a kill: an upload takes seconds."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What was removed: files without a row, half-written ones, and the bytes of both."""

    orphans: int
    partials: int
    bytes: int


@dataclass(frozen=True, slots=True)
class BlobTrouble:
    """A file that has rows and cannot be given out: ``missing`` or ``corrupted``."""

    digest: str
    what: str


def sweep_attachments(office: Office, blobs: BlobStore, *, patience: timedelta = PATIENCE) -> Swept:
    """Remove what has no row; what was removed stands in the audit log.

    It runs as a writer that is alone: whoever attaches puts the file inside such a transaction too, so a file without
    a row is one whose transaction never committed.
    """
    orphans = partials = freed = 0
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        known = _digests(transaction)
        for digest in list(blobs.digests()):
            if digest not in known:
                freed += blobs.remove(digest)
                orphans += 1
        for partial in list(blobs.partials()):
            state = partial.stat()
            if now - utc(datetime.fromtimestamp(state.st_mtime, tz=now.tzinfo)) >= patience:
                partial.unlink(missing_ok=True)
                freed += state.st_size
                partials += 1
        if orphans or partials:
            audit.append(
                transaction,
                AuditEvent.ATTACHMENTS_SWEPT,
                subject="attachments",
                facts={"orphans": orphans, "partials": partials, "bytes": freed},
                recorded_at=now,
                business_at=office.clocks.business(transaction),
            )
    return Swept(orphans, partials, freed)


def check_attachments(store: Store, blobs: BlobStore) -> Sequence[BlobTrouble]:
    """Read every file that has a row; what is missing or damaged, by digest."""
    with store.reading() as transaction:
        known = _digests(transaction)
    found = []
    for digest in sorted(known):
        try:
            blobs.read(digest)
        except BlobMissing:
            found.append(BlobTrouble(digest, "missing"))
        except BlobCorrupted:
            found.append(BlobTrouble(digest, "corrupted"))
    return found


def _digests(transaction: Transaction) -> frozenset[str]:
    query = attachment_table.select(machine_scope(), attachment_table.c.digest).distinct()
    return frozenset(row["digest"] for row in transaction.rows(query))
