"""The worker dies between any two steps: every environment is done once, in order, and the operation ends."""

from __future__ import annotations

import pytest

from infra.fleet import Action, OperationState
from tests.infra.deployments.fakes import KillAt
from tests.infra.deployments.fakes import Killed as EngineKilled
from tests.infra.fleet.conftest import Killed, Yard

POINTS = (
    "before-effect:idempotent",
    "after-effect:idempotent",
    "in-commit:idempotent",
    "after-commit:idempotent",
    "before-end",
    "after-end",
    "before-delivery",
    "in-delivery",
    "after-delivery",
)
ENGINE = ("before plan is settled", "before the call", "between call and state", "after the last write")


def finish(yard: Yard) -> int:
    """Work on, with a new worker after every death: how many died."""
    died = 0
    while True:
        try:
            yard.through()
        except (Killed, EngineKilled):
            died += 1
        else:
            return died


def once(yard: Yard, names: list[str]) -> None:
    made = yard.world.cloud.made
    assert {name: sorted((one.kind, one.name) for one in made[name].values()) for name in made} == {
        name: [("instance", "web-1"), ("vpc", name)] for name in names
    }
    assert yard.audited("deployment.started") == ["deployment.started"] * len(names)
    assert yard.audited("deployment.ended") == ["deployment.ended"] * len(names)
    assert yard.audited() == ["fleet.started", "fleet.ended"]


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_loses_nothing_and_does_nothing_twice(yard: Yard, point: str, nth: int) -> None:
    names = yard.planned(4)
    operation = yard.start(Action.APPLY, canaries=1, at_once=2)
    yard.points.clear()
    yard.dies_at = f"{point}*{nth}"
    died = finish(yard)
    assert died == (0 if yard.dies_at else 1)
    assert yard.show(operation).operation.state is OperationState.ENDED
    assert set(yard.states(operation).values()) == {"succeeded"}
    assert yard.most <= 2
    once(yard, names)


@pytest.mark.parametrize("point", ENGINE)
def test_a_kill_inside_the_engine_is_gone_on_with(yard: Yard, point: str) -> None:
    names = yard.planned(3)
    operation = yard.start(Action.APPLY, canaries=1)
    yard.world.engine.trip = KillAt(point, 2)
    assert finish(yard) == 1
    assert set(yard.states(operation).values()) == {"succeeded"}
    once(yard, names)


def test_a_command_killed_after_the_start_finds_its_operation_again(yard: Yard) -> None:
    yard.planned(3)
    first = yard.start(Action.APPLY, at_once=2)
    assert yard.start(Action.APPLY, at_once=2).id == first.id
    finish(yard)
    assert yard.start(Action.APPLY, at_once=2).id != first.id
