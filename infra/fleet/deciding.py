"""What an operation may start next: pure, from how many of its members stand how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.fleet.model import OPEN, MemberState, OperationState

_BAD = frozenset({MemberState.FAILED, MemberState.PARKED})
_GOOD = frozenset({MemberState.SUCCEEDED, MemberState.SKIPPED})
_LOST = frozenset({MemberState.FAILED, MemberState.PARKED, MemberState.CANCELLED, MemberState.HELD})
"""A canary in one of these has not succeeded, and will not without a person."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members are in each state: the canaries, and the rest."""

    canaries: Mapping[MemberState, int]
    rest: Mapping[MemberState, int]

    def count(self, states: Iterable[MemberState]) -> int:
        """Members in any of the states."""
        return sum(self.canaries.get(state, 0) + self.rest.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """Every member."""
        return self.count(MemberState)

    def by_state(self) -> dict[str, int]:
        """State → how many, without the empty ones."""
        return {state.value: many for state in MemberState if (many := self.count([state]))}


@dataclass(frozen=True, slots=True)
class Decision:
    """The state the operation is in now, and how many more canaries and others start."""

    state: OperationState
    canaries: int = 0
    rest: int = 0


def decide(state: OperationState, tally: Tally, *, budget: int, at_once: int) -> Decision:
    """What follows from how the members stand.

    Never more than ``at_once`` run, so at most ``budget`` - 1 + ``at_once`` ever fail. The rest starts only when every
    canary has succeeded; a canary that did not, stops the operation whatever the budget says. Where all that is left
    is parked, it has stopped too: nothing moves without a person.
    """
    waiting, running = tally.count([MemberState.WAITING]), tally.count(OPEN)
    if state is not OperationState.CANCELLED and not waiting and not running:
        return Decision(OperationState.ENDED)
    if state is not OperationState.RUNNING:
        return Decision(state)
    if not waiting and running == tally.count([MemberState.PARKED]):
        return Decision(OperationState.STOPPED)
    lost = sum(many for member, many in tally.canaries.items() if member in _LOST)
    if waiting and (lost or tally.count(_BAD) >= budget):
        return Decision(OperationState.STOPPED)
    free = max(0, at_once - tally.count([MemberState.RELEASED]))
    canaries_wait = tally.canaries.get(MemberState.WAITING, 0)
    if any(many for member, many in tally.canaries.items() if member not in _GOOD):
        return Decision(state, canaries=min(free, canaries_wait))
    return Decision(state, rest=min(free, tally.rest.get(MemberState.WAITING, 0)))
