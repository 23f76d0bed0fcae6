"""What a verification says: findings, and what was checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from foundation.values.findings import Finding, Place, Severity, blocking


@dataclass(frozen=True, slots=True)
class Verification:
    """``checked`` counts by what was checked (``usage series-days``); ``totals`` are fen by name, as recomputed.

    ``document`` names the bill (``US-hrss-2026-03 v1``) and ``digest`` is what it was found to be.
    """

    document: str
    digest: str
    findings: tuple[Finding, ...]
    checked: Mapping[str, int]
    totals: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing was found that must not be."""
        return not blocking(self.findings)


@dataclass(slots=True)
class Report:
    """Gathers findings and counts while a pack is checked. ``file`` is the pack."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, number: int = 1) -> None:
        """So many more of ``what`` were checked."""
        self.checked[what] = self.checked.get(what, 0) + number

    def add(
        self,
        code: str,
        *,
        member: str,
        zh: str,
        en: str,
        where: str = "",
        found: object = "",
        expected: object = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """One finding on ``member``, a file of the pack."""
        place = Place(file=self.file, sheet=member, field=where)
        code = f"billing.verification.{code}"
        self.findings.append(Finding(code, severity, place, str(found)[:200], str(expected)[:200], zh, en))
