"""Agencies take turns, whatever each has waiting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foundation.work.runs.choosing import take_turns
from foundation.work.runs.model import Lane

lanes_of_agencies = st.lists(
    st.builds(
        Lane,
        agency=st.text("abcdef", min_size=1, max_size=3),
        waiting=st.integers(0, 10_000),
        running=st.integers(0, 5),
        served=st.integers(0, 50),
    ),
    max_size=8,
    unique_by=lambda lane: lane.agency,
)
places = st.integers(0, 30)
limits = st.none() | st.integers(1, 6)


@given(lanes_of_agencies, places, limits)
def test_nobody_gets_more_than_waits_or_more_than_the_limit(lanes: list[Lane], free: int, limit: int | None) -> None:
    turns = take_turns(lanes, free, for_one_agency=limit)
    by_agency = {lane.agency: lane for lane in lanes}
    assert len({agency for agency, _ in turns}) == len(turns)
    assert sum(count for _, count in turns) <= free
    for agency, count in turns:
        lane = by_agency[agency]
        assert 1 <= count <= lane.waiting
        assert limit is None or lane.running + count <= limit


@given(lanes_of_agencies, places, limits)
def test_no_place_stays_free_while_somebody_may_take_it(lanes: list[Lane], free: int, limit: int | None) -> None:
    given_out = sum(count for _, count in take_turns(lanes, free, for_one_agency=limit))
    may = sum(lane.waiting if limit is None else max(min(lane.waiting, limit - lane.running), 0) for lane in lanes)
    assert given_out == min(free, may)


@given(lanes_of_agencies, st.integers(0, 40))
def test_an_agency_with_nothing_running_gets_one_of_the_first_places(lanes: list[Lane], served: int) -> None:
    """However much the others have waiting: as many places as there are agencies are enough."""
    single = Lane("single", waiting=1, running=0, served=served)
    turns = dict(take_turns([*lanes, single], len(lanes) + 1))
    assert turns["single"] == 1


@given(lanes_of_agencies, places)
def test_places_are_levelled_out(lanes: list[Lane], free: int) -> None:
    """Nobody who got a place ends up more than one ahead of somebody who still waits."""
    turns = dict(take_turns(lanes, free))
    after = {lane.agency: lane.running + turns.get(lane.agency, 0) for lane in lanes}
    still_waiting = [after[lane.agency] for lane in lanes if turns.get(lane.agency, 0) < lane.waiting]
    if still_waiting:
        assert all(after[agency] <= min(still_waiting) + 1 for agency in turns)


def test_among_equals_the_one_served_longest_ago_comes_first() -> None:
    lanes = [Lane("a", 10_000, 0, served=9), Lane("b", 1, 0, served=3), Lane("c", 10_000, 0, served=4)]
    assert take_turns(lanes, 1) == [("b", 1)]
    assert take_turns(lanes, 2) == [("b", 1), ("c", 1)]


def test_with_one_place_at_a_time_every_agency_has_its_turn() -> None:
    served = {"a": 0, "b": 0, "c": 0}
    order = []
    for turn in range(1, 10):
        ((agency, _),) = take_turns([Lane(name, 1000, 0, last) for name, last in served.items()], 1)
        served[agency] = turn
        order.append(agency)
    assert order == ["a", "b", "c"] * 3
