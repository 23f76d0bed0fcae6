"""Refreshing one environment: the engine's state learns what the cloud holds now; the cloud is not touched."""

from __future__ import annotations

from typing import Any

from foundation.work.runs import Json
from governance.authority import Act, acting
from infra.deployments import Deployer, DeploymentState, DeploymentUnfinished
from infra.deployments.tables import newest_deployment
from infra.engine.resume import compare_with_state
from infra.ports import OnProgress


def refresh_environment(
    deployer: Deployer, token: str, environment: str, *, progress: OnProgress | None = None
) -> dict[str, Json]:
    """Refresh the state and compare it with the cloud: how many ids are ``orphans`` or ``gone`` since, by plain JSON.

    What changed by hand inside a resource is found by the next plan. Raises ``Refused``, ``DeploymentUnfinished``
    (finishing it refreshes), ``DifferentCloud``, ``LeaseHeld`` and the engine's errors.
    """
    with deployer.holding(environment):
        with acting(deployer.office, token, Act.PLAN_CREATE, f"environment:{environment}") as mandate:
            last = newest_deployment(mandate.transaction, mandate.scope, environment)
        if last is None:
            return {"deployed": False, "clean": True, "gone": [], "orphans": []}
        if last.state is DeploymentState.RUNNING:
            raise DeploymentUnfinished(environment=environment, deployment=last.id, found=f"plan {last.digest[:12]}")
        deployer.check_cloud(token, Act.PLAN_CREATE, environment, last.agency)
        deployer.clear(environment)
        before = _ids(deployer.engine.state_ids(environment))
        state = deployer.engine.refresh(environment, progress=progress)
        report = compare_with_state(environment, deployer.sweep(environment), state.ids)
        gone = sorted((before - _ids(state.ids)) | _ids(report.missing))
        orphans = sorted(_ids(report.orphans))
        return {"deployed": True, "clean": not gone and not orphans, "gone": gone, "orphans": orphans}


def _ids(by_kind: Any) -> frozenset[str]:
    return frozenset(one for ids in by_kind.values() for one in ids)
