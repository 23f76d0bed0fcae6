"""Grades as frozen values. Source: DOMAIN §3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.month import Month


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension: its weight in percent of the whole, its score from 0 to 100, and the reason in words."""

    code: str
    zh: str
    weight: int
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A contract-month's judgement. ``points`` from 0 to 100 follow from the dimensions."""

    contract: str
    month: Month
    dimensions: tuple[Dimension, ...]
    points: int

    @property
    def digest(self) -> str:
        """What publication and settlement bind to."""
        return sha256_hex(canonical_bytes(self))


@dataclass(frozen=True, slots=True)
class PublishedGrade:
    """A grade in force: its points, why, its digest, when it was published."""

    contract: str
    month: Month
    points: int
    reasons: tuple[Dimension, ...]
    digest: str
    published_at: datetime


def grade_points(dimensions: Sequence[Dimension]) -> int:
    """Σ weight · score ÷ 100 in whole points, the rest cut off: no rounding lifts a grade over a step's mark."""
    return sum(each.weight * each.score for each in dimensions) // 100


def unfit_dimensions(dimensions: Sequence[Dimension]) -> tuple[str, ...]:
    """What keeps dimensions from being a whole judgement: the codes at fault, or ``weights``; empty if nothing does.

    A file is checked with place and words when it is read; this holds whoever drafts by other means.
    """
    codes = [each.code for each in dimensions]
    wrong = [
        each.code
        for index, each in enumerate(dimensions)
        if each.code in codes[:index] or not 0 <= each.score <= 100 or each.weight < 1 or not each.reason.strip()
    ]
    if sum(each.weight for each in dimensions) != 100:
        wrong.append("weights")
    return tuple(wrong)
