"""One side of the measurement, as a whole process: the driver, the plain Automation API, or the bare calls.

Started by ``bench.infra.fleet`` with its task on standard input. It makes everything ready (plans in hand, clients
made), then does one phase for each line that comes, and answers each with one line of JSON.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from pulumi import automation

from bench.infra.calls import Script, bare_clients, load, recording, save
from bench.infra.environments import fleet
from bench.infra.office import OPERATOR, deployer
from foundation.values.ids import random_ids
from governance.environments import EnvironmentSpec
from infra.deployments import apply_plan, plan_environment
from infra.engine import Driver, locate, read_placement
from infra.engine.command import clean
from infra.engine.running import HANDS
from infra.engine.secrets import ensure_agency_key, provider_url
from infra.program import program, write_input
from infra.provider.clients import Clients

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Task:
    """``count`` environments of ``resources`` each, ``at_once`` at a time; ``script`` are the calls that make one."""

    side: str
    home: str
    cloud: dict[str, str]
    count: int
    resources: int
    at_once: int
    script: str = ""

    @cached_property
    def specs(self) -> list[EnvironmentSpec]:
        """The environments."""
        return list(fleet(f"f{self.resources}", self.count, self.resources))

    @cached_property
    def clients(self) -> Clients:
        """The cloud's clients."""
        return Clients.from_environment(self.cloud)


class Side(Protocol):
    """What is measured."""

    def ready(self) -> None:
        """Everything up to the approved plan."""
        ...

    def apply(self, spec: EnvironmentSpec) -> None:
        """From the approved plan to the end of the deployment."""
        ...

    def unchanged(self, spec: EnvironmentSpec) -> None:
        """Plan, with refresh, what is as it should be."""
        ...


class OurDriver:
    """Deployments over one driver: from the login and the lease to the end in the record."""

    def __init__(self, task: Task) -> None:
        self.task = task
        placement = read_placement(task.clients, partition=task.clients.partition, account=ACCOUNT)
        driver = Driver(Path(task.home), cloud=task.cloud, placement=placement, ids=random_ids)
        specs = {spec.environment: spec for spec in task.specs}
        self.deployer = deployer(Path(task.home) / "records", driver, task.clients, specs)
        self.digests: dict[str, str] = {}

    def ready(self) -> None:
        """Plan all of them."""

        def plan(spec: EnvironmentSpec) -> None:
            planned = plan_environment(self.deployer, OPERATOR, spec.environment)
            if not planned.coverage.covered:
                raise RuntimeError(f"{spec.environment}: {planned.coverage}")
            self.digests[spec.environment] = planned.plan.digest

        at_once(self.task, plan)

    def apply(self, spec: EnvironmentSpec) -> None:
        """Run the approved plan to its end in the record."""
        name = spec.environment
        applied = apply_plan(self.deployer, OPERATOR, name, self.digests[name])
        there = sum(len(ids) for ids in self.deployer.engine.state_ids(name).values())
        if there != self.task.resources or not applied.new:
            raise RuntimeError(f"{name}: {there} resources")

    def unchanged(self, spec: EnvironmentSpec) -> None:
        """Plan once more."""
        if not plan_environment(self.deployer, OPERATOR, spec.environment).up_to_date:
            raise RuntimeError(f"{spec.environment} is to be changed")


class PlainApi:
    """Pulumi's Automation API as its guide has it: a stack object an environment, a provider for each, a passphrase."""

    keys = False
    """Whether secrets are under the cloud's key instead, which saves the derivation of a key in most processes."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.home = Path(task.home)
        (self.home / "state").mkdir(parents=True)
        placement = read_placement(task.clients, partition=task.clients.partition, account=ACCOUNT)
        for spec in task.specs:
            write_input(self.home, spec, placement)
        key = provider_url(ensure_agency_key(task.clients, "bench"), task.clients.region)
        self.secrets = key if self.keys else "passphrase"
        os.environ["PATH"] = os.pathsep.join(
            [str(locate().path.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
        )

    def _stack(self, spec: EnvironmentSpec) -> Any:
        folder = self.home / spec.environment
        folder.mkdir(exist_ok=True)
        told = {
            **self.task.cloud,
            "GUANYUN_ENVIRONMENT": spec.environment,
            "GUANYUN_DEPLOYMENT": f"d-{spec.environment}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        }
        settings = automation.ProjectSettings(
            "guanyun", "python", backend=automation.ProjectBackend(f"file://{self.home / 'state'}?metadata=skip")
        )
        options = automation.LocalWorkspaceOptions(
            work_dir=str(folder),
            project_settings=settings,
            env_vars=told,
            secrets_provider=self.secrets,
            pulumi_home=str(self.home / "pulumi"),
        )
        return automation.create_or_select_stack(
            stack_name=spec.environment, project_name="guanyun", program=program(self.home), opts=options
        )

    def _plan(self, spec: EnvironmentSpec) -> str:
        return str(self.home / spec.environment / "plan.json")

    def ready(self) -> None:
        """Plan all of them."""
        at_once(self.task, lambda spec: self._stack(spec).preview(refresh=True, plan=self._plan(spec)))

    def apply(self, spec: EnvironmentSpec) -> None:
        """Take up the stack again and run under its plan."""
        result = self._stack(spec).up(refresh=True, plan=self._plan(spec))
        if result.summary.resource_changes != {"create": self.task.resources + 2}:
            raise RuntimeError(f"{spec.environment}: {result.summary.resource_changes}")

    def unchanged(self, spec: EnvironmentSpec) -> None:
        """One preview."""
        self._stack(spec).preview(refresh=True)


class PlainApiWithKeys(PlainApi):
    """The same, with the secrets provider that the driver uses."""

    keys = True


class BareCalls:
    """The recorded calls over the cloud's SDK."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.script: Script = load(task.script)
        self.clients = bare_clients(task.cloud, self.script.services)
        # As many as the engine has resources in hand.
        self.threads = [ThreadPoolExecutor(HANDS) for _ in range(task.at_once)]

    def ready(self) -> None:
        """Nothing: the clients are made."""

    def apply(self, spec: EnvironmentSpec) -> None:
        """Make the calls."""
        threads = self.threads.pop()
        try:
            self.script.play(self.clients, spec.environment, threads)
        finally:
            self.threads.append(threads)

    def unchanged(self, spec: EnvironmentSpec) -> None:
        """Nothing to compare."""


SIDES: dict[str, Callable[[Task], Side]] = {
    "driver": OurDriver,
    "plain": PlainApi,
    "plain-with-keys": PlainApiWithKeys,
    "bare": BareCalls,
}


def at_once(task: Task, act: Callable[[EnvironmentSpec], Any]) -> None:
    """For every environment, so many at a time; raises the first failure."""
    with ThreadPoolExecutor(task.at_once) as pool:
        for _ in pool.map(act, task.specs):
            continue


def record(task: Task) -> str:
    """Apply one environment and keep its calls."""
    side = OurDriver(task)
    side.ready()
    with recording() as calls:
        side.apply(task.specs[0])
    return save(task.specs[0].environment, calls)


def phases(side: Side, task: Task, lines: Iterable[str]) -> None:
    """Do what each line names, and say how long it took and what it cost this process and its children."""
    for line in lines:
        began, cpu = time.perf_counter(), _cpu()
        at_once(task, getattr(side, line.strip()))
        seconds, after = time.perf_counter() - began, _cpu()
        spent = {name: round(after[name] - cpu[name], 2) for name in cpu}
        print(json.dumps({"seconds": seconds, "cpu": spent, "megabytes": _megabytes()}), flush=True)


def _warm(task: Task) -> None:
    """Make one environment bare: a sandbox loads what it knows of a service at the service's first call."""
    script = load(task.script)
    with ThreadPoolExecutor(HANDS) as threads:
        script.play(bare_clients(task.cloud, script.services), "warm", threads)


def _cpu() -> dict[str, float]:
    of = {"own": resource.RUSAGE_SELF, "engines": resource.RUSAGE_CHILDREN}
    used = {name: resource.getrusage(who) for name, who in of.items()}
    return {name: one.ru_utime + one.ru_stime for name, one in used.items()}


def _megabytes() -> dict[str, int]:
    of = {"own": resource.RUSAGE_SELF, "largest engine": resource.RUSAGE_CHILDREN}
    return {name: resource.getrusage(who).ru_maxrss // 1024 for name, who in of.items()}


def main() -> None:
    """Read the task, make ready, answer line by line."""
    logging.getLogger("grpc._server").addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pulumi\.automation")
    for name in set(os.environ) - set(clean(os.environ)):
        del os.environ[name]
    task = Task(**json.loads(sys.stdin.readline()))
    if task.side == "record":
        print(json.dumps(record(task)), flush=True)
        return
    _warm(task)
    side = SIDES[task.side](task)
    side.ready()
    print("ready", flush=True)
    phases(side, task, sys.stdin)


if __name__ == "__main__":
    main()
