"""The one table of transitions: pure rules over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from governance.audit import AuditEvent
from tenants.requests.model import RequestState
from tenants.requests.transitions import FINAL, TRANSITIONS, Move, target_of

MOVES = st.lists(st.sampled_from(Move), max_size=40)


def test_every_state_has_an_exit_or_is_final() -> None:
    for state in RequestState:
        leaving = [move for move in Move if state in TRANSITIONS[move].sources]
        assert bool(leaving) != (state in FINAL), state


def test_every_state_is_reached_from_nothing() -> None:
    reached: set[RequestState | None] = {None}
    for _ in RequestState:
        reached |= {TRANSITIONS[move].target for move in Move if TRANSITIONS[move].sources & reached}
    assert reached == {None, *RequestState}


def test_every_transition_is_announced_and_audited() -> None:
    for move in Move:
        transition = TRANSITIONS[move]
        assert transition.topic.startswith("request.")
        assert isinstance(transition.event, AuditEvent)
        assert transition.event.value.startswith("request.")


def test_only_an_approval_leads_from_undecided_to_granted() -> None:
    undecided = {None, RequestState.AGREEING, RequestState.REQUESTED}
    for move in Move:
        transition = TRANSITIONS[move]
        if transition.target not in undecided and transition.target.granted and transition.sources & undecided:
            assert move in {Move.APPROVE, Move.APPROVE_BY_RULE}


@given(MOVES)
def test_no_walk_is_granted_without_an_approval_and_none_leaves_a_final_state(moves: list[Move]) -> None:
    state: RequestState | None = None
    approved = False
    for move in moves:
        target = target_of(move, state)
        if target is None:
            continue
        assert state not in FINAL
        approved = approved or move in {Move.APPROVE, Move.APPROVE_BY_RULE}
        state = target
        assert approved or not state.granted


@given(MOVES)
def test_what_is_granted_is_never_open_again(moves: list[Move]) -> None:
    state: RequestState | None = None
    granted = False
    for move in moves:
        state = target_of(move, state) or state
        if state is not None:
            granted = granted or state.granted
            assert not (granted and state.open)
