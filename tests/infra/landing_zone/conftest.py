"""A landing zone and environments on it, over the real engine and an AWS API that really answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.ids import random_ids
from governance.authority import Office
from governance.environments import LANDING_ZONE, EnvironmentSpec, Protection, Zone, spec_document, spec_from_document
from governance.environments.landing_zone import (
    AgencySpec,
    LandingZoneSpec,
    PeeringSpec,
    PlaceSpec,
    RegionSpec,
    read_landing_zone,
)
from infra import sandbox
from infra.components import Spec
from infra.deployments import (
    Applied,
    ApprovedEnvironment,
    Deployer,
    Planned,
    ProviderCloud,
    apply_plan,
    approve_plan,
    plan_environment,
)
from infra.engine import Driver, read_placement
from infra.landing_zone import approve_landing_zone, propose_landing_zone
from infra.provider.clients import Clients
from infra.provider.clouds import Clouds
from wiring.cloud import approvals, available, grounds

EXAMPLE = Path(__file__).parents[3] / "examples" / "environments" / "landing-zone.yaml"
REGION = "cn-north-1"
PLACES = (PlaceSpec(Zone.EXTRANET, Protection.LEVEL_2), PlaceSpec(Zone.INTERNET, Protection.LEVEL_2))


def example(*, organisation: bool = False, peered: bool = False) -> LandingZoneSpec:
    """The published example with the parties of the tests, both agencies in both zones."""
    spec, findings = read_landing_zone(EXAMPLE)
    assert spec is not None, findings
    own = RegionSpec(REGION, "operator", "city", spec.regions[0].managed)
    return replace(
        spec,
        organisation=organisation,
        regions=(own, RegionSpec("other", "bureau", "city")),
        agencies=tuple(AgencySpec(name, "city", PLACES) for name in ("hrss", "housing")),
        peerings=(PeeringSpec(("hrss", "housing"), "市政数〔2026〕15号"),) if peered else (),
        services=spec.services[:1],
    )


def environment(agency: str, third: int, *, zone: Zone = Zone.EXTRANET, **more: Any) -> EnvironmentSpec:
    """A small environment of the second baseline: one subnet, and nothing in it."""
    spec, findings = spec_from_document(
        {
            "environment": f"{agency}-{zone.value[:4]}",
            "agency": agency,
            "system": "portal",
            "project": "P-1",
            "fund_source": "本级财政",
            "zone": zone.value,
            "protection": "level-2",
            "baseline": 2,
            "cidr": f"10.72.{third}.0/24",
            "zones": 1,
            "subnets": [{"name": "app", "cidr": f"10.72.{third}.0/26", "zone_index": 0, "purpose": "app"}],
            **more,
        }
    )
    assert spec is not None, findings
    return spec


@dataclass
class City:
    """An installation over an empty sandbox; environments stand approved as a test says."""

    deployer: Deployer
    clients: Clients
    tokens: Mapping[str, str]
    approved: dict[str, ApprovedEnvironment] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        return self.deployer.office

    def settle(self, spec: LandingZoneSpec) -> None:
        """The operator proposes it, the bureau approves it."""
        proposal, _ = propose_landing_zone(self.office, self.tokens["operator-1"], spec)
        approve_landing_zone(self.office, self.tokens["bureau-1"], proposal.id, digest=proposal.digest)

    def approve(self, spec: EnvironmentSpec) -> None:
        digest = sha256_hex(canonical_bytes(spec_document(spec)))
        self.approved[spec.environment] = ApprovedEnvironment(f"REQ-{digest[:8]}", spec, digest, 10_000, False)

    def plan(self, name: str = LANDING_ZONE) -> Planned:
        return plan_environment(self.deployer, self.tokens["operator-1"], name)

    def apply(self, planned: Planned) -> Applied:
        """Apply it, with the second person's word where it takes one."""
        if planned.coverage.reasons:
            approve_plan(self.deployer, self.tokens["operator-2"], planned.plan.digest)
        name, digest = planned.plan.environment, planned.plan.digest
        return apply_plan(self.deployer, self.tokens["operator-1"], name, digest)

    def build(self, spec: EnvironmentSpec) -> Mapping[str, Mapping[str, str]]:
        self.approve(spec)
        return self.apply(self.plan(spec.environment)).deployment.outputs

    def build_ground(self, spec: LandingZoneSpec) -> Mapping[str, Mapping[str, str]]:
        self.settle(spec)
        return self.apply(self.plan()).deployment.outputs

    def tables(self, outputs: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[set[str], set[str]]]:
        """Route domain → (attachments whose traffic follows it, attachments whose networks it knows), by the cloud."""
        found = {}
        for name, table in outputs["transit-gateway-route-table"].items():
            told = []
            for operation, member in (
                ("GetTransitGatewayRouteTableAssociations", "Associations"),
                ("GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTablePropagations"),
            ):
                answer = self.clients.call("ec2", operation, {"TransitGatewayRouteTableId": table})
                told.append({row["TransitGatewayAttachmentId"] for row in answer[member]})
            found[name] = (told[0], told[1])
        return found


@pytest.fixture(scope="module")
def sandbox_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("sandbox")
    yield home
    sandbox.down(home)


@pytest.fixture
def city(tmp_path: Path, sandbox_home: Path, office: Office, people: dict[str, str]) -> Iterator[City]:
    status = sandbox.reset(sandbox_home) if sandbox.status(sandbox_home).running else sandbox.up(sandbox_home)
    settings = {
        "AWS_ENDPOINT_URL": str(status.endpoint),
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "guanyun",
        "AWS_SECRET_ACCESS_KEY": "guanyun",
    }
    clients = Clients.from_environment(settings)
    placement = read_placement(clients, partition=clients.partition, account=clients.account)
    driver = Driver(tmp_path / "engine", cloud=settings, placement=placement, ids=random_ids)
    approved: dict[str, ApprovedEnvironment] = {}

    def standing(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
        return approvals(transaction, environment) if environment == LANDING_ZONE else approved.get(environment)

    def cost(transaction: Transaction, spec: Spec, at: datetime) -> int:
        return 0

    deployer = Deployer(
        office=replace(office, clocks=type(office.clocks)(lambda: datetime.now(UTC))),
        engine=driver,
        cloud=ProviderCloud(clients, random_ids),
        approvals=standing,
        cost=cost,
        grounds=grounds(clients.region, clients.partition),
        available=available(Clouds(clients)),
        lease_length=timedelta(seconds=15),
    )
    yield City(deployer, clients, people, approved)
    driver.close()


def names(planned: Planned, operation: str) -> Sequence[tuple[str, str]]:
    """(kind, name) of the plan's steps of one operation."""
    return [(step.kind, step.name) for step in planned.plan.steps if step.operation == operation]
