"""All of ``verify --live`` in one reading transaction: one snapshot, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from billing.live.audit_chain import check_audit
from billing.live.bills import check_settlements, check_statements, said_by
from billing.live.ports import SliChecks
from billing.live.usage import check_usage
from billing.packs.sources import PackSources
from billing.verification.errors import NeedsWholeScope
from billing.verification.evidence_days import HandedOut
from billing.verification.pack import ROOTS_SIGNED_BY
from billing.verification.result import Report, Verification
from foundation.evidence import KeyRing, read_handed_out
from foundation.values.errors import GuanyunError
from foundation.values.month import Month
from governance.audit import Entry
from governance.authority import View


@dataclass(frozen=True, slots=True)
class LiveSources:
    """Where the records are read, and the check of SLI minutes."""

    packs: PackSources
    sli: SliChecks


def verify_live(view: View, sources: LiveSources, handed_out: Path, ring: KeyRing) -> Verification:
    """Compare everything recorded with the reader's ``handed_out`` folder and keys.

    The reader must be one who sees every agency: a root is over all of them (``NeedsWholeScope``).
    """
    if view.scope.agencies is not None:
        raise NeedsWholeScope
    report = Report(file="")
    roots = read_handed_out(handed_out, ring, owner=ROOTS_SIGNED_BY)
    transaction, scope, packs = view.transaction, view.scope, sources.packs
    chain: list[Entry] = []
    _part("audit", lambda: chain.extend(check_audit(transaction, roots, report)), report)
    _part("usage", partial(check_usage, transaction, scope, packs.statements.store, roots, report), report)
    _part("sli", partial(_check_sli, view, sources.sli, roots, report), report)
    said = said_by(chain)
    _part("statements", partial(check_statements, transaction, scope, packs, said, report), report)
    _part("settlements", partial(check_settlements, transaction, scope, packs, said, ring, report), report)
    return Verification(document="live", digest="", findings=tuple(report.findings), checked=report.checked, totals={})


def _part(name: str, check: Callable[[], object], report: Report) -> None:
    """One part of the check; records that cannot even be read are a finding, and the other parts still run."""
    try:
        check()
    except (GuanyunError, KeyError, TypeError, ValueError) as cause:
        zh, en = (cause.text("zh"), cause.text("en")) if isinstance(cause, GuanyunError) else (repr(cause), repr(cause))
        report.add("not-readable", member=name, zh=f"{name} 的记录无法读取:{zh}", en=f"{name} cannot be read: {en}")


def _check_sli(view: View, sli: SliChecks, roots: HandedOut, report: Report) -> None:
    for month in sorted(_months(roots) | {Month.of(view.now)}):
        for found in sli.breaks(view.transaction, view.scope, month, roots):
            named = f"({', '.join(filter(None, (found.agency, found.service, str(found.day))))})"
            report.add(
                "series-day",
                member="sli",
                where=f"{found.agency}|{found.service}",
                found=named,
                zh=f"数列 {named}:{found.zh}",
                en=f"the series {named}: {found.en}",
            )
        report.count("sli months")


def _months(roots: Mapping[str, Mapping[str, Any]]) -> set[Month]:
    days = (str(body.get("day")) for body in roots.values() if body.get("kind") == "sli")
    return {Month.parse(day[:7]) for day in days}
