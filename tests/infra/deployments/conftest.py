"""A deployer over fakes, with an approval that a test sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from governance.authority import Office
from governance.environments import (
    EnvironmentSpec,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
    spec_document,
)
from infra.deployments import ApprovedEnvironment, Deployer
from tests.infra.deployments.fakes import FakeCloud, FakeEngine

SPEC = EnvironmentSpec(
    environment="hrss-portal",
    agency="hrss",
    system="portal",
    project="P-1",
    fund_source="本级财政",
    zone=Zone.EXTRANET,
    protection=Protection.LEVEL_2,
    cidr="10.10.0.0/24",
    subnets=(SubnetSpec("front", "10.10.0.0/25"),),
    instances=(
        InstanceSpec("web-1", "general-2c4g", "c5.large", "ami-1", "front", (VolumeSpec("web-1-data", 100),)),
        InstanceSpec("web-2", "general-2c4g", "c5.large", "ami-1", "front"),
    ),
)


@dataclass
class World:
    """Everything a test of deployments turns."""

    deployer: Deployer
    engine: FakeEngine
    cloud: FakeCloud
    approved: dict[str, ApprovedEnvironment]
    tokens: dict[str, str]

    @property
    def office(self) -> Office:
        return self.deployer.office

    def approve(self, spec: EnvironmentSpec = SPEC, *, monthly: int = 20_000, terminate: bool = False) -> None:
        """Let the bureau have approved this."""
        digest = sha256_hex(canonical_bytes(spec_document(spec)))
        number = f"REQ-{len(self.approved)}-{digest[:6]}-{terminate}"
        self.approved[spec.environment] = ApprovedEnvironment(number, spec, digest, monthly, terminate)

    def with_image(self, image: str, spec: EnvironmentSpec = SPEC) -> EnvironmentSpec:
        """The same machines from another image: a replacement."""
        first, *rest = spec.instances
        return replace(spec, instances=(replace(first, image=image), *rest))


@pytest.fixture
def world(office: Office, people: dict[str, str]) -> World:
    return make_world(office, people)


def make_world(office: Office, people: dict[str, str]) -> World:
    cloud = FakeCloud()
    engine = FakeEngine(cloud)
    approved: dict[str, ApprovedEnvironment] = {}

    def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
        return approved.get(environment)

    def cost(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> int:
        return 10_000 * len(spec.instances)

    deployer = Deployer(
        office=office,
        engine=engine,
        cloud=cloud,
        approvals=approvals,
        cost=cost,
        lease_length=timedelta(seconds=15),
    )
    return World(deployer, engine, cloud, approved, people)


@pytest.fixture
def spec() -> EnvironmentSpec:
    return SPEC


@pytest.fixture
def events(world: World) -> Callable[[], list[str]]:
    """The audit log's events so far."""
    from governance import audit

    def read() -> list[str]:
        with world.office.store.reading() as transaction:
            return [entry.event for entry in audit.entries(transaction)]

    return read
