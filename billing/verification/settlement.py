"""A settlement pack: every statement pack in it checked, every item priced anew, the settlement recomputed. Pure.

manifest.json settlement.json
contract.json items.json prices.json grade.json   what settling reads of contract, items, price list and grade
statements/<id>.zip                               the statement packs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.items.model import Acceptance, Item
from billing.items.pricing import price_item
from billing.rating.model import Price
from billing.settlement.computing import compute
from billing.settlement.model import ContractTerms, Grade, SettlementInputs, StatementPart, digest, document
from billing.settlement.parts import part_of
from billing.verification.archive import read_archive
from billing.verification.comparing import compare
from billing.verification.decoding import decode, decode_all
from billing.verification.errors import NotAPack, Undecodable
from billing.verification.evidence_days import HandedOut
from billing.verification.manifest import STATEMENT_PACK, Contents, check_manifest
from billing.verification.result import Report
from billing.verification.statement import check_statement
from foundation.evidence import KeyRing, read_canonical
from foundation.values.errors import GuanyunError
from foundation.values.month import Month

SETTLEMENT = "settlement.json"
CONTRACT = "contract.json"
ITEMS = "items.json"
PRICES = "prices.json"
GRADE = "grade.json"
_FILES = (SETTLEMENT, CONTRACT, ITEMS, PRICES, GRADE)


@dataclass(frozen=True, slots=True)
class SettledItem:
    """An item with its acceptance, as it stands in ``items.json``."""

    item: Item
    acceptance: Acceptance | None


def statement_member(statement: str) -> str:
    """Where a statement's pack stands."""
    return f"statements/{statement}.zip"


def check_settlement(
    files: Mapping[str, bytes], contents: Contents, handed_out: HandedOut, ring: KeyRing, report: Report
) -> tuple[dict[str, Any], str]:
    """Check everything in a settlement pack; returns (the settlement's document, its digest)."""
    for name in _FILES:
        if name not in files:
            raise NotAPack(file=report.file, reason_zh=f"没有 {name}", reason_en=f"there is no {name}")
    bill: dict[str, Any] = read_canonical(files[SETTLEMENT], what=SETTLEMENT)
    found = digest(bill)
    try:
        if (contents.id, contents.version, contents.digest) != (bill["id"], bill["version"], found):
            report.add(
                "digest-differs",
                member=SETTLEMENT,
                zh=f"{SETTLEMENT} 不是签名时的那一份",
                en=f"{SETTLEMENT} is not the bill that was signed",
                found=found,
                expected=contents.digest,
            )
        parts = [part for each in bill["statements"] if (part := _part(each, files, handed_out, ring, report))]
        _recompute(bill, parts, files, report)
    except (KeyError, TypeError, AttributeError) as cause:
        raise Undecodable(what=SETTLEMENT, path=str(cause), found="another shape", expected="a settlement") from cause
    return bill, found


def _part(
    reference: Mapping[str, Any], files: Mapping[str, bytes], handed_out: HandedOut, ring: KeyRing, report: Report
) -> StatementPart | None:
    member = statement_member(reference["id"])
    if member not in files:
        report.add("file-missing", member=member, zh=f"缺少 {member}", en=f"{member} is missing")
        return None
    inner = Report(file=f"{report.file}/{member}")
    statement_files = read_archive(files[member], file=inner.file)
    contents = check_manifest(statement_files, ring, inner)
    if contents.kind != STATEMENT_PACK:
        raise NotAPack(file=inner.file, reason_zh="不是使用确认单的证据包", reason_en="it is no statement's pack")
    bill, found = check_statement(statement_files, contents, handed_out, inner)
    report.findings.extend(inner.findings)
    for what, number in inner.checked.items():
        report.count(what, number)
    report.count("statements")
    if (bill["id"], bill["version"], found) != (reference["id"], reference["version"], reference["digest"]):
        report.add(
            "statement-differs",
            member=member,
            zh=f"结算单依据的不是这一份 {reference['id']}",
            en=f"the settlement rests on another {reference['id']} than this one",
            found=found,
            expected=reference["digest"],
        )
    # What was held at the time is the settlement's own word; the amounts that follow from it are recomputed.
    return part_of(bill, digest=found, state=reference["state"], disputed=reference["held"])


def _recompute(bill: Mapping[str, Any], parts: list[StatementPart], files: Mapping[str, bytes], report: Report) -> None:
    try:
        expected = document(compute(_inputs(bill, parts, files)))
    except (GuanyunError, ValueError, TypeError, KeyError) as cause:
        zh, en = (cause.text("zh"), cause.text("en")) if isinstance(cause, GuanyunError) else (str(cause), str(cause))
        report.add("not-recomputed", member=SETTLEMENT, zh=f"无法重算:{zh}", en=f"it cannot be recomputed: {en}")
        return
    report.count("lines", len(bill["lines"]))
    compare(bill, expected, member=SETTLEMENT, report=report)


def _inputs(bill: Mapping[str, Any], parts: list[StatementPart], files: Mapping[str, bytes]) -> SettlementInputs:
    def read(name: str) -> Any:
        return read_canonical(files[name], what=name)

    prices = decode_all(Price, read(PRICES), what=PRICES)
    items = decode_all(SettledItem, read(ITEMS), what=ITEMS)
    return SettlementInputs(
        contract=decode(ContractTerms, read(CONTRACT), what=CONTRACT),
        month=Month.parse(bill["month"]),
        version=bill["version"],
        statements=tuple(parts),
        items=tuple(price_item(each.item, each.acceptance, prices) for each in items),
        grade=decode(Grade, read(GRADE), what=GRADE),
        settled_before=bill["totals"]["settled_before"],
        names=bill["names"],
    )
