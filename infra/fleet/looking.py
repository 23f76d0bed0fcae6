"""Looking at operations: what page and command line show. A page of members at a time; counts by one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.authority import Office, View, viewing
from governance.errors import NotFound
from infra.fleet.deciding import Tally
from infra.fleet.errors import FleetHouseOnly
from infra.fleet.model import Member, MemberState, Operation, OperationState
from infra.fleet.tables import find_operation, members_of, operations, tallies


@dataclass(frozen=True, slots=True)
class Standing:
    """An operation, how many of its members stand how, and a page of them. ``parked`` is the first member that waits
    for a person, where the operation has stopped."""

    operation: Operation
    tally: Tally
    members: Sequence[Member] = ()
    parked: Member | None = None


def list_operations(office: Office, token: str, *, before: int | None = None, limit: int = 50) -> Sequence[Standing]:
    """Operations, newest first; ``before`` an operation's number goes on. Raises ``FleetHouseOnly`` for an agency."""
    with viewing(office, token) as view:
        _house(view)
        found = operations(view.transaction, before=before, limit=limit)
        counted = tallies(view.transaction, view.scope, [one.number for one in found])
    return [Standing(one, counted[one.number]) for one in found]


def show_operation(
    office: Office,
    token: str,
    id_: str,
    *,
    states: Iterable[MemberState] | None = None,
    since: datetime | None = None,
    after: int = -1,
    limit: int | None = 100,
) -> Standing:
    """One operation with a page of its members, in their order; ``since``: those that changed then or later.

    Raises ``NotFound``, ``FleetHouseOnly``.
    """
    with viewing(office, token) as view:
        _house(view)
        found = find_operation(view.transaction, id_)
        if found is None:
            raise NotFound(what_zh="批量作业", what_en="fleet operation", key=id_)
        tally = tallies(view.transaction, view.scope, [found.number])[found.number]
        page = members_of(
            view.transaction, view.scope, found.number, states=states, since=since, after=after, limit=limit
        )
        parked = _first_parked(view, found, tally)
    return Standing(found, tally, page, parked)


def _first_parked(view: View, operation: Operation, tally: Tally) -> Member | None:
    waits = [MemberState.PARKED]
    if operation.state is not OperationState.STOPPED or not tally.count(waits):
        return None
    return members_of(view.transaction, view.scope, operation.number, states=waits, limit=1)[0]


def _house(view: View) -> None:
    if view.scope.agencies is not None:
        raise FleetHouseOnly
