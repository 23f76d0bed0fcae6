"""Two thousand environments: what people look at stays quick, by a number of queries that does not grow."""

from __future__ import annotations

import time

from infra.fleet import Action, MemberState, list_operations, show_operation
from tests.databases import counted
from tests.infra.fleet.conftest import Yard

MANY = 2_000


def test_two_thousand_environments_are_listed_and_shown_by_pages(yard: Yard) -> None:
    yard.approve(3)
    small = yard.start(Action.PLAN)
    with counted(yard.office.store) as few:
        show_operation(yard.office, yard.operator, small.id)
    names = yard.approve(MANY)
    began = time.monotonic()
    operation = yard.start(Action.PLAN, at_once=64, canaries=5)
    started = time.monotonic() - began
    assert operation.members == MANY
    began = time.monotonic()
    with counted(yard.office.store) as sent:
        page = show_operation(yard.office, yard.operator, operation.id, limit=100)
    shown = time.monotonic() - began
    assert len(sent) == len(few)
    assert [member.environment for member in page.members] == names[:100]
    assert page.tally.by_state() == {"released": 5, "waiting": MANY - 5}
    after = show_operation(yard.office, yard.operator, operation.id, after=page.members[-1].position, limit=100)
    assert [member.environment for member in after.members] == names[100:200]
    running = show_operation(yard.office, yard.operator, operation.id, states=[MemberState.RELEASED])
    assert len(running.members) == 5
    began = time.monotonic()
    with counted(yard.office.store) as sent:
        assert len(list_operations(yard.office, yard.operator)) == 2
    listed = time.monotonic() - began
    assert len(sent) <= len(few)
    print(f"started {started:.2f} s, shown {shown:.3f} s, listed {listed:.3f} s")
    assert started < 30
    assert max(shown, listed) < 1


def test_what_an_event_costs_does_not_grow_with_the_operation(yard: Yard) -> None:
    costs = []
    for many in (10, 400):
        yard.approve(many)
        yard.start(Action.PLAN, at_once=1, max_failures=str(many))  # another pace: another operation
        worker = yard.worker()
        yard.turn(worker)
        with counted(yard.office.store) as sent:
            yard.turn(worker)
        costs.append(len(sent))
        from infra.fleet import cancel

        for standing in list_operations(yard.office, yard.operator):
            cancel(yard.fleet, yard.operator, standing.operation.id)
        yard.through()
    assert costs[1] <= costs[0], costs
