"""The audit chain against the heads handed out: anchored up to N, with an unanchored tail of k."""

from __future__ import annotations

from billing.verification.evidence_days import HandedOut
from billing.verification.result import Report
from foundation.store import Transaction
from foundation.values.findings import Severity
from governance import audit
from governance.audit import Entry

_TABLE = "audit_entry"


def check_audit(transaction: Transaction, handed_out: HandedOut, report: Report) -> list[Entry]:
    """Name the first entry that does not fit; returns the chain as it stands."""
    chain = list(audit.entries(transaction))
    first = audit.first_break(chain)
    if first is not None:
        report.add(
            "audit-entry",
            member=_TABLE,
            where=str(first.number),
            zh=f"审计日志第 {first.number} 条{first.zh}",
            en=f"audit entry {first.number}: {first.en}",
        )
    hashes = {entry.number: entry.hash for entry in chain}
    heads = sorted(
        (body["number"], str(body.get("hash")))
        for body in handed_out.values()
        if body.get("kind") == "audit" and isinstance(body.get("number"), int)
    )
    anchored = 0
    for number, hash_ in heads:
        if hashes.get(number) == hash_:
            anchored = number if first is None or number < first.number else anchored
            continue
        if number not in hashes:
            zh, en = f"审计日志在第 {number} 条之前被截断", f"the audit log was cut off before entry {number}"
        else:
            zh = f"审计日志第 {anchored + 1} 至 {number} 条中有改动:与交出的 audit-{number} 不符"
            en = f"an audit entry from {anchored + 1} to {number} was changed: it does not lead to audit-{number}"
        report.add(
            "audit-head", member=_TABLE, where=str(number), found=hashes.get(number, ""), expected=hash_, zh=zh, en=en
        )
        break
    report.count("audit entries anchored", anchored)
    tail = len(chain) - anchored
    report.count("audit entries unanchored", tail)
    report.add(
        "audit-anchored",
        member=_TABLE,
        severity=Severity.NOTE,
        zh=f"审计日志锚定至第 {anchored} 条,其后 {tail} 条尚未锚定",
        en=f"the audit log is anchored up to {anchored}, with an unanchored tail of {tail}",
    )
    return chain
