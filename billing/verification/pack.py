"""``verify_pack``: one file, the reader's roots, the reader's keys. Reads files, asks nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from billing.verification.archive import is_one_form, read_archive
from billing.verification.errors import NotAPack
from billing.verification.manifest import SETTLEMENT_PACK, STATEMENT_PACK, check_manifest
from billing.verification.result import Report, Verification
from billing.verification.settlement import check_settlement
from billing.verification.statement import check_statement
from foundation.evidence import KeyRing, read_handed_out
from foundation.values.findings import Severity

LARGEST = 4 << 30
ROOTS_SIGNED_BY = "*.evidence"


def verify_pack(path: Path, handed_out: Path, ring: KeyRing) -> Verification:
    """Recompute a statement pack or a settlement pack. What differs is a finding that names it.

    ``handed_out`` is the folder of signed roots the reader kept, ``ring`` the public keys the reader trusts. Raises
    ``NotAPack`` and ``Undecodable`` for something that is no pack, evidence's errors for a folder that cannot be read.
    """
    report = Report(file=path.name)
    data = _read(path)
    files = read_archive(data, file=path.name)
    if not is_one_form(data, files):
        report.add(
            "repacked",
            member="",
            severity=Severity.WARNING,
            zh="压缩包被重新打包过(其中文件另行核对)",
            en="the archive was packed anew by somebody (its files are checked by themselves)",
        )
    contents = check_manifest(files, ring, report)
    roots = read_handed_out(handed_out, ring, owner=ROOTS_SIGNED_BY)
    if contents.kind == STATEMENT_PACK:
        bill, digest = check_statement(files, contents, roots, report)
        totals = {name: bill[name] for name in ("charged", "deducted", "payable")}
    elif contents.kind == SETTLEMENT_PACK:
        bill, digest = check_settlement(files, contents, roots, ring, report)
        totals = dict(bill["totals"])
    else:
        raise NotAPack(file=path.name, reason_zh=f"未知的种类 {contents.kind}", reason_en=f"unknown {contents.kind}")
    return Verification(
        document=_named(bill),
        digest=digest,
        findings=tuple(report.findings),
        checked=report.checked,
        totals=totals,
    )


def _named(bill: dict[str, Any]) -> str:
    return f"{bill['id']} v{bill['version']}"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise NotAPack(file=path.name, reason_zh="文件过大", reason_en="it is too large")
        return path.read_bytes()
    except OSError as cause:
        reason = cause.strerror or str(cause)
        raise NotAPack(file=path.name, reason_zh=f"无法读取({reason})", reason_en=f"not readable ({reason})") from cause
