"""A value comes back from its plain document, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.verification import NotAPack, Undecodable, read_archive, write_archive
from billing.verification.decoding import decode
from foundation.evidence import plain
from foundation.values.instant import Interval
from foundation.values.month import Month


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    amount: int
    yes: bool


@dataclass(frozen=True)
class Outer:
    text: str
    price: Decimal
    at: datetime
    day: date
    month: Month
    period: Interval
    colour: Colour
    inner: tuple[Inner, ...]
    maybe: Inner | None
    names: Mapping[str, Mapping[str, str]]


AT = datetime(2026, 3, 1, tzinfo=UTC)
VALUES = st.builds(
    Outer,
    text=st.text(),
    price=st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
    at=st.datetimes(timezones=st.just(UTC)),
    day=st.dates(),
    month=st.builds(Month, st.integers(2000, 2999), st.integers(1, 12)),
    period=st.just(Interval(AT, datetime(2026, 4, 1, tzinfo=UTC))),
    colour=st.just(Colour.RED),
    inner=st.lists(st.builds(Inner, st.integers(), st.booleans()), max_size=3).map(tuple),
    maybe=st.none() | st.builds(Inner, st.integers(), st.booleans()),
    names=st.dictionaries(st.text(), st.dictionaries(st.text(), st.text(), max_size=2), max_size=2),
)


@given(VALUES)
def test_a_value_comes_back(value: Outer) -> None:
    assert decode(Outer, plain(value), what="x") == value


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"amount": 1}, "$.yes"),
        ({"amount": 1, "yes": True, "more": 1}, "$.more"),
        ({"amount": "1", "yes": True}, "$.amount"),
        ({"amount": True, "yes": True}, "$.amount"),
        ({"amount": 1, "yes": 1}, "$.yes"),
        ([], "$"),
        (None, "$"),
    ],
)
def test_another_shape_is_refused_with_its_path(document: Any, path: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(Inner, document, what="x")
    assert refused.value.facts["path"] == path


@pytest.mark.parametrize("text", ["1e9", "Infinity", "NaN", "1_000", " 1", "", "١", "0x1", "1." + "0" * 99])
def test_a_decimal_has_one_plain_form(text: str) -> None:
    with pytest.raises(Undecodable):
        decode(Decimal, text, what="x")


@given(st.dictionaries(st.from_regex(r"([a-z]{1,8}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), st.binary()))
def test_an_archive_gives_back_its_files(files: dict[str, bytes]) -> None:
    assert read_archive(write_archive(files), file="x") == files


@pytest.mark.parametrize("name", ["../x", "/x", "a/b/c", "", "a\\b", "文", ".hidden", "x" * 200])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(NotAPack):
        write_archive({name: b""})
