"""A worker of fleet operations over the real engine, as a process that a test may kill.

``python -m tests.infra.fleet.working FOLDER RECORDS ENDPOINT OPERATION``: works until the operation runs no more. Which
environments stand approved is in ``FOLDER/approved.json``, name → agency and image.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from foundation.store import Store, open_store
from foundation.values.ids import random_ids
from foundation.work import died, this_process
from foundation.work.runs.engine import EngineAddress
from foundation.work.runs.worker import Station, at_work
from governance.authority import Clocks, Office
from governance.environments import BucketSpec, EnvironmentSpec
from infra.fleet import MemberState, look_after, show_operation
from tests.infra.deployments.conftest import SPEC, make_world
from tests.infra.deployments.real_parts import real_deployer
from tests.infra.fleet.conftest import Yard
from tests.logins import people_change_duty

OPERATOR = "token-of-operator-1"
RESOURCES = 8
"""VPC, subnet, group, two machines, a disk, two buckets."""


def spec_of(name: str, image: str) -> EnvironmentSpec:
    """An environment of some kinds: with tags and without, with ids and with names."""
    machines = tuple(replace(one, instance_type="m5.large", image=image) for one in SPEC.instances)
    return replace(SPEC, environment=name, instances=machines, buckets=(BucketSpec("files"),))


def yard_of(folder: Path, store: Store, endpoint: str) -> Yard:
    """The fleet of the environments in ``FOLDER/approved.json``."""
    office = Office(store, Clocks(lambda: datetime.now(UTC)), random_ids)
    world = make_world(office, {"operator-1": OPERATOR})
    made = real_deployer(folder, endpoint, store)
    world.deployer = replace(world.deployer, engine=made.engine, cloud=made.cloud)
    for name, image in json.loads((folder / "approved.json").read_text(encoding="utf-8")).items():
        world.approve(spec_of(name, image))
    return Yard(world)


def under_way(yard: Yard, operation: str) -> bool:
    """Whether anything of it runs or will run; what was killed too often is parked, and waits for a person."""
    members = show_operation(yard.office, yard.operator, operation, limit=None).members
    return any(one.state in {MemberState.WAITING, MemberState.RELEASED} for one in members)


def main(folder: Path, records: str, endpoint: str, operation: str) -> None:
    """Work, as the worker does, until there is nothing more to do."""
    yard = yard_of(folder, open_store(records), endpoint)
    address = EngineAddress(f"sqlite:///{folder}/journal.db")
    station = Station("a", this_process(), socket.gethostname(), os.getpid(), "1", address, poll=0.1)

    def over() -> bool:
        yard.deliver()
        look_after(yard.fleet, operation)
        (folder / "working").touch()
        return not under_way(yard, operation)

    with people_change_duty(), at_work(yard.workshop, station, died=died) as shift:
        shift.run(until=over)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
