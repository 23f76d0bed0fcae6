"""Instants, intervals and Shanghai months."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval, cut, format_instant, parse_instant
from foundation.values.month import Month, day_interval, shanghai_day

_INSTANTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(_INSTANTS, st.integers(-12, 12))
def test_an_instant_reads_back_from_its_text_in_any_zone(instant: datetime, hours: int) -> None:
    there = instant.astimezone(timezone(timedelta(hours=hours)))
    assert parse_instant(format_instant(there)) == instant
    assert format_instant(there) == format_instant(instant)


@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-01T00:00:00", "soon", ""])
def test_a_text_without_a_zone_names_no_instant(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_instant(text)


@given(_INSTANTS, st.integers(1, 10**9), st.lists(_INSTANTS, max_size=8))
def test_the_pieces_of_a_cut_join_back_to_the_whole(start: datetime, length: int, boundaries: list[datetime]) -> None:
    whole = Interval(start, start + timedelta(microseconds=length))
    pieces = list(cut(whole, boundaries))
    assert (pieces[0].start, pieces[-1].end) == (whole.start, whole.end)
    assert all(earlier.end == later.start for earlier, later in itertools.pairwise(pieces))
    assert sum(piece.microseconds for piece in pieces) == whole.microseconds


def test_an_interval_is_half_open_and_never_empty() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    interval = Interval(start, start + timedelta(hours=1))
    assert start in interval
    assert interval.end not in interval
    assert interval.meet(Interval(interval.end, interval.end + timedelta(hours=1))) is None
    with pytest.raises(InvalidValue):
        Interval(start, start)


@given(_INSTANTS)
def test_every_instant_is_in_its_month_and_its_day(instant: datetime) -> None:
    assert instant in Month.of(instant).interval
    assert instant in day_interval(shanghai_day(instant))


def test_a_month_begins_at_midnight_in_shanghai() -> None:
    march = Month.parse("2026-03")
    assert format_instant(march.interval.start) == "2026-02-28T16:00:00Z"
    assert march.seconds == 31 * 86400
    assert len(list(march.days())) == 31
    assert str(Month.parse("2026-12").following()) == "2027-01"
    with pytest.raises(InvalidValue):
        Month.parse("2026-13")
