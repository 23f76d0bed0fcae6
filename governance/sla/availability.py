"""Availability and the deduction it costs: exact fractions, never rounded before they are compared.

availability = up ÷ (total − excluded − min(unknown, grace)), grace = floor(share of total). Unknown is never up:
within the grace it is left out, beyond it it counts as down (DOMAIN §3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from foundation.values.errors import InvalidValue
from governance.sla.minutes import MinuteCounts


class TierLike(Protocol):
    """A tier of the scheme: availability under ``below`` (a share of 1) costs ``deduction`` of the charge."""

    @property
    def below(self) -> Decimal: ...

    @property
    def deduction(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier as a plain value, for a reader who has only a document."""

    below: Decimal
    deduction: Decimal


@dataclass(frozen=True, slots=True)
class Availability:
    """What a period's minutes come to.

    ``value`` is exact, None where no minute was left to judge (all excluded, or unknown within the grace);
    ``coverage`` the known part of the minutes not excluded; ``share`` the part of the charge to deduct, 0 to 1;
    ``tier`` the tier that said so.
    """

    counts: MinuteCounts
    grace: int
    value: Fraction | None
    coverage: Fraction | None
    share: Decimal
    tier: Tier | None


def grace_minutes(total: int, share: Decimal) -> int:
    """How many unknown minutes are forgiven: the whole part of ``share`` of ``total``."""
    if not 0 <= share <= 1:
        raise InvalidValue(field="grace", found=str(share), expected="a share from 0 to 1")
    exact = Fraction(share) * total
    return exact.numerator // exact.denominator


def tier_of(value: Fraction, tiers: Iterable[TierLike]) -> Tier | None:
    """The tier availability falls under: the lowest ``below`` it is strictly less than; at a border, none."""
    under = [tier for tier in tiers if value < Fraction(tier.below)]
    if not under:
        return None
    lowest = min(under, key=lambda tier: tier.below)
    return Tier(below=lowest.below, deduction=lowest.deduction)


def deduction_share(counts: MinuteCounts, tiers: Iterable[TierLike], grace: Decimal) -> Availability:
    """Judge a period: ``grace`` is the share of its minutes that may be unknown without counting."""
    forgiven = grace_minutes(counts.total, grace)
    judged = counts.total - counts.excluded - min(counts.unknown, forgiven)
    promised = counts.total - counts.excluded
    value = Fraction(counts.up, judged) if judged else None
    tier = None if value is None else tier_of(value, tiers)
    return Availability(
        counts=counts,
        grace=forgiven,
        value=value,
        coverage=Fraction(promised - counts.unknown, promised) if promised else None,
        share=Decimal(0) if tier is None else tier.deduction,
        tier=tier,
    )
