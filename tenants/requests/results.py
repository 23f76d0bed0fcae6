"""What a check of a request found, as a value kept with the request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """``NO_EVIDENCE`` never passes by itself: a person looks."""

    PASSED = "passed"
    FAILED = "failed"
    NO_EVIDENCE = "no-evidence"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"passed": "通过", "failed": "未通过", "no-evidence": "没有证据"}[self.value]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``check`` is the check's id; ``cites`` what it rests on: a list entry, a contract line, a quota."""

    check: str
    verdict: Verdict
    zh: str
    en: str
    cites: tuple[str, ...] = ()


def passed(check: str, zh: str, en: str, *cites: str) -> CheckResult:
    """It holds, on evidence."""
    return CheckResult(check, Verdict.PASSED, zh, en, cites)


def failed(check: str, zh: str, en: str, *cites: str) -> CheckResult:
    """It does not hold."""
    return CheckResult(check, Verdict.FAILED, zh, en, cites)


def no_evidence(check: str, zh: str, en: str, *cites: str) -> CheckResult:
    """Nobody can tell from what is on record."""
    return CheckResult(check, Verdict.NO_EVIDENCE, zh, en, cites)


def failures(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Those that failed."""
    return tuple(result for result in results if result.verdict is Verdict.FAILED)


def all_passed(results: Iterable[CheckResult]) -> bool:
    """Whether every check passed with evidence; of no check at all: no."""
    verdicts = [result.verdict for result in results]
    return bool(verdicts) and all(verdict is Verdict.PASSED for verdict in verdicts)
