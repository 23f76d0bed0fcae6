"""Money: whole fen, exact decimals, one rounding, shares that sum to their total."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from foundation.values.money import PRICE, QUANTITY, exact, fen, format_yuan, round_half_up, shares


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_rounding_is_half_up_away_from_zero(value: Decimal) -> None:
    assert round_half_up(value) == int(value.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_shares_sum_to_the_total_and_stay_within_one_fen_of_the_exact_share(total: int, weights: list[int]) -> None:
    parts = shares(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


def test_a_tie_goes_to_the_earlier_part() -> None:
    assert shares(100, [1, 1, 1]) == (34, 33, 33)
    assert shares(-100, [1, 1, 1]) == (-34, -33, -33)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_name_no_share_are_refused(weights: list[int]) -> None:
    with pytest.raises(InvalidValue):
        shares(100, weights)


@pytest.mark.parametrize("text", ["0.0000001", "100000000000000", "NaN", "Infinity", "abc", ""])
def test_a_quantity_that_would_lose_a_digit_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="quantity"):
        exact(text, QUANTITY, field="quantity")


def test_a_price_keeps_eight_places() -> None:
    assert str(exact("0.00000001", PRICE, field="price")) == "1E-8"
    assert fen(Decimal("1.005")) == 101


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (-123456, "-1,234.56")])
def test_fen_read_as_yuan(amount: int, text: str) -> None:
    assert format_yuan(amount) == text
