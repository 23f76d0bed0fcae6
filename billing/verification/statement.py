"""A statement pack: rows → segments → lines, minutes → deductions, all recomputed from proven evidence. Pure.

manifest.json                 signed: the digest of every other file
statement.json                the bill
holdings.json prices.json terms.json   what rating reads of register, price list and scheme
usage/<day>.json sli/<day>.json        evidence days
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from billing.rating.model import Holding, Price, Use
from billing.rating.segments import segments_of
from billing.statements.model import (
    DeductionTerms,
    RootReference,
    ServiceAvailability,
    StatementInputs,
    digest,
    document,
)
from billing.statements.recompute import recompute
from billing.verification.comparing import compare
from billing.verification.decoding import decimal_of, decode, decode_all
from billing.verification.errors import NotAPack, Undecodable
from billing.verification.evidence_days import EvidenceDay, HandedOut, check_days, check_month_complete
from billing.verification.manifest import Contents
from billing.verification.result import Report
from foundation.evidence import read_canonical
from foundation.values.errors import GuanyunError
from foundation.values.findings import Severity
from foundation.values.instant import parse_instant
from foundation.values.month import Month
from governance.sla import MinuteCounts, count_minutes

STATEMENT = "statement.json"
HOLDINGS = "holdings.json"
PRICES = "prices.json"
TERMS = "terms.json"
_FILES = (STATEMENT, HOLDINGS, PRICES, TERMS)


def check_statement(
    files: Mapping[str, bytes], contents: Contents, handed_out: HandedOut, report: Report
) -> tuple[dict[str, Any], str]:
    """Check everything in a statement pack; returns (the statement's document, its digest)."""
    for name in _FILES:
        if name not in files:
            raise NotAPack(file=report.file, reason_zh=f"没有 {name}", reason_en=f"there is no {name}")
    bill: dict[str, Any] = read_canonical(files[STATEMENT], what=STATEMENT)
    found = digest(bill)
    try:
        _check_identity(bill, found, contents, report)
        _check_bill(bill, files, handed_out, report)
    except (KeyError, TypeError, AttributeError) as cause:
        raise Undecodable(what=STATEMENT, path=str(cause), found="another shape", expected="a statement") from cause
    return bill, found


def _check_identity(bill: Mapping[str, Any], found: str, contents: Contents, report: Report) -> None:
    said = (contents.id, contents.version, contents.digest)
    if said != (bill["id"], bill["version"], found):
        report.add(
            "digest-differs",
            member=STATEMENT,
            zh=f"{STATEMENT} 不是签名时的那一份",
            en=f"{STATEMENT} is not the bill that was signed",
            found=found,
            expected=contents.digest,
        )


def _check_bill(bill: Mapping[str, Any], files: Mapping[str, bytes], handed_out: HandedOut, report: Report) -> None:
    agency, month = bill["agency"], Month.parse(bill["month"])
    usage_names = [each["name"] for each in bill["inputs"]["days"]]
    sli_names = [each["name"] for each in bill["inputs"]["sli"]]
    check_month_complete("usage", usage_names, month, report)
    if sli_names:
        check_month_complete("sli", sli_names, month, report)
    usage = list(check_days("usage", usage_names, files, handed_out, agency, report))
    sli = list(check_days("sli", sli_names, files, handed_out, agency, report))
    expected_files = {*_FILES, "manifest.json", *(f"usage/{day.day}.json" for day in usage)}
    expected_files |= {f"sli/{day.day}.json" for day in sli}
    for name in sorted(set(files) - expected_files):
        report.add(
            "file-unused",
            member=name,
            severity=Severity.WARNING,
            zh=f"账单没有用到 {name}",
            en=f"the bill rests on nothing in {name}",
        )
    try:
        inputs = _inputs(bill, files, usage, sli, handed_out)
        expected = document(recompute(inputs))
    except (GuanyunError, ValueError, TypeError, KeyError) as cause:
        zh, en = (cause.text("zh"), cause.text("en")) if isinstance(cause, GuanyunError) else (str(cause), str(cause))
        report.add("not-recomputed", member=STATEMENT, zh=f"无法重算:{zh}", en=f"it cannot be recomputed: {en}")
        return
    report.count("lines", len(bill["lines"]) + len(bill["deductions"]))
    compare(bill, expected, member=STATEMENT, report=report)


def _inputs(
    bill: Mapping[str, Any],
    files: Mapping[str, bytes],
    usage: Iterable[EvidenceDay],
    sli: Iterable[EvidenceDay],
    handed_out: HandedOut,
) -> StatementInputs:
    agency, month = bill["agency"], Month.parse(bill["month"])
    holdings = decode_all(Holding, read_canonical(files[HOLDINGS], what=HOLDINGS), what=HOLDINGS)
    prices = decode_all(Price, read_canonical(files[PRICES], what=PRICES), what=PRICES)
    return StatementInputs(
        agency=agency,
        month=month,
        contract=bill["contract"],
        version=bill["version"],
        supersedes=bill["supersedes"],
        segments=segments_of(_uses(agency, usage), holdings, prices, month),
        holdings=holdings,
        prices=prices,
        terms=decode(DeductionTerms, read_canonical(files[TERMS], what=TERMS), what=TERMS),
        availability=_availability(sli),
        days=_references(bill["inputs"]["days"], handed_out),
        sli=_references(bill["inputs"]["sli"], handed_out),
        names=bill["names"],
        code_version=bill["code_version"],
    )


def _uses(agency: str, days: Iterable[EvidenceDay]) -> Iterable[Use]:
    for day in days:
        for label, rows in day.series.items():
            resource, _, meter = label.partition("|")
            for start, _end, quantity, *_rest in rows:
                yield Use(agency, resource, meter, parse_instant(start), decimal_of(quantity))


def _availability(days: Iterable[EvidenceDay]) -> tuple[ServiceAvailability, ...]:
    counts: dict[str, MinuteCounts] = {}
    for day in days:
        for service, rows in day.series.items():
            states = "".join(row["states"] for row in rows)
            counts[service] = counts.get(service, MinuteCounts()) + count_minutes(states)
    return tuple(ServiceAvailability(service, counted) for service, counted in sorted(counts.items()))


def _references(named: Iterable[Mapping[str, str]], handed_out: HandedOut) -> tuple[RootReference, ...]:
    """The roots of the reader's folder; where one is missing there, which is a finding already, the bill's own."""
    return tuple(
        RootReference(each["name"], str(handed_out.get(each["name"], {}).get("root", each["root"]))) for each in named
    )
