"""Exact sums of quantities: Python's decimal addition rounds at its context's precision, whole numbers do not."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation

from foundation.values.errors import InvalidValue
from foundation.values.money import QUANTITY

_SCALE = QUANTITY[1]
_WIDE = Context(prec=100, traps=[Inexact, InvalidOperation])


def quanta(quantity: Decimal) -> int:
    """A quantity in its smallest unit (10⁻⁶); a finer digit, or no number at all, raises ``InvalidValue``."""
    try:
        scaled = quantity.scaleb(_SCALE, context=_WIDE)
        units = int(scaled)
    except (ArithmeticError, ValueError) as cause:
        raise InvalidValue(field="quantity", found=str(quantity), expected="a finite number") from cause
    if units != scaled:
        raise InvalidValue(field="quantity", found=str(quantity), expected=f"at most {_SCALE} decimal places")
    return units


def from_quanta(units: int) -> Decimal:
    """The quantity of so many smallest units, exact whatever the decimal context is."""
    return Decimal((1 if units < 0 else 0, tuple(int(digit) for digit in str(abs(units))), -_SCALE))


class ExactSum:
    """A running sum of quantities and of how many records it is made of."""

    __slots__ = ("_units", "count")

    def __init__(self) -> None:
        self._units = 0
        self.count = 0

    def add(self, quantity: Decimal, *, count: int = 1) -> None:
        """Add one quantity that stands for ``count`` records."""
        self._units += quanta(quantity)
        self.count += count

    @property
    def value(self) -> Decimal:
        """The sum, with the quantity's six decimal places."""
        return from_quanta(self._units)
