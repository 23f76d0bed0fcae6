"""Both components through the real engine and the sandbox: planned, applied, and nothing left to change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.values.ids import random_ids
from governance.environments import EnvironmentSpec
from infra.components import BACKUP_SELECTION
from infra.engine import Driver, read_placement
from infra.provider.clients import Clients
from infra.provider.sweep import sweep
from infra.sandbox import SandboxStatus, down, up
from tests.infra.components.landing_zone.test_routes import example
from tests.infra.components.specs import level_2, level_3
from tests.infra.conftest import REGION

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxStatus]:
    """A cloud of its own: it has one organisation, which a landing zone leaves there with its accounts."""
    home: Path = tmp_path_factory.mktemp("sandbox")
    yield up(home)
    down(home)


@pytest.fixture(scope="module")
def clients(sandbox: SandboxStatus) -> Clients:
    return Clients(endpoint=str(sandbox.endpoint), region=REGION, access_key="guanyun", secret_key="guanyun")


@pytest.fixture
def engine(sandbox: SandboxStatus, clients: Clients, tmp_path: Path) -> Iterator[Driver]:
    cloud = {
        "AWS_ENDPOINT_URL": str(sandbox.endpoint),
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "guanyun",
        "AWS_SECRET_ACCESS_KEY": "guanyun",
    }
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    assert placement.lacks == (BACKUP_SELECTION,)
    made = Driver(tmp_path / "engine", cloud=cloud, placement=placement, ids=random_ids)
    yield made
    made.close()


def lives(engine: Driver, clients: Clients, spec: Any) -> dict[str, Any]:
    """Plan, apply, find nothing to change, and find in the cloud exactly what the state says."""
    plan = engine.preview(spec)
    assert plan.only_adds
    outcome = engine.apply(spec, approved=plan.digest, deployment=f"first-{spec.environment}")
    again = engine.preview(spec)
    assert (again.changes, again.drifted) == ((), ())
    found = {kind: ids for kind, ids in sweep(clients, spec.environment).items() if ids}
    assert found == {kind: ids for kind, ids in outcome.state.ids.items() if ids}
    return dict(outcome.state.outputs)


@pytest.mark.parametrize("spec", [level_3(), level_2(peers=[])], ids=["level-3", "level-2"])
def test_an_environment_of_the_second_baseline_is_built_whole(
    engine: Driver, clients: Clients, spec: EnvironmentSpec
) -> None:
    made = lives(engine, clients, spec)
    assert {"vpc", "subnet", "route-table", "flow-log", "key", "bucket", "role", "instance"} <= made.keys()
    engine.destroy(spec.environment, deployment="last")
    assert not any(sweep(clients, spec.environment).values())


def test_a_landing_zone_is_built_whole(engine: Driver, clients: Clients) -> None:
    made = lives(engine, clients, example())
    assert {"transit-gateway", "transit-gateway-route-table", "trail", "key", "bucket"} <= made.keys()
    assert {"organization", "organizational-unit", "account", "control-policy"} <= made.keys()
