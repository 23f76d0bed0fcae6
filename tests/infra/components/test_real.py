"""Both components through the real engine and the sandbox: planned, applied, and nothing left to change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from foundation.values.ids import random_ids
from governance.environments import EnvironmentSpec
from infra.components import BACKUP_SELECTION, Buildable, Placement, build, derived, document_of, input_document
from infra.engine import Driver, driver, read_placement
from infra.program import input_file
from infra.provider.clients import Clients
from infra.provider.sweep import sweep
from infra.sandbox import SandboxStatus
from tests.infra.components.landing_zone.test_routes import example
from tests.infra.components.specs import level_2, level_3
from tests.infra.conftest import REGION

pytestmark = pytest.mark.real


@pytest.fixture
def engine(sandbox: SandboxStatus, clients: Clients, tmp_path: Path) -> Iterator[Driver]:
    cloud = {
        "AWS_ENDPOINT_URL": str(sandbox.endpoint),
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "guanyun",
        "AWS_SECRET_ACCESS_KEY": "guanyun",
    }
    placement = replace(
        read_placement(clients, partition=clients.partition, account="123456789012"), lacks=(BACKUP_SELECTION,)
    )
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
    engine: Driver, clients: Clients, spec: EnvironmentSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "program", program_of_any)
    made = lives(engine, clients, spec)
    assert {"vpc", "subnet", "route-table", "flow-log", "key", "bucket", "role", "instance"} <= made.keys()
    engine.destroy(spec.environment, deployment="last")
    assert not any(sweep(clients, spec.environment).values())


def test_a_landing_zone_is_built_whole(engine: Driver, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "write_input", write_any)
    monkeypatch.setattr(driver, "program", program_of_any)
    monkeypatch.setattr(driver, "spec_document", document_of)
    made = lives(engine, clients, example())
    assert {"transit-gateway", "transit-gateway-route-table", "trail", "key", "bucket"} <= made.keys()
    assert {"organization", "organizational-unit", "account", "control-policy"} <= made.keys()


def write_any(home: Path, spec: Buildable, placement: Placement) -> Path:
    path = input_file(home, spec.environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(input_document(spec, placement)), encoding="utf-8")
    return path


def program_of_any(home: Path) -> Callable[[], None]:
    def run() -> None:
        document = json.loads(input_file(home, pulumi.get_stack()).read_bytes())
        for kind, ids in build(document, derived(b"seed")).items():
            pulumi.export(kind, ids)

    return run
