"""Findings: what an import or a check has to say, as data and never as a raise in the middle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``ERROR`` stops the import; ``WARNING`` asks a person; ``NOTE`` says what was assumed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is. ``row`` counts from 1 as the spreadsheet shows it; empty parts do not exist."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    field: str = ""

    def __str__(self) -> str:
        parts = [self.file, self.sheet, "" if self.row is None else f"row {self.row}", self.field]
        return " / ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: stable ``code``, where, what was found, what was expected, in both languages."""

    code: str
    severity: Severity
    place: Place
    found: str
    expected: str
    zh: str
    en: str


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that stop an import."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
