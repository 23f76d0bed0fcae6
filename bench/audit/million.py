"""A million audit entries verified: ``audit.links`` and ``audit.verify`` over a log of that many, in a fresh process.

Usage: python -m bench.audit.million [ENTRIES] [DATABASE]. The second process is timed whole, start-up included.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from foundation.evidence import plain
from foundation.store import Store, metadata, open_store
from governance import audit
from governance.audit import GENESIS, AuditEvent, Entry, audit_head_table, audit_table, entry_hash

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_BATCH = 20_000


def fill(store: Store, many: int) -> None:
    """Entries as ``append`` writes them, many at once."""
    previous, events = GENESIS, list(AuditEvent)
    for first in range(1, many + 1, _BATCH):
        rows = []
        for number in range(first, min(first + _BATCH, many + 1)):
            facts = {"digest": f"{number:064x}", "kind": "create", "estimate": number * 100}
            event, at = events[number % len(events)].value, _NOW + timedelta(seconds=number)
            who, subject = ("person-0001", "zhang.min"), f"request:{number}"
            entry = Entry(number, at, at, event, *who, subject, plain(facts), previous)
            previous = entry_hash(entry)
            row = {name: getattr(entry, name) for name in Entry.__slots__}
            rows.append(row | {"hash": previous})
        with store.transaction() as transaction:
            transaction.write(insert(audit_table), rows)
    with store.transaction() as transaction:
        head = {"id": 1, "number": many, "hash": previous, "digest": "sha256"}
        transaction.write(insert(audit_head_table).values(**head))


def verify(database: str) -> None:
    """What ``guanyun audit verify`` does."""
    store = open_store(database)
    with store.reading() as transaction:
        verdict = audit.verify(audit.links(transaction), {}, written=audit.head(transaction))
    store.close()
    print(verdict.entries, "entries hold" if verdict.holds else "entries DO NOT HOLD")
    sys.exit(0 if verdict.holds else 1)


def main() -> None:
    """Fill, then time the walk."""
    if sys.argv[1:2] == ["--verify"]:
        verify(sys.argv[2])
        return
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="guanyun-audit-") as folder:
        database = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/records.db"
        store = open_store(database)
        metadata.create_all(store.engine, tables=[audit_table, audit_head_table])
        fill(store, many)
        store.close()
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "bench.audit.million", "--verify", database], check=True)
        print(f"{many} entries verified in {time.monotonic() - began:.1f} s, the whole process")


if __name__ == "__main__":
    main()
