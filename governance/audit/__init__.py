"""The audit log: append-only, each entry hashed over the one before it.

Owns the chain and the one list of events. It holds person ids only, never names. Who hands its head out is
``billing``'s business, who checks it against the handed-out heads is ``billing.verification``'s.
"""

from governance.audit.chain import GENESIS, Break, Entry, entry_hash, first_break
from governance.audit.events import AuditEvent
from governance.audit.tables import append, audit_table, entries, head

__all__ = [
    "GENESIS",
    "AuditEvent",
    "Break",
    "Entry",
    "append",
    "audit_table",
    "entries",
    "entry_hash",
    "first_break",
    "head",
]
