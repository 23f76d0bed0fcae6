"""Recorded statements and settlements beside their recomputation, the audit log, the signatures and the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from billing.ledger.checking import Booked, check_ledger
from billing.packs.sources import PackSources
from billing.settlement.computing import compute
from billing.settlement.model import SettlementState
from billing.settlement.model import digest as settlement_digest
from billing.settlement.model import document as settlement_document
from billing.settlement.recorded import recorded_inputs
from billing.settlement.service import signed_body, subject_of
from billing.settlement.tables import SettlementRow, all_settlements
from billing.statements.drawing import inputs_of
from billing.statements.model import StatementState
from billing.statements.model import digest as statement_digest
from billing.statements.model import document as statement_document
from billing.statements.recompute import recompute
from billing.statements.tables import StatementRow, all_statements
from billing.verification.comparing import compare
from billing.verification.manifest import SIGNED_BY
from billing.verification.result import Report
from foundation.evidence import EvidenceError, KeyRing, open_signed, plain, signed_from_document
from foundation.store import Scope, Transaction
from foundation.values.errors import GuanyunError
from governance.audit import AuditEvent, Entry

Said = Mapping[tuple[str, str, int], str]
"""(event, subject, version) → the digest the audit log holds."""


def said_by(chain: Iterable[Entry]) -> Said:
    """What the audit log says was issued and submitted."""
    return {
        (entry.event, entry.subject, entry.facts["version"]): str(entry.facts["digest"])
        for entry in chain
        if {"version", "digest"} <= set(entry.facts)
    }


def check_statements(transaction: Transaction, scope: Scope, sources: PackSources, said: Said, report: Report) -> None:
    """Every issued version of every statement."""
    rows = {(f"statement:{row.id}", row.version): row for row in all_statements(transaction, scope)}
    for (subject, version), row in rows.items():
        if row.state is StatementState.DRAFT:
            continue
        name = f"{row.id} v{row.version}"
        report.count("statements")
        _check_digest(name, row.digest, statement_digest(row.document), said.get((_ISSUED, subject, version)), report)

        def again(row: StatementRow = row) -> dict[str, Any]:
            return statement_document(recompute(inputs_of(transaction, scope, sources.statements, row)))

        _check_again(name, row.document, again, report)
    _check_gone(said, _ISSUED, set(rows), report)


def check_settlements(
    transaction: Transaction, scope: Scope, sources: PackSources, said: Said, ring: KeyRing, report: Report
) -> None:
    """Every submitted version of every settlement, and the books."""
    rows = {(subject_of(row.id), row.version): row for row in all_settlements(transaction)}
    for (subject, version), row in rows.items():
        if row.state is SettlementState.DRAFT:
            continue
        name = f"{row.id} v{row.version}"
        report.count("settlements")
        _check_digest(
            name, row.digest, settlement_digest(row.document), said.get((_SUBMITTED, subject, version)), report
        )
        _check_signature(name, row, ring, report)

        def again(row: SettlementRow = row) -> dict[str, Any]:
            return settlement_document(compute(recorded_inputs(transaction, scope, sources.settlements, row).inputs))

        _check_again(name, row.document, again, report)
    _check_gone(said, _SUBMITTED, set(rows), report)
    booked = [Booked(row.id, row.version, row.state.value, row.digest, row.document) for row in rows.values()]
    report.findings.extend(check_ledger(transaction, scope, booked))


_ISSUED = AuditEvent.STATEMENT_ISSUED.value
_SUBMITTED = AuditEvent.SETTLEMENT_SUBMITTED.value


def _check_digest(name: str, recorded: str, found: str, audited: str | None, report: Report) -> None:
    if found != recorded:
        report.add(
            "bill-changed",
            member=name,
            found=found,
            expected=recorded,
            zh=f"{name} 的内容与其摘要不符",
            en=f"the content of {name} does not have its digest",
        )
    if audited != recorded:
        report.add(
            "bill-audit",
            member=name,
            found=recorded,
            expected=audited or "",
            zh=f"{name} 的摘要与审计日志所记不符",
            en=f"the digest of {name} is not the one in the audit log",
        )


def _check_again(name: str, bill: Mapping[str, Any], again: Callable[[], dict[str, Any]], report: Report) -> None:
    try:
        expected = again()
    except (GuanyunError, KeyError, TypeError, ValueError) as cause:
        zh, en = (cause.text("zh"), cause.text("en")) if isinstance(cause, GuanyunError) else (repr(cause), repr(cause))
        report.add("not-recomputed", member=name, zh=f"{name} 无法重算:{zh}", en=f"{name} cannot be recomputed: {en}")
        return
    report.count("lines", len(expected["lines"]))
    compare(plain(bill), expected, member=name, report=report)


def _check_signature(name: str, row: SettlementRow, ring: KeyRing, report: Report) -> None:
    try:
        signed = signed_from_document(row.signed, what=name)
        body = open_signed(signed, ring, owner=SIGNED_BY, what=name)
    except EvidenceError as cause:
        report.add("bill-signature", member=name, zh=cause.text("zh"), en=cause.text("en"))
        return
    report.count("signatures")
    if body != signed_body(row):
        report.add(
            "bill-signature",
            member=name,
            found=row.digest,
            expected=body.get("digest"),
            zh=f"{name} 不是提交时签名的那一份",
            en=f"{name} is not the bill that was signed at submission",
        )


def _check_gone(said: Said, event: str, known: set[tuple[str, int]], report: Report) -> None:
    for said_event, subject, version in sorted(said):
        if said_event == event and (subject, version) not in known:
            name = f"{subject.partition(':')[2]} v{version}"
            report.add(
                "bill-gone",
                member=name,
                zh=f"审计日志记有 {name},库中却没有",
                en=f"the audit log tells of {name}, and the database has none",
            )
