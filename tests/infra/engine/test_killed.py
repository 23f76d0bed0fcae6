"""``kill -9`` of driver and engine at four points, on a tagged and a named kind; then the resume steps.

A proxy before the sandbox makes the points: it holds the one call that creates the kind, before it reaches the cloud
or after, and tells the test. Afterwards the environment is complete, nothing is there twice, no lock is left and no
process runs.
"""

from __future__ import annotations

import dataclasses
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from foundation.values.ids import random_ids
from governance.environments import EnvironmentSpec
from infra.engine import Driver, Unfinished, read_placement
from infra.provider.clients import Clients
from tests.infra.engine.killing import Pausing, finish, kill, processes_of, proxy, start

pytestmark = pytest.mark.real

CREATES = {"tagged": b"Action=CreateVpc&", "named": b"Action=CreateRole&"}
VICTIMS = ("driver", "engine")
"""The provider lives in the driver."""
POINTS = ("before-the-call", "before-the-answer", "before-the-state-write", "while-locked")
EVERY = [(victim, point, kind) for victim in VICTIMS for point in POINTS for kind in CREATES]
QUICK = {("engine", "before-the-answer", "tagged"), ("driver", "before-the-answer", "named")}
"""The rest are drills: ``tests/story/test_kills.py`` holds every victim at every point through the whole command."""


def parameters() -> list[Any]:
    return [pytest.param(*case, id="-".join(case), marks=() if case in QUICK else pytest.mark.drill) for case in EVERY]


@pytest.mark.parametrize(("victim", "point", "kind"), parameters())
def test_a_killed_deployment_is_finished_without_a_duplicate_an_orphan_or_a_lock(
    ground: Any, named: Callable[[str], EnvironmentSpec], victim: str, point: str, kind: str
) -> None:
    spec = named(f"k-{victim}-{POINTS.index(point)}-{kind}")
    home = ground.home / "killed" / spec.environment
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    engine = Driver(home, cloud=ground.cloud, placement=placement, ids=random_ids)
    approved = engine.preview(spec)
    pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], CREATES[kind], point)
    with proxy(pausing) as endpoint:
        driver = start(home, {**ground.cloud, "AWS_ENDPOINT_URL": endpoint}, placement, spec, approved.digest)
        kill(engine, spec.environment, driver, pausing, victim)
        pausing.release.set()
        if victim != "driver":
            driver.wait(timeout=30)

    finish(engine, clients, Unfinished(spec, "killed-1", approved.digest), approved.creates)


@pytest.mark.parametrize(
    ("action", "point"),
    [
        ("RunInstances", "before-the-answer"),
        pytest.param("TerminateInstances", "before-the-call", marks=pytest.mark.drill),
    ],
)
def test_a_killed_replacement_neither_adopts_the_old_one_nor_leaves_it(
    ground: Any, named: Callable[[str], EnvironmentSpec], action: str, point: str
) -> None:
    spec = named(f"replaced-{action.lower()}")
    home = ground.home / "killed" / spec.environment
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    engine = Driver(home, cloud=ground.cloud, placement=placement, ids=random_ids)
    first = engine.preview(spec)
    before = engine.apply(spec, approved=first.digest, deployment="first")
    engine.end_deployment("first")
    web, *others = spec.instances
    changed = dataclasses.replace(spec, instances=(dataclasses.replace(web, image="ami-03cf127a"), *others))
    approved = engine.preview(changed)
    assert approved.replaces == 1
    pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], f"Action={action}&".encode(), point)
    with proxy(pausing) as endpoint:
        driver = start(home, {**ground.cloud, "AWS_ENDPOINT_URL": endpoint}, placement, changed, approved.digest)
        kill(engine, spec.environment, driver, pausing, "engine")
        pausing.release.set()
        driver.wait(timeout=30)
    finish(engine, clients, Unfinished(changed, "killed-1", approved.digest), first.creates)
    after = engine.outputs(spec.environment)
    assert after["instance"]["web-1"] != before.state.outputs["instance"]["web-1"]
    assert after["instance"]["db-1"] == before.state.outputs["instance"]["db-1"]


def test_an_interrupted_driver_stops_its_engine_without_a_lock_and_the_deployment_can_be_finished(
    ground: Any, named: Callable[[str], EnvironmentSpec]
) -> None:
    spec = named("interrupted")
    home = ground.home / "killed" / spec.environment
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    engine = Driver(home, cloud=ground.cloud, placement=placement, ids=random_ids)
    approved = engine.preview(spec)
    pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], CREATES["tagged"], "before-the-state-write")
    with proxy(pausing) as endpoint:
        driver = start(home, {**ground.cloud, "AWS_ENDPOINT_URL": endpoint}, placement, spec, approved.digest)
        assert pausing.reached.wait(timeout=30)
        driver.send_signal(signal.SIGINT)
        time.sleep(0.3)
        pausing.release.set()
        assert driver.wait(timeout=20) != 0
    assert engine.locks(spec.environment) == ()
    assert processes_of(home) == []
    finish(engine, clients, Unfinished(spec, "killed-1", approved.digest), approved.creates)
