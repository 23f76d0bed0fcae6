"""Who bears how much of a settlement, to the fen. Pure.

The parts are split once, by bearer; what an agency, a project or a fund source bears is the sum of its bearers, so
that no two views of the same settlement disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from billing.items.pricing import PricedItem
from billing.settlement.model import Bearer, BearerShare, StatementPart
from foundation.values.money import Rational

Vat = tuple[bool, Decimal]
"""(prices include it, rate)."""
Bases = Mapping[tuple[Bearer, Vat], int]
"""Fen before coefficient and tax."""


def bases_of(statements: Iterable[StatementPart], items: Iterable[PricedItem]) -> Bases:
    """What each bearer is charged at each VAT treatment, deductions taken off."""
    sums: dict[tuple[Bearer, Vat], int] = {}
    for part in statements:
        for charge in part.charges:
            key = charge.bearer, (charge.includes_vat, charge.vat_rate)
            sums[key] = sums.get(key, 0) + charge.charged + charge.deducted
    for priced in items:
        item = priced.item
        bearer = Bearer(item.agency, item.system, item.project, item.fund_source)
        key = bearer, (priced.includes_vat, priced.vat_rate)
        sums[key] = sums.get(key, 0) + priced.amount
    return dict(sorted(sums.items()))


def apportion(total: int, weights: Sequence[Rational]) -> tuple[int, ...]:
    """``total`` fen by weight, largest remainder, ties to the earlier part; a weight may be negative (a credit).

    Where the weights sum to zero the first part takes the total, which then is the rest of a rounding.
    """
    fractions = [Fraction(weight) for weight in weights]
    whole = sum(fractions)
    if not fractions:
        return ()
    if whole == 0:
        return (total, *(0 for _ in fractions[1:]))
    quotas = [total * fraction / whole for fraction in fractions]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - quotas[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


def breakdown_of(bases: Bases, gross: int, withheld: int) -> tuple[BearerShare, ...]:
    """Gross and withheld by bearer. The coefficient acts on all alike, so only tax on top changes the weights."""
    weights: dict[Bearer, Fraction] = {}
    for (bearer, (includes_vat, rate)), amount in bases.items():
        with_tax = Fraction(amount) if includes_vat else amount * (1 + Fraction(rate))
        weights[bearer] = weights.get(bearer, Fraction(0)) + with_tax
    bearers = sorted(weights)
    ordered = [weights[bearer] for bearer in bearers]
    return tuple(
        BearerShare(
            agency=bearer.agency,
            system=bearer.system,
            project=bearer.project,
            fund_source=bearer.fund_source,
            gross=part,
            withheld=kept,
            payable=part - kept,
        )
        for bearer, part, kept in zip(bearers, apportion(gross, ordered), apportion(withheld, ordered), strict=True)
    )
