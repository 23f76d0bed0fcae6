"""The audit chain against the heads handed out: anchored up to N, with an unanchored tail of k."""

from __future__ import annotations

from billing.verification.evidence_days import HandedOut
from billing.verification.result import Report
from foundation.store import Transaction
from foundation.values.findings import Severity
from governance import audit
from governance.audit import AuditEvent, Entry

FROZEN = frozenset({AuditEvent.STATEMENT_ISSUED, AuditEvent.SETTLEMENT_SUBMITTED})
"""The events that hold a digest of what was said then."""

_TABLE = "audit_entry"


def check_audit(transaction: Transaction, handed_out: HandedOut, report: Report) -> list[Entry]:
    """Name the first entry that does not fit; returns what stands there of bills issued and settlements submitted."""
    anchors = audit.anchors_in(handed_out)
    kept: list[Entry] = []
    chain = audit.keeping(audit.links(transaction), {event.value for event in FROZEN}, kept)
    verdict = audit.verify(chain, anchors, written=audit.head(transaction))
    if verdict.broken is not None:
        number = verdict.broken.number
        report.add(
            "audit-entry",
            member=_TABLE,
            where=str(number),
            zh=f"审计日志第 {number} 条{verdict.broken.zh}",
            en=f"audit entry {number}: {verdict.broken.en}",
        )
    if verdict.difference is not None:
        differs = verdict.difference
        report.add(
            "audit-head",
            member=_TABLE,
            where=str(differs.number),
            found=differs.found,
            expected=differs.expected,
            zh=differs.zh,
            en=differs.en,
        )
    report.count("audit entries anchored", verdict.anchored)
    report.count("audit entries unanchored", verdict.tail)
    report.add("audit-anchored", member=_TABLE, severity=Severity.NOTE, zh=verdict.zh, en=verdict.en)
    return kept
