"""Money is whole fen; quantities and prices are exact decimals. Nothing here touches a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction

from foundation.values.errors import InvalidValue

QUANTITY = (20, 6)
PRICE = (20, 8)
AMOUNT = (28, 14)
COEFFICIENT = (9, 8)

Rational = Fraction | Decimal | int


def exact(value: Decimal | int | str, shape: tuple[int, int], *, field: str) -> Decimal:
    """``value`` as a decimal of ``shape`` (precision, scale), refused where a digit would be lost."""
    precision, scale = shape
    context = Context(prec=precision, traps=[Inexact, InvalidOperation])
    try:
        number = Decimal(value).quantize(Decimal(1).scaleb(-scale), context=context)
    except (InvalidOperation, Inexact, TypeError, ValueError) as cause:
        raise InvalidValue(field=field, found=str(value), expected=f"decimal({precision},{scale})") from cause
    if not number.is_finite():
        raise InvalidValue(field=field, found=str(value), expected=f"decimal({precision},{scale})")
    return number


def round_half_up(value: Rational) -> int:
    """The nearest whole number; a half goes away from zero, as the trade rounds money."""
    fraction = Fraction(value)
    magnitude = (2 * abs(fraction.numerator) + fraction.denominator) // (2 * fraction.denominator)
    return magnitude if fraction >= 0 else -magnitude


def fen(yuan: Rational) -> int:
    """Yuan to whole fen, rounded half up once."""
    return round_half_up(Fraction(yuan) * 100)


def shares(total: int, weights: Sequence[Rational]) -> tuple[int, ...]:
    """Split ``total`` fen by weight with the largest-remainder method: the parts sum to the total.

    Ties go to the earlier part. Weights must be non-negative and not all zero.
    """
    fractions = [Fraction(weight) for weight in weights]
    whole = sum(fractions)
    if whole <= 0 or any(fraction < 0 for fraction in fractions):
        raise InvalidValue(field="weights", found=str(list(weights)), expected="non-negative, not all zero")
    quotas = [abs(total) * fraction / whole for fraction in fractions]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - quotas[index], index))
    for index in by_remainder[: abs(total) - sum(parts)]:
        parts[index] += 1
    return tuple(parts if total >= 0 else [-part for part in parts])


def format_yuan(amount: int) -> str:
    """Fen as ``1,234.56``."""
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{rest // 100:,}.{rest % 100:02d}"
