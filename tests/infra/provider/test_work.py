"""Works: what may be done for an environment, and until when."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.provider.clients import Clients
from infra.provider.errors import Forsaken, NoWork
from infra.provider.kinds.vpc import VPC
from infra.provider.lifecycle import Lifecycle
from infra.provider.work import Work, Works, environment_of

WORK = Work("env_a", "deployment-1", Path("/adoption"))
URN = "urn:pulumi:env_a::guanyun::guanyun:environment:TenantEnvironment$guanyun:cloud:Vpc::v"


def test_the_environment_of_a_urn_is_its_stack() -> None:
    assert environment_of(URN) == "env_a"


def test_work_is_found_by_urn_between_its_begin_and_its_end_only() -> None:
    works = Works()
    with pytest.raises(NoWork, match="env_a"):
        works.of(URN)
    works.begin(WORK)
    assert works.of(URN) == WORK
    assert works.end("env_a") == ()
    with pytest.raises(NoWork):
        works.of(URN)
    assert works.end("env_a") == ()


def test_one_environments_end_is_not_anothers() -> None:
    works = Works()
    works.begin(WORK)
    works.begin(Work("env_b", "deployment-2"))
    works.end("env_a")
    assert works.environments == ("env_b",)


def test_the_end_waits_for_what_is_under_way_and_names_what_is_not_done() -> None:
    works = Works()
    works.begin(WORK)
    begun = works.begun(URN)
    entered, leave = threading.Event(), threading.Event()

    def operate() -> None:
        with begun.operation(URN), begun.sending():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=operate)
    thread.start()
    entered.wait(10)
    start = time.monotonic()
    assert works.end("env_a", wait=0.1) == (URN,)
    assert time.monotonic() - start < 5
    with pytest.raises(NoWork), begun.sending():
        pass
    leave.set()
    thread.join()


def test_the_end_returns_as_soon_as_all_is_done() -> None:
    works = Works()
    works.begin(WORK)
    begun = works.begun(URN)
    entered = threading.Event()

    def operate() -> None:
        with begun.operation(URN):
            entered.set()
            time.sleep(0.2)

    thread = threading.Thread(target=operate)
    thread.start()
    entered.wait(10)
    assert works.end("env_a", wait=30) == ()
    thread.join()


def test_a_second_begin_ends_the_first() -> None:
    works = Works()
    works.begin(WORK)
    begun = works.begun(URN)
    works.begin(Work("env_a", "deployment-2"))
    assert works.of(URN).deployment == "deployment-2"
    with pytest.raises(NoWork), begun.operation(URN):
        pass


@pytest.mark.real
@pytest.mark.parametrize("after", range(4))
def test_an_environment_whose_engine_died_in_the_middle_sends_nothing_more(after: int, world: Any) -> None:
    """The engine dies while a create is under way: no request follows, and the next run finishes it."""
    works = Works()
    works.begin(Work(world.environment, world.deployment))
    inputs = world.checked(VPC, {"name": "n", "cidr_block": "10.0.0.0/16", "dns_hostnames": True})
    begun = works.begun(world.urn(VPC))
    sent: list[str] = []

    class Watched(Clients):
        def __init__(self) -> None:
            super().__init__(
                endpoint=world.clients.endpoint, region=world.clients.region, access_key="a", secret_key="b"
            )

        def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            if len(sent) == after:
                works.end(world.environment, wait=0)
            answer = super().call(service, operation, parameters)
            sent.append(operation)
            return answer

    clients = Watched().guarded(begun.sending)
    # Nor can a half-made one be taken back then: it is for the next run.
    with pytest.raises((NoWork, Forsaken), match="no deployment of environment"):
        Lifecycle(clients, world.environment, world.deployment).create(VPC, world.urn(VPC), inputs)
    assert len(sent) == after
    made = world.lifecycle(orphans=world.orphans()).create(VPC, world.urn(VPC), inputs)
    assert world.there(VPC) == {made.id}
    world.lifecycle().delete(VPC, made.id, made.properties)
