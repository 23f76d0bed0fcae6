"""Drafting and publishing quotas: one person of the bureau drafts, another publishes; nothing is edited after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select, update

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere, Transaction
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.errors import NotFound
from governance.parties import PartyKind, parties
from tenants.errors import InvalidQuotas
from tenants.quotas.counting import in_force
from tenants.quotas.documents import QuotaDocument, QuotaLine, from_document, to_document
from tenants.quotas.model import units_text
from tenants.quotas.recounting import add_up
from tenants.quotas.tables import (
    add_counter,
    add_limits,
    budget_years,
    counters,
    document_table,
    end_limit,
    every_counter,
    every_use,
    limits,
    set_counter,
)


def draft_quotas(office: Office, token: str, document: QuotaDocument) -> bool:
    """Record a draft; False if the same one stands. Raises ``AlreadyThere`` for another under its id, ``Refused``."""
    subject = f"quotas:{document.id}"
    with acting(office, token, Act.QUOTA_DRAFT, subject) as mandate:
        lines, standing = to_document(document), _document(mandate.transaction, document.id)
        digest = sha256_hex(canonical_bytes(lines))
        if standing is not None:
            if standing["digest"] != digest:
                raise AlreadyThere(what="quota document", key=document.id, found=standing["digest"], expected=digest)
            return False
        _refuse_findings(_unknown_parties(mandate, document))
        mandate.transaction.write(
            document_table.insert().values(
                id=document.id,
                basis=document.basis,
                temporary=document.temporary,
                reason=document.reason,
                starts_at=document.starts,
                ends_at=document.ends,
                lines=lines,
                digest=digest,
                drafted_by=mandate.actor.person,
                drafted_at=mandate.now,
            )
        )
        mandate.decide(subject, digest=digest)
        mandate.audit(AuditEvent.QUOTA_DRAFTED, subject, {"digest": digest, "lines": len(document.lines)})
        return True


def publish_quotas(office: Office, token: str, id_: str) -> bool:
    """Put a draft in force from its first day on; False if it is published already.

    A quota below what is in use may be published: it shows as over, and nothing new fits. Raises ``InvalidQuotas``
    where shares exceed what they are a share of, or a temporary quota has nothing to come on top of; ``NotFound``,
    ``Refused`` for who drafted it.
    """
    subject = f"quotas:{id_}"
    with acting(office, token, Act.QUOTA_PUBLISH, subject) as mandate:
        row = _document(mandate.transaction, id_)
        if row is None:
            raise NotFound(what_zh="这份配额文件:", what_en="quota document", key=id_)
        if row["published_at"] is not None:
            return False
        mandate.decide(subject, digest=row["digest"])
        document = from_document(row["lines"])
        _put_in_force(mandate, document)
        mandate.transaction.write(
            update(document_table)
            .where(document_table.c.id == id_)
            .values(published_by=mandate.actor.person, published_at=mandate.now)
        )
        mandate.audit(AuditEvent.QUOTA_PUBLISHED, subject, {"digest": row["digest"], "basis": document.basis})
        mandate.announce("quota.published", subject, {"document": id_, "digest": row["digest"]})
        return True


def _put_in_force(mandate: Mandate, document: QuotaDocument) -> None:
    transaction = mandate.transaction
    known = counters(transaction, {line.key.id for line in document.lines})
    moved = [line for line in document.lines if line.key.id in known and known[line.key.id]["parent"] != line.parent]
    _refuse_findings(_finding(line, "quota.other-parent", line.parent, known[line.key.id]["parent"]) for line in moved)
    if not document.temporary:
        _end_earlier(transaction, document)
    add_limits(transaction, (_row(document, line, mandate.now) for line in document.lines))
    new = [line for line in document.lines if line.key.id not in known]
    for line in new:
        add_counter(transaction, line.key, line.parent, 0, 0)
    if new:
        count_from_uses(transaction)
    _refuse_findings(_unfounded(transaction, document))
    _refuse_findings(_shares_too_large(transaction, document, mandate.now))


def count_from_uses(transaction: Transaction) -> None:
    """Set every counter to what the uses add up to: a counter that is new begins with what is there."""
    rows = {row["key"]: row for row in every_counter(transaction)}
    sums = add_up(every_use(transaction, machine_scope()), rows, budget_years(transaction))
    for key, row in rows.items():
        reserved, held = sums.get(key, (0, 0))
        if (row["reserved"], row["held"]) != (reserved, held):
            set_counter(transaction, key, reserved, held)


def _end_earlier(transaction: Transaction, document: QuotaDocument) -> None:
    scope = machine_scope()
    for row in limits(transaction, scope, keys={line.key.id for line in document.lines}):
        open_ended = row["ends_at"] is None or row["ends_at"] > document.starts
        if not row["temporary"] and open_ended and row["starts_at"] < document.starts:
            end_limit(transaction, scope, row["key"], row["document"], document.starts)


def _row(document: QuotaDocument, line: QuotaLine, now: datetime) -> dict[str, object]:
    key = line.key
    return {
        "key": key.id,
        "document": document.id,
        "parent": line.parent,
        "dimension": key.dimension,
        "period": key.period,
        "region": key.region,
        "agency": key.agency or None,
        "project": key.project,
        "service": key.service,
        "fund_source": key.fund_source,
        "units": line.units,
        "temporary": document.temporary,
        "starts_at": document.starts,
        "ends_at": document.ends,
        "published_at": now,
    }


def _unknown_parties(mandate: Mandate, document: QuotaDocument) -> Iterable[Finding]:
    kinds = {party.id: party.kind for party in parties(mandate.transaction)}
    for line in document.lines:
        if line.key.agency and kinds.get(line.key.agency) is not PartyKind.AGENCY:
            yield _finding(line, "quota.party", line.key.agency, "an agency")


def _unfounded(transaction: Transaction, document: QuotaDocument) -> Iterable[Finding]:
    """Extras with nothing below them."""
    if not document.temporary:
        return
    keys = {line.key.id for line in document.lines}
    standing = in_force(limits(transaction, machine_scope(), keys=keys, at=document.starts))
    for line in document.lines:
        if standing[line.key.id].base is None:
            yield _finding(line, "quota.nothing-to-extend", "none in force", "a quota that this one comes on top of")


def _shares_too_large(transaction: Transaction, document: QuotaDocument, now: datetime) -> Iterable[Finding]:
    """Shares that together exceed what they are shares of, at any instant from now on."""
    scope, touched = machine_scope(), {line.key.id for line in document.lines}
    parents = {line.parent for line in document.lines if line.parent}
    parents |= {row["parent"] for row in limits(transaction, scope, parents=touched)}
    by_key = {line.key.id: line for line in document.lines}
    for parent in sorted(parents):
        children = limits(transaction, scope, parents=[parent])
        own = limits(transaction, scope, keys=[parent])
        for at in _turns((*children, *own), now):
            shares = in_force(row for row in children if _covers(row, at)).values()
            handed_out = sum(share.whole or 0 for share in shares)
            limit = in_force(row for row in own if _covers(row, at)).get(parent)
            most = None if limit is None else limit.whole
            if handed_out and (most is None or handed_out > most):
                line = next((each for each in document.lines if each.parent == parent), None) or by_key[parent]
                dimension = line.key.dimension
                allowed = "no quota in force" if most is None else f"at most {units_text(dimension, most)}"
                yield _finding(line, "quota.shares-too-large", units_text(dimension, handed_out), allowed)
                break


def _turns(rows: Iterable[RowMapping], now: datetime) -> Sequence[datetime]:
    turns = {row["starts_at"] for row in rows} | {row["ends_at"] for row in rows if row["ends_at"] is not None}
    return sorted({now, *(turn for turn in turns if turn > now)})


def _covers(row: RowMapping, at: datetime) -> bool:
    return bool(row["starts_at"] <= at and (row["ends_at"] is None or row["ends_at"] > at))


_WORDS = {
    "quota.party": ("不是使用单位", "is no agency"),
    "quota.other-parent": ("所属上级配额不能改变", "cannot become a share of another quota"),
    "quota.nothing-to-extend": ("没有可追加的生效配额", "there is no quota in force to extend"),
    "quota.shares-too-large": ("下级份额之和超过上级配额", "the shares together exceed what they are a share of"),
}


def _finding(line: QuotaLine, code: str, found: str, expected: str) -> Finding:
    zh, en = _WORDS[code]
    name_zh, name_en = line.key.words()
    return Finding(
        code=f"tenants.{code}",
        severity=Severity.ERROR,
        place=Place(field=line.key.id),
        found=found,
        expected=expected,
        zh=f"{name_zh}:{zh}(现为 {found},应为 {expected})",
        en=f"{name_en}: {en} (found {found}, expected {expected})",
    )


def _refuse_findings(findings: Iterable[Finding]) -> None:
    found = tuple(findings)
    if found:
        raise InvalidQuotas(count=len(found), first_zh=found[0].zh, first_en=found[0].en, findings=found)


def _document(transaction: Transaction, id_: str) -> RowMapping | None:
    return transaction.row(select(document_table).where(document_table.c.id == id_))
