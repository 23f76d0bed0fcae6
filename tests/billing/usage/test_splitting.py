"""A record that crosses a boundary is cut pro rata; nothing is lost and the spare quanta go to the earlier pieces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from billing.usage.splitting import split, split_by_day
from foundation.values.instant import Interval
from foundation.values.month import shanghai_day
from governance.metering import UsageRecord

START = datetime(2026, 2, 28, 16, tzinfo=UTC)
moments = st.integers(0, 40 * 86400 * 1000).map(lambda thousandth: START + timedelta(milliseconds=thousandth))


@st.composite
def records(draw: st.DrawFn) -> UsageRecord:
    start = draw(moments)
    end = start + timedelta(milliseconds=draw(st.integers(1, 5 * 86400 * 1000)))
    quantity = Decimal(draw(st.integers(-(10**15), 10**15))).scaleb(-6)
    return UsageRecord("k", "a", "r", "m", Interval(start, end), quantity, "s")


@given(records(), st.lists(moments, max_size=6))
def test_pieces_join_to_the_record_and_add_up_to_its_quantity(record: UsageRecord, boundaries: list[datetime]) -> None:
    pieces = split_by_day(record, boundaries)
    assert sum(Fraction(piece.quantity) for piece in pieces) == Fraction(record.quantity)
    assert (pieces[0].interval.start, pieces[-1].interval.end) == (record.interval.start, record.interval.end)
    assert all(a.interval.end == b.interval.start for a, b in pairwise(pieces))
    assert all(
        shanghai_day(piece.interval.start) == shanghai_day(piece.interval.end - timedelta(microseconds=1))
        for piece in pieces
    )
    assert not any(piece.interval.start < edge < piece.interval.end for piece in pieces for edge in boundaries)


@given(records(), st.lists(moments, max_size=6))
def test_a_piece_is_within_a_quantum_of_its_exact_share(record: UsageRecord, boundaries: list[datetime]) -> None:
    for piece in split(record, boundaries):
        share = Fraction(record.quantity) * piece.interval.microseconds / record.interval.microseconds
        assert abs(Fraction(piece.quantity) - share) < Fraction(1, 10**6)


def test_the_remainder_quantum_goes_to_the_earlier_piece() -> None:
    middle = START + timedelta(hours=1)
    record = UsageRecord("k", "a", "r", "m", Interval(START, START + timedelta(hours=2)), Decimal("0.000001"), "s")
    assert [piece.quantity for piece in split(record, [middle])] == [Decimal("0.000001"), Decimal(0)]


def test_a_record_inside_one_day_stays_whole() -> None:
    record = UsageRecord("k", "a", "r", "m", Interval(START, START + timedelta(days=1)), Decimal(1), "s")
    assert split_by_day(record) == (record,)
