"""``kill -9`` of the CLI and of its engine, each at four points, on a tagged and a named kind; then again.

Everything is real and outside this process: ``guanyun apply`` with the provider in it, the Pulumi CLI, the AWS
API. A proxy before the API makes the points exact, and the test looks at cloud and state at the kill to see that it is
there:

- *before the AWS call*: the create is held on its way; nothing of its kind is in the cloud.
- *after it, before the answer*: the cloud has made it, the answer is held.
- *after the answer, before the state write*: the provider has the cloud's answer and has given its own to the engine,
  which is stopped (``SIGSTOP``) before it can read it; the kill comes then. Only a dead process cannot go on: where
  another one is killed, the engine goes on afterwards and may write.
- *while the lock is held*: it is in the cloud and noted, as its state is written at the end of a first apply only; the
  engine goes on with something else, its lock on the stack.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from tests.story.conftest import ENVIRONMENT, PLANNER, Installation, until
from tests.story.pausing_proxy import Held, PausingProxy, Side, pausing_proxy

pytestmark = pytest.mark.real
APPLY = ("apply", ENVIRONMENT)
TYPE = "guanyun:cloud:"


class Victim(StrEnum):
    CLI = "cli"
    ENGINE = "engine"


class Point(StrEnum):
    BEFORE_THE_CALL = "before-the-call"
    BEFORE_THE_ANSWER = "before-the-answer"
    BEFORE_THE_STATE_WRITE = "before-the-state-write"
    WHILE_LOCKED = "while-locked"


HELD_AT = {
    Point.BEFORE_THE_CALL: Side.BEFORE_THE_CALL,
    Point.BEFORE_THE_ANSWER: Side.BEFORE_THE_ANSWER,
    Point.BEFORE_THE_STATE_WRITE: Side.AFTER_THE_ANSWER,
}
CREATES = {"Vpc": "CreateVpc", "Role": "CreateRole"}
LATER = {"Vpc": "CreateSubnet", "Role": "RunInstances"}
"""A call that the engine comes to when the kind's resource is made: what is held while the lock is."""
LEFT = {  # at the kill: how many of the kind the cloud has, and the state
    Point.BEFORE_THE_CALL: (0, 0),
    Point.BEFORE_THE_ANSWER: (1, 0),
    Point.BEFORE_THE_STATE_WRITE: (1, 0),
    Point.WHILE_LOCKED: (1, 0),
}


def cases() -> Iterator[Any]:
    """All 16. Continuous integration takes four: every victim, every point, both kinds; the rest is a drill."""
    for row, victim in enumerate(Victim):
        for column, point in enumerate(Point):
            for turn, kind in enumerate(CREATES):
                drill = column % 2 != row or turn != column // 2
                marks = [pytest.mark.drill] if drill else []
                yield pytest.param(victim, point, kind, id=f"{victim}-{point}-{kind}", marks=marks)


@pytest.mark.parametrize(("victim", "point", "kind"), list(cases()))
def test_an_apply_that_was_killed_is_finished_by_the_same_command(
    installation: Installation, victim: Victim, point: Point, kind: str
) -> None:
    with pausing_proxy(installation.cloud) as proxy:
        through = installation.through(proxy.endpoint)
        action = LATER[kind] if point is Point.WHILE_LOCKED else CREATES[kind]
        held = proxy.hold(action, HELD_AT.get(point, Side.BEFORE_THE_CALL))
        cli = through.start(*APPLY, account=PLANNER)
        until(lambda: held.reached or cli.poll() is not None, 60, what=f"{held.action} {held.side}")
        assert held.reached, cli.communicate()
        if point is Point.WHILE_LOCKED:
            until(lambda: noted(installation)[kind], what="the create's note")
        run = Run.of(cli)
        if point is Point.BEFORE_THE_STATE_WRITE:
            stop_before_the_state_write(run, held, proxy)
        assert (in_cloud(installation)[kind], in_state(installation)[kind]) == LEFT[point]
        assert installation.locks

        run.kill(victim)
        # A living CLI starts nothing more, and waits for the answers to what is under way.
        held.release()
        said = cli.communicate(timeout=60)[1]
        assert cli.returncode != 0
        assert "Traceback" not in said

        through.do(*APPLY, account=PLANNER)
    everything_is_there_once(installation)
    nothing_is_left_behind(installation)


@dataclass(frozen=True)
class Run:
    """The processes of an apply that is under way; the provider is in the CLI's."""

    pids: Mapping[Victim, int]

    @classmethod
    def of(cls, cli: subprocess.Popen[str]) -> Run:
        """Found as the CLI's child."""
        (engine,) = (pid for pid in children(cli.pid) if comm(pid) == "pulumi")
        assert not [pid for pid in children(engine) if comm(pid).startswith("pulumi")]
        return cls({Victim.CLI: cli.pid, Victim.ENGINE: engine})

    @property
    def engine(self) -> int:
        return self.pids[Victim.ENGINE]

    def kill(self, victim: Victim) -> None:
        """``kill -9`` of one of them; the engine may have been stopped, and goes on if it is not the one."""
        os.kill(self.pids[victim], signal.SIGKILL)
        if victim is not Victim.ENGINE:
            os.kill(self.engine, signal.SIGCONT)


def stop_before_the_state_write(run: Run, held: Held, proxy: PausingProxy) -> None:
    """Stop the engine, let the provider finish the create, and wait until its answer lies unread at the engine."""
    os.kill(run.engine, signal.SIGSTOP)
    until(lambda: stat(run.engine)[0] == "T", what="the engine's stop")
    before = unread(run)
    held.release()
    until(lambda: proxy.idle and unread(run) > before and quiet(proxy, run), what="the provider's answer")


def quiet(proxy: PausingProxy, run: Run) -> bool:
    """Whether the provider asks and answers nothing for a while: everything it was asked, it has answered."""
    before = unread(run)
    time.sleep(0.2)
    return proxy.idle and unread(run) == before


def unread(run: Run) -> int:
    """Bytes that the provider has sent and the engine has not read."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")  # gRPC in Python listens on a mapped address
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]
    ]
    theirs = sockets(run.pids[Victim.CLI])
    ports = {row[1].partition(":")[2] for row in rows if row[3] == "0A" and row[9] in theirs}
    ours = sockets(run.engine)
    return sum(
        int(row[4].partition(":")[2], 16) for row in rows if row[9] in ours and row[2].partition(":")[2] in ports
    )


def in_state(installation: Installation) -> Counter[str]:
    """How many resources of each kind the engine's state holds on disk."""
    return Counter({kind: len(ids) for kind, ids in state_ids(installation).items()})


def noted(installation: Installation) -> Counter[str]:
    """How many creates of each kind were noted when they were answered."""
    lines = [
        json.loads(line)
        for file in (installation.home / "engine").rglob("births.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line
    ]
    return Counter(line["kind"].removeprefix(TYPE) for line in lines)


def in_cloud(installation: Installation) -> Counter[str]:
    """How many of each kind the cloud holds for the environment."""
    return Counter({kind: len(ids) for kind, ids in cloud_ids(installation).items()})


def state_ids(installation: Installation) -> dict[str, list[str]]:
    """Ids by kind, as the engine's state says; with repetitions, if there were any."""
    found: dict[str, list[str]] = {}
    for resource in installation.checkpoint.get("resources") or ():
        if resource["type"].startswith(TYPE):
            assert not resource.get("delete"), f"{resource['urn']} still waits for its deletion"
            found.setdefault(resource["type"].removeprefix(TYPE), []).append(resource["id"])
    return {kind: sorted(ids) for kind, ids in found.items()}


def cloud_ids(installation: Installation) -> dict[str, list[str]]:
    """Ids by kind of all that is not the cloud's own: by the environment's tag, buckets and roles all of them."""
    ec2 = installation.aws("ec2")
    tagged = [{"Name": "tag:guanyun:environment", "Values": [ENVIRONMENT]}]
    alive = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped", "shutting-down"]}
    machines = ec2.describe_instances(Filters=[*tagged, alive])["Reservations"]
    return {
        "Vpc": sorted(one["VpcId"] for one in ec2.describe_vpcs(Filters=tagged)["Vpcs"]),
        "Subnet": sorted(one["SubnetId"] for one in ec2.describe_subnets(Filters=tagged)["Subnets"]),
        "SecurityGroup": sorted(
            one["GroupId"] for one in ec2.describe_security_groups(Filters=tagged)["SecurityGroups"]
        ),
        "Instance": sorted(one["InstanceId"] for group in machines for one in group["Instances"]),
        "Volume": sorted(one["VolumeId"] for one in ec2.describe_volumes(Filters=tagged)["Volumes"]),
        "Bucket": sorted(one["Name"] for one in installation.aws("s3").list_buckets()["Buckets"]),
        "Role": sorted(one["RoleName"] for one in installation.aws("iam").list_roles()["Roles"]),
    }


def without_a_tag(installation: Installation) -> list[str]:
    """What is in the cloud without the environment's tag and was not made by the cloud itself: must be nothing."""
    ec2 = installation.aws("ec2")
    vpcs = ec2.describe_vpcs()["Vpcs"]
    default = {one["VpcId"] for one in vpcs if one["IsDefault"]}
    roots = {
        device["Ebs"]["VolumeId"]
        for group in ec2.describe_instances()["Reservations"]
        for machine in group["Instances"]
        for device in machine["BlockDeviceMappings"]
        if device["DeviceName"] == machine["RootDeviceName"]
    }
    groups, volumes = ec2.describe_security_groups()["SecurityGroups"], ec2.describe_volumes()["Volumes"]
    found = [
        *((one["VpcId"], one) for one in vpcs if one["VpcId"] not in default),
        *((one["SubnetId"], one) for one in ec2.describe_subnets()["Subnets"] if one["VpcId"] not in default),
        *((one["GroupId"], one) for one in groups if one["GroupName"] != "default"),
        *((one["VolumeId"], one) for one in volumes if one["VolumeId"] not in roots),
    ]
    return [identity for identity, one in found if ENVIRONMENT not in {tag["Value"] for tag in one.get("Tags", ())}]


def everything_is_there_once(installation: Installation) -> None:
    """Plan, cloud, state and register name the same things, each once, and nothing is left to change."""
    asked = installation.read("plan", "create", ENVIRONMENT)
    assert asked["up_to_date"]
    assert {step["operation"] for step in asked["steps"]} == {"create"}
    cloud = cloud_ids(installation)
    assert {kind: len(ids) for kind, ids in cloud.items()} == Counter(step["kind"] for step in asked["steps"])
    assert cloud == state_ids(installation)
    assert without_a_tag(installation) == []
    assert not installation.checkpoint.get("pending_operations")
    installation.do("env", "compare", ENVIRONMENT, account=PLANNER)
    registered = installation.read("register", "list", "--all")
    assert sorted(entry["cloud_id"] for entry in registered) == sorted(one for ids in cloud.values() for one in ids)
    assert {entry["closed"] for entry in registered} == {None}


def nothing_is_left_behind(installation: Installation) -> None:
    """No lock, and no process but the sandbox."""
    assert installation.locks == []
    until(lambda: not installation.processes(), 5, what="the end of every process")
    assert list((installation.home / "engine" / "deployments").iterdir()) == []
    assert list((installation.home / "engine" / "runs").glob("*/*")) == []


def children(pid: int) -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if stat(int(folder.name))[1:2] == [str(pid)]]


def stat(pid: int) -> list[str]:
    """The process's state, its parent, and the rest of the kernel's line; nothing of one that has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def comm(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


def sockets(pid: int) -> set[str]:
    """Inode numbers of a process's sockets."""
    named = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            named.append(str(link.readlink()))
    return {name[8:-1] for name in named if name.startswith("socket:[")}
