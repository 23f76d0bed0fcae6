"""From a request to the register and back, through the real engine and an AWS API that really answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foundation.store import Store, Transaction
from foundation.values.month import Month
from foundation.work import deliver
from governance.authority import Office, machine_scope
from governance.catalogue import Layer, Plan, Service, ServiceKind
from governance.catalogue.offers import add_services
from governance.environments import BucketSpec, EnvironmentSpec
from governance.errors import Refused
from governance.metering import RegisterEntry
from governance.projects import BusinessSystem, Project, add_system
from governance.projects.tables import add_project
from infra import sandbox
from infra.deployments import (
    Deployer,
    Risk,
    apply_plan,
    approve_plan,
    compare_with_cloud,
    environment_status,
    plan_environment,
)
from infra.engine import PlanChanged
from infra.errors import DifferentCloud
from infra.provider.births import read_births
from runbooks import run_runbook
from tenants.hearing import subscribers
from tenants.register import entries
from tenants.requests import RequestKind, approve_request, create_request, request_termination
from tests.infra.deployments.conftest import SPEC
from tests.infra.deployments.real_parts import MONTHLY, real_deployer

pytestmark = pytest.mark.real
IMAGES = ("ami-12c6146b", "ami-1e749f67")
ENVIRONMENT = SPEC.environment
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("sandbox")
    yield home
    sandbox.down(home)


def estimate(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Sequence[Mapping[str, Any]]]:
    return MONTHLY * len(spec.instances), []


@dataclass
class Ground:
    """An installation over a running sandbox that is empty."""

    home: Path
    sandbox: Path
    endpoint: str
    deployer: Deployer
    tokens: dict[str, str]

    @property
    def office(self) -> Office:
        return self.deployer.office

    def ask(self, spec: EnvironmentSpec, kind: RequestKind, number: str) -> None:
        """Request and approval."""
        request, _ = create_request(
            self.office, self.tokens["hrss-1"], kind=kind, spec=spec, estimator=estimate, number=number
        )
        approve_request(self.office, self.tokens["bureau-1"], number, digest=request.spec_digest)

    def plan(self) -> str:
        return plan_environment(self.deployer, self.tokens["operator-1"], ENVIRONMENT).plan.digest

    def apply(self, digest: str) -> bool:
        new = apply_plan(self.deployer, self.tokens["operator-1"], ENVIRONMENT, digest).new
        deliver(self.office.store, subscribers(self.office.clocks.real), clock=self.office.clocks.real)
        return new

    def register(self) -> list[RegisterEntry]:
        with self.office.store.reading() as transaction:
            return list(entries(transaction, machine_scope(), Month(2026, 3).interval))

    def clean(self) -> bool:
        return compare_with_cloud(self.deployer, self.tokens["operator-1"], ENVIRONMENT).clean


@pytest.fixture
def ground(tmp_path: Path, sandbox_home: Path, store: Store, office: Office, people: dict[str, str]) -> Ground:
    status = sandbox.reset(sandbox_home) if sandbox.status(sandbox_home).running else sandbox.up(sandbox_home)
    plan = Plan("general-2c4g", "2C4G", "2C4G", {"vcpu": Decimal(2), "memory_gb": Decimal(4)}, {})
    with store.transaction() as transaction:
        layer = Layer.INFRASTRUCTURE
        add_services(
            transaction, [Service("cloud-host", layer, ServiceKind.RESOURCE, "云主机", "Cloud host", (plan,), ())]
        )
        add_project(transaction, Project("P-1", "项目", "project", "hrss", "文号", 1_000_000))
        add_system(transaction, BusinessSystem("portal", "门户", "portal", "hrss", "P-1", "本级财政"))
    endpoint = str(status.endpoint)
    return Ground(tmp_path, sandbox_home, endpoint, real_deployer(tmp_path, endpoint, store), people)


@pytest.fixture
def spec() -> EnvironmentSpec:
    """A small environment: one machine with a disk, one bucket."""
    machine = replace(SPEC.instances[0], image=IMAGES[0], instance_type="m5.large")
    return replace(SPEC, instances=(machine,), buckets=(BucketSpec("documents"),))


def test_from_a_request_to_the_register_and_to_the_end(ground: Ground, spec: EnvironmentSpec) -> None:
    ground.ask(spec, RequestKind.CREATE, "REQ-2026-0001")
    digest = ground.plan()
    assert ground.apply(digest)
    (entry,) = ground.register()
    assert (entry.service, entry.plan) == ("cloud-host", "general-2c4g")
    assert entry.attributes == {"vcpu": 2, "memory_gb": 4, "size_gb": 100}
    assert ground.clean()

    # Again: nothing to plan, nothing to apply, nothing to resume.
    assert plan_environment(ground.deployer, ground.tokens["operator-1"], ENVIRONMENT).up_to_date
    assert not ground.apply(digest)
    operator = ground.tokens["operator-1"]
    assert not run_runbook(ground.deployer, operator, "resume-environment", ENVIRONMENT).changed

    # Another image replaces the machine: a second person of the operator.
    replaced = replace(spec, instances=(replace(spec.instances[0], image=IMAGES[1]),))
    ground.ask(replaced, RequestKind.CHANGE, "REQ-2026-0002")
    planned = plan_environment(ground.deployer, operator, ENVIRONMENT)
    assert planned.plan.risk is Risk.REPLACES
    assert [(step.kind, step.operation) for step in planned.plan.steps if step.operation == "replace"] == [
        ("Instance", "replace")
    ]
    with pytest.raises(Refused):
        ground.apply(planned.plan.digest)
    approve_plan(ground.deployer, ground.tokens["operator-2"], planned.plan.digest)
    assert ground.apply(planned.plan.digest)
    (after,) = ground.register()
    assert after.cloud_id != entry.cloud_id
    assert after.resource == entry.resource
    assert ground.clean()

    # The end.
    request, _ = request_termination(
        ground.office, ground.tokens["hrss-1"], ENVIRONMENT, estimator=estimate, number="REQ-2026-0003"
    )
    approve_request(ground.office, ground.tokens["bureau-1"], request.number, digest=request.spec_digest)
    ending = ground.plan()
    approve_plan(ground.deployer, ground.tokens["operator-2"], ending)
    assert ground.apply(ending)
    assert not any(ground.deployer.cloud.sweep(ENVIRONMENT).values())
    assert ground.register() == []


def test_a_plan_whose_cloud_moved_is_refused(ground: Ground, spec: EnvironmentSpec) -> None:
    ground.ask(spec, RequestKind.CREATE, "REQ-2026-0001")
    ground.apply(ground.plan())
    larger = replace(spec, instances=(replace(spec.instances[0], instance_type="m5.xlarge"),))
    ground.ask(larger, RequestKind.CHANGE, "REQ-2026-0002")
    digest = ground.plan()
    machine = next(iter(ground.deployer.cloud.sweep(ENVIRONMENT)["guanyun:cloud:Instance"]))
    clients = ground.deployer.cloud.clients  # type: ignore[attr-defined]
    clients.call("ec2", "TerminateInstances", {"InstanceIds": [machine]})
    with pytest.raises(PlanChanged) as refusal:
        ground.apply(digest)
    assert digest[:12] in str(refusal.value)


def test_an_emptied_cloud_is_noticed(ground: Ground, spec: EnvironmentSpec) -> None:
    ground.ask(spec, RequestKind.CREATE, "REQ-2026-0001")
    digest = ground.plan()
    ground.apply(digest)
    sandbox.reset(ground.sandbox)
    with pytest.raises(DifferentCloud):
        ground.plan()
    with pytest.raises(DifferentCloud):
        ground.apply(digest)


@pytest.mark.parametrize("finish", ["apply", "runbook"])
def test_a_killed_apply_is_finished(ground: Ground, spec: EnvironmentSpec, finish: str) -> None:
    ground.ask(spec, RequestKind.CREATE, "REQ-2026-0001")
    digest = ground.plan()
    records = ground.office.store.engine.url.render_as_string(hide_password=False)
    arguments = [str(ground.home), records, ground.endpoint, ground.tokens["operator-1"], ENVIRONMENT, digest]
    process = subprocess.Popen([sys.executable, "-m", "tests.infra.deployments.real_parts", *arguments], cwd=ROOT)
    wait_for(lambda: born(ground) >= 2 or process.poll() is not None)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert environment_status(ground.office, ground.tokens["operator-1"], ENVIRONMENT).unfinished
    if finish == "apply":
        assert ground.apply(digest)
    else:
        operator = ground.tokens["operator-1"]
        assert run_runbook(ground.deployer, operator, "resume-environment", ENVIRONMENT).applied is not None
        deliver(ground.office.store, subscribers(ground.office.clocks.real), clock=ground.office.clocks.real)
    assert ground.clean()
    swept = ground.deployer.cloud.sweep(ENVIRONMENT)
    found = {kind.rpartition(":")[2]: len(ids) for kind, ids in swept.items() if ids}
    assert found == {
        "Vpc": 1,
        "Subnet": 1,
        "SecurityGroup": 1,
        "Instance": 1,
        "Volume": 1,
        "Bucket": 1,
        "Role": 1,
    }
    assert len(ground.register()) == 1


def born(ground: Ground) -> int:
    """How many creates were answered by now."""
    return sum(len(read_births(file)) for file in ground.home.rglob("births.jsonl"))


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
