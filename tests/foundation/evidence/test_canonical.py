"""One value, one byte form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.evidence import NotCanonical, NotCanonicalizable, canonical_bytes, read_canonical

_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_PLAIN)
def test_canonical_bytes_read_back_to_the_same_value(value: object) -> None:
    assert read_canonical(canonical_bytes(value), what="test") == value


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2), st.randoms())
def test_the_order_of_keys_makes_no_difference(value: dict[str, int], random: object) -> None:
    items = list(value.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert canonical_bytes(dict(items)) == canonical_bytes(value)


@pytest.mark.parametrize("value", [1.5, {"a": 0.0}, [datetime(2026, 3, 1)], {1: 2}, Decimal("NaN"), {1, 2}])  # noqa: DTZ001
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises((NotCanonicalizable, Exception), match=r"canonical|time zone"):
        canonical_bytes(value)


@pytest.mark.parametrize("text", ['{"b":1,"a":2}', '{"a": 1}', '{"a":1.0}', '{"a":NaN}', "[1,]", "", '{"a":1,"a":1}'])
def test_a_second_form_of_the_same_value_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(text, what="test")


def test_decimals_are_strings_without_exponent_and_instants_are_utc() -> None:
    value = {"d": Decimal("1E+3"), "e": Decimal("0.50"), "z": Decimal("-0.0"), "t": datetime(2026, 3, 1, tzinfo=UTC)}
    assert json.loads(canonical_bytes(value)) == {"d": "1000", "e": "0.5", "z": "0", "t": "2026-03-01T00:00:00Z"}
