"""``kill -9`` at random moments of a whole fleet apply: the worker (with it driver and provider), or an engine.

At the end every environment is complete, nothing is there twice, no state is unreadable, and state and cloud agree.
The drill is sixty kills (``GUANYUN_KILLS`` says another number); its seed is in the failure's text, and
``GUANYUN_SEED`` repeats it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundation.store import Store
from foundation.values.ids import random_ids
from foundation.work.runs import retry
from governance.authority import machine_scope
from infra.deployments import plan_environment
from infra.engine.home import EngineHome
from infra.engine.processes import PREVIEW, Runs
from infra.fleet import Action, MemberState, Operation, look_after, resume
from infra.fleet.errors import NothingToResume
from infra.sandbox import SandboxStatus
from tests.infra.fleet.conftest import Yard
from tests.infra.fleet.working import RESOURCES, under_way, yard_of

pytestmark = pytest.mark.real
IMAGE = "ami-12c6146b"
SIXTY = int(os.environ.get("GUANYUN_KILLS", "60"))
_ALIVE_SECONDS = 60.0
_LONGEST_WAIT = 2.5
_BEGINS_SECONDS = 20.0
_MOSTLY = 0.8


class Drill:
    """A fleet, its worker's process, and the hand that kills."""

    def __init__(self, folder: Path, store: Store, endpoint: str, chance: random.Random) -> None:
        self.folder, self.store, self.endpoint, self.chance = folder, store, endpoint, chance
        self.records = store.engine.url.render_as_string(hide_password=False)
        # The sandbox is shared with other tests, and so are the names in it.
        self.prefix = f"killed-{random_ids('k')[-6:]}"
        self.names: list[str] = []
        self.killed: list[str] = []
        self.yard: Yard

    def fleet(self, count: int) -> Operation:
        """So many fresh environments with their plans, and the operation that applies them."""
        batch = [f"{self.prefix}-{len(self.names) + number}" for number in range(count)]
        self.names += batch
        (self.folder / "approved.json").write_text(json.dumps(dict.fromkeys(self.names, IMAGE)), encoding="utf-8")
        self.yard = yard_of(self.folder, self.store, self.endpoint)
        self.yard.deliver()
        for name in batch:
            plan_environment(self.yard.world.deployer, self.yard.operator, name)
        return self.yard.start(Action.APPLY, *batch, at_once=3, max_failures="100%")

    @contextmanager
    def worker(self, operation: Operation) -> Iterator[subprocess.Popen[bytes]]:
        """A worker's process that has begun to work."""
        sign = self.folder / "working"
        sign.unlink(missing_ok=True)
        arguments = (str(self.folder), self.records, self.endpoint, operation.id)
        log = (self.folder / "worker.log").open("ab")
        with (
            log,
            subprocess.Popen(
                [sys.executable, "-m", "tests.infra.fleet.working", *arguments], stdout=log, stderr=log
            ) as process,
        ):
            try:
                deadline = time.monotonic() + _ALIVE_SECONDS
                while not sign.exists() and process.poll() is None:
                    assert time.monotonic() < deadline, self.said()
                    time.sleep(0.02)
                yield process
            finally:
                process.kill()

    def strike(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill the worker or an engine, if there is one."""
        engines = self.engines()
        victim = self.chance.choice(["worker", "engine"]) if engines else "worker"
        pid = self.chance.choice(engines) if victim == "engine" else worker.pid
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed.append(victim)
        if victim == "worker":
            worker.wait()

    def wait_for_an_engine(self, worker: subprocess.Popen[bytes]) -> None:
        """Most of the time: some kills shall meet a worker that has only begun."""
        deadline = time.monotonic() + (_BEGINS_SECONDS if self.chance.random() < _MOSTLY else 0)
        while worker.poll() is None and time.monotonic() < deadline and not self.engines():
            time.sleep(0.05)

    def engines(self) -> list[int]:
        """Those that apply now."""
        home = self.folder / "engine"
        runs = Runs(EngineHome(home).runs, lambda prefix: prefix)
        found = [run for name in self.names for run in runs.recorded(name) if run.purpose != PREVIEW]
        return [run.engine.pid for run in found if run.engine is not None and run.engine.alive]

    def go_on(self, operation: Operation) -> bool:
        """What a person does: try again what was killed too often, resume what failed; whether anything is left."""
        office = self.yard.office
        parked = [one.run for one in self.yard.show(operation).members if one.state is MemberState.PARKED]
        with office.store.transaction() as transaction:
            for run in parked:
                retry(transaction, machine_scope(), run, clock=office.clocks.real)
        look_after(self.yard.fleet, operation.id)
        if parked:
            return True
        try:
            resume(self.yard.fleet, self.yard.operator, operation.id)
        except NothingToResume:
            return False
        return True

    def under_way(self, operation: Operation) -> bool:
        self.yard.deliver()
        return under_way(self.yard, operation.id)

    def said(self) -> str:
        log = self.folder / "worker.log"
        return log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else ""

    def finish(self, operation: Operation) -> None:
        """Let it run, and run again, until all have succeeded."""
        for _ in range(20):
            if self.under_way(operation):
                with self.worker(operation) as worker:
                    assert worker.wait(240) == 0, self.said()
            if not self.go_on(operation):
                break
        states = {one.environment: (one.state.value, one.reason_en) for one in self.yard.show(operation).members}
        assert {state for state, _ in states.values()} == {"succeeded"}, states

    def check(self) -> None:
        """0 orphans, 0 duplicates, 0 unreadable stacks, 0 locks, 0 processes; state and cloud equal."""
        deployer = self.yard.world.deployer
        for name in self.names:
            state = deployer.engine.state(name)
            cloud = {kind: ids for kind, ids in deployer.sweep(name).items() if ids}
            assert dict(state.ids) == cloud, (name, self.killed)
            assert len(state.all_ids) == RESOURCES, (name, self.killed)
            assert not state.pending
            assert not deployer.engine.locks(name)
        assert self.engines() == []


def kill_at_random(drill: Drill, kills: int, at_once: int) -> None:
    """Strike until so many are dead; a fleet that is done is followed by another."""
    operation = drill.fleet(at_once)
    while len(drill.killed) < kills:
        if not drill.under_way(operation) and not drill.go_on(operation):
            operation = drill.fleet(at_once)
        with drill.worker(operation) as worker:
            while worker.poll() is None and len(drill.killed) < kills:
                drill.wait_for_an_engine(worker)
                time.sleep(drill.chance.uniform(0.0, _LONGEST_WAIT))
                if worker.poll() is None:
                    drill.strike(worker)
    drill.finish(operation)
    drill.check()


@pytest.mark.parametrize(
    ("kills", "at_once"), [pytest.param(3, 3, id="three"), pytest.param(SIXTY, 6, id="sixty", marks=pytest.mark.drill)]
)
def test_a_fleet_killed_at_random_ends_whole(
    tmp_path: Path, sandbox: SandboxStatus, store: Store, people: dict[str, str], kills: int, at_once: int
) -> None:
    seed = int(os.environ.get("GUANYUN_SEED", random.SystemRandom().randrange(1_000_000)))
    chance = random.Random(seed)  # noqa: S311 - nobody must be unable to guess it
    drill = Drill(tmp_path, store, str(sandbox.endpoint), chance)
    try:
        kill_at_random(drill, kills, at_once)
    except AssertionError as failure:
        failure.add_note(f"GUANYUN_SEED={seed}, killed {drill.killed}\n{drill.said()}")
        raise
