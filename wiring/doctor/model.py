"""A check, what it looks at, what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from foundation.store import Transaction
from foundation.values.findings import Finding, Place, Severity
from wiring.health import Reason

if TYPE_CHECKING:
    from wiring.application import Application
    from wiring.settings import Settings


@dataclass(frozen=True)
class Patient:
    """What is looked at. ``application`` is None where nothing is installed, ``away`` why the database does not answer;
    ``now`` is the real clock's."""

    settings: Settings
    application: Application | None
    away: Reason | None
    now: datetime


Look = Callable[[Patient], Iterable[Finding]]
LookAtRows = Callable[[Patient, Transaction], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. ``look`` needs no database; ``look_at_rows`` reads it."""

    name: str
    zh: str
    en: str
    look: Look | None = None
    look_at_rows: LookAtRows | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; ``skipped`` where it could not look."""

    name: str
    zh: str
    en: str
    findings: tuple[Finding, ...]
    skipped: bool = False

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings; None where all is well."""
        order = (Severity.NOTE, Severity.WARNING, Severity.ERROR)
        return max((finding.severity for finding in self.findings), key=order.index, default=None)


def error(code: str, place: str, zh: str, en: str, *, found: str = "", expected: str = "") -> Finding:
    """Something does not work, or soon will not."""
    return _finding(Severity.ERROR, code, place, found, expected, zh, en)


def warning(code: str, place: str, zh: str, en: str, *, found: str = "", expected: str = "") -> Finding:
    """Something a person should look at in the daytime."""
    return _finding(Severity.WARNING, code, place, found, expected, zh, en)


def note(code: str, place: str, zh: str, en: str, *, found: str = "", expected: str = "") -> Finding:
    """Something good to know."""
    return _finding(Severity.NOTE, code, place, found, expected, zh, en)


def _finding(severity: Severity, code: str, place: str, found: str, expected: str, zh: str, en: str) -> Finding:
    return Finding(f"doctor.{code}", severity, Place(field=place), found, expected, zh, en)
