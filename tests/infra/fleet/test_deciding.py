"""Waves, budget and states, for every way in which runs may end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fleet import BudgetWrong, MemberState, OperationState, Pace, Selection, Tally, decide

ENDS = (MemberState.SUCCEEDED, MemberState.FAILED, MemberState.PARKED, MemberState.CANCELLED)
OVER = frozenset(ENDS) - {MemberState.PARKED}
BAD = {MemberState.FAILED, MemberState.PARKED}


class Model:
    """An operation in memory: members by position, canaries first."""

    def __init__(self, canaries: int, members: int, budget: int, at_once: int) -> None:
        self.canaries, self.budget, self.at_once = canaries, budget, at_once
        self.members = [MemberState.WAITING] * members
        self.state = OperationState.RUNNING
        self.order: list[int] = []

    @property
    def tally(self) -> Tally:
        return Tally(Counter(self.members[: self.canaries]), Counter(self.members[self.canaries :]))

    def advance(self) -> None:
        decision = decide(self.state, self.tally, budget=self.budget, at_once=self.at_once)
        for many, start, end in (
            (decision.canaries, 0, self.canaries),
            (decision.rest, self.canaries, len(self.members)),
        ):
            waiting = [place for place in range(start, end) if self.members[place] is MemberState.WAITING]
            assert many <= len(waiting)
            for place in waiting[:many]:
                self.members[place] = MemberState.RELEASED
                self.order.append(place)
        self.state = decision.state

    @property
    def released(self) -> list[int]:
        return [place for place, state in enumerate(self.members) if state is MemberState.RELEASED]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Model, list[tuple[int, MemberState]]]:
    members = draw(st.integers(1, 30))
    canaries = draw(st.integers(0, members))
    model = Model(canaries, members, draw(st.integers(1, 8)), draw(st.integers(1, 6)))
    ends = draw(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(ENDS)), max_size=60))
    return model, ends


@given(histories())
def test_no_history_passes_the_budget_or_overtakes_a_canary(
    history: tuple[Model, list[tuple[int, MemberState]]],
) -> None:
    model, ends = history
    model.advance()
    for which, end in ends:
        assert len(model.released) <= model.at_once
        if not model.released:
            break
        place = model.released[which % len(model.released)]
        model.members[place] = end
        before = (model.state, list(model.members))
        model.advance()
        if model.order and model.order[-1] >= model.canaries:
            assert all(state is MemberState.SUCCEEDED for state in model.members[: model.canaries])
        if before[0] is not OperationState.RUNNING:
            assert model.members == before[1]
    failed = sum(state in BAD for state in model.members)
    assert failed <= model.budget - 1 + model.at_once
    assert model.order == sorted(model.order)
    assert len(set(model.order)) == len(model.order)


@given(histories())
def test_an_operation_whose_members_all_succeed_ends(history: tuple[Model, object]) -> None:
    model, _ = history
    model.advance()
    while model.released:
        model.members[model.released[0]] = MemberState.SUCCEEDED
        model.advance()
    assert model.state is OperationState.ENDED
    assert model.order == list(range(len(model.members)))


@given(histories())
def test_an_operation_always_comes_to_where_nothing_runs_and_says_why(
    history: tuple[Model, list[tuple[int, MemberState]]],
) -> None:
    model, ends = history
    model.advance()
    ended = iter(ends * 100)
    while model.released:
        _, end = next(ended, (0, MemberState.SUCCEEDED))
        model.members[model.released[0]] = end
        model.advance()
    waiting = model.members.count(MemberState.WAITING)
    parked = model.members.count(MemberState.PARKED)
    if waiting or parked:
        assert model.state is OperationState.STOPPED
    else:
        assert model.state is OperationState.ENDED
    assert all(state in {*OVER, MemberState.PARKED, MemberState.WAITING} for state in model.members)


@pytest.mark.parametrize("state", [MemberState.FAILED, MemberState.PARKED, MemberState.CANCELLED, MemberState.HELD])
def test_a_canary_that_has_not_succeeded_stops_the_rest(state: MemberState) -> None:
    tally = Tally({MemberState.SUCCEEDED: 2, state: 1}, {MemberState.WAITING: 5})
    assert decide(OperationState.RUNNING, tally, budget=100, at_once=4).state is OperationState.STOPPED


def test_a_canary_with_nothing_to_do_holds_up_nobody() -> None:
    tally = Tally({MemberState.SKIPPED: 1}, {MemberState.WAITING: 5})
    decision = decide(OperationState.RUNNING, tally, budget=1, at_once=4)
    assert (decision.state, decision.canaries, decision.rest) == (OperationState.RUNNING, 0, 4)


@pytest.mark.parametrize(
    ("given_", "members", "budget"), [("1", 9, 1), ("7", 3, 7), ("5%", 2000, 100), ("5%", 19, 1), ("100%", 8, 8)]
)
def test_a_share_is_of_the_members_and_at_least_one(given_: str, members: int, budget: int) -> None:
    assert Pace(max_failures=given_).budget(members) == budget


@pytest.mark.parametrize("given_", ["", "0", "00%", "1.5", "-3", "five", "5 %", "101%", "²"])
def test_what_is_no_budget_is_refused(given_: str) -> None:
    with pytest.raises(BudgetWrong):
        Pace(max_failures=given_).check()


def test_filters_hold_together_and_values_of_one_are_alternatives() -> None:
    chosen = Selection(agencies=("hrss", "housing"), zones=("internet",))
    known = {"system": "portal", "level": "level-2"}
    assert chosen.fits("a", agency="hrss", zone="internet", **known)
    assert chosen.fits("a", agency="housing", zone="internet", **known)
    assert not chosen.fits("a", agency="hrss", zone="government-extranet", **known)
    assert not chosen.fits("a", agency="transport", zone="internet", **known)
