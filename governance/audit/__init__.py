"""The audit log: append-only, each entry hashed over the one before it; checkpoints signed and handed out.

Owns the chain, the one list of events, the checkpoints with their countersignatures, and the walk that says how far
the log is anchored. It holds person ids only, never names. Who may see which entries is ``governance.authority``'s.
"""

from governance.audit.chain import (
    GENESIS,
    Break,
    Digest,
    Entry,
    Link,
    entry_hash,
    entry_of,
    first_break,
    keeping,
    link_of,
)
from governance.audit.checkpoint_tables import (
    Checkpoint,
    Countersignature,
    checkpoints,
    countersignatures,
    record_countersignature,
)
from governance.audit.checkpointing import (
    HANDED_OUT,
    CheckpointPolicy,
    announce_head,
    checkpoint_due,
    make_checkpoints,
    sign_head,
)
from governance.audit.events import AuditEvent
from governance.audit.searching import Search, found_entries
from governance.audit.tables import append, audit_head_table, audit_table, choose_digest, entries, hash_at, head, links
from governance.audit.verifying import Difference, Verdict, anchors_in, verify

__all__ = [
    "GENESIS",
    "HANDED_OUT",
    "AuditEvent",
    "Break",
    "Checkpoint",
    "CheckpointPolicy",
    "Countersignature",
    "Difference",
    "Digest",
    "Entry",
    "Link",
    "Search",
    "Verdict",
    "anchors_in",
    "announce_head",
    "append",
    "audit_head_table",
    "audit_table",
    "checkpoint_due",
    "checkpoints",
    "choose_digest",
    "countersignatures",
    "entries",
    "entry_hash",
    "entry_of",
    "first_break",
    "found_entries",
    "hash_at",
    "head",
    "keeping",
    "link_of",
    "links",
    "make_checkpoints",
    "record_countersignature",
    "sign_head",
    "verify",
]
