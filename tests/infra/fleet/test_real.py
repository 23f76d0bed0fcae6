"""Three environments through a real worker, the real engine and an AWS API that really answers."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foundation.store import Store
from foundation.values.ids import random_ids
from foundation.work import this_process
from foundation.work.runs.engine import EngineAddress
from foundation.work.runs.worker import Station, at_work
from governance.authority import Clocks, Office
from infra.deployments import compare_with_cloud
from infra.fleet import Action, Operation, OperationState
from infra.sandbox import SandboxStatus
from tests.infra.deployments.conftest import make_world
from tests.infra.deployments.real_parts import real_deployer
from tests.infra.fleet.conftest import Yard, spec_of

pytestmark = pytest.mark.real
IMAGE = "ami-12c6146b"


@pytest.fixture
def real(tmp_path: Path, sandbox: SandboxStatus, store: Store, people: dict[str, str]) -> Yard:
    office = Office(store, Clocks(lambda: datetime.now(UTC)), random_ids)
    world = make_world(office, people)
    made = real_deployer(tmp_path, str(sandbox.endpoint), store)
    world.deployer = replace(world.deployer, engine=made.engine, cloud=made.cloud)
    yard = Yard(world)
    yard.deliver()
    return yard


def work(yard: Yard, operation: Operation, folder: Path) -> None:
    """As the worker does, in threads, until the operation runs no more."""
    if yard.office.store.dialect == "postgresql":
        address = yard.office.store.engine.url.render_as_string(hide_password=False)
    else:
        address = f"sqlite:///{folder}/journal.db"
    station = Station("a", this_process(), socket.gethostname(), os.getpid(), "1", EngineAddress(address), poll=0.1)
    limit = datetime.now(UTC) + timedelta(minutes=4)

    def over() -> bool:
        yard.deliver()
        assert datetime.now(UTC) < limit
        return yard.show(operation).operation.state is not OperationState.RUNNING

    with at_work(yard.workshop, station, died=lambda _: True) as shift:
        shift.run(until=over)


def test_three_environments_are_planned_applied_and_refreshed(real: Yard, tmp_path: Path) -> None:
    names = [f"fleet-{random_ids('x')[-6:]}-{number}" for number in range(3)]
    for number, name in enumerate(names):
        spec = spec_of(name, ("hrss", "housing")[number % 2], IMAGE)
        machine = replace(spec.instances[0], instance_type="m5.large")
        real.world.approve(replace(spec, instances=(machine,)))
    for action, canaries in ((Action.PLAN, 0), (Action.APPLY, 1), (Action.REFRESH, 0)):
        operation = real.start(action, canaries=canaries, at_once=2)
        work(real, operation, tmp_path)
        shown = real.show(operation)
        assert set(real.states(operation).values()) == {"succeeded"}, [one.reason_en for one in shown.members]
    assert all(member.result["clean"] for member in shown.members)
    for name in names:
        assert compare_with_cloud(real.world.deployer, real.operator, name).clean
    again = real.start(Action.APPLY)
    assert set(real.states(again).values()) == {"skipped"}
