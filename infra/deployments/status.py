"""Looking: what is on record of an environment, and whether the cloud still holds exactly that."""

from __future__ import annotations

from governance.authority import Office, viewing
from governance.errors import NotFound
from infra.cloud import require_same_cloud
from infra.deployments.deployer import Deployer
from infra.deployments.finishing import compare
from infra.deployments.model import EnvironmentStatus, Plan
from infra.deployments.tables import cloud_of, newest_deployment, newest_plan, plan_before
from infra.engine.resume import OrphanReport


def environment_status(office: Office, token: str, environment: str, *, digest: str | None = None) -> EnvironmentStatus:
    """What is on record of an environment inside the reader's scope; touches no cloud. ``digest``: of that plan."""
    with viewing(office, token) as view:
        plan = newest_plan(view.transaction, view.scope, environment=environment, digest=digest)
        return EnvironmentStatus(
            environment=environment,
            cloud=cloud_of(view.transaction, view.scope, environment),
            plan=plan,
            deployment=newest_deployment(view.transaction, view.scope, environment),
            before=None if plan is None else plan_before(view.transaction, view.scope, plan),
        )


def compare_with_cloud(deployer: Deployer, token: str, environment: str) -> OrphanReport:
    """Cloud ids with the environment's tag or name against the engine's state, by kind.

    Raises ``DifferentCloud`` where another cloud answers than the environment was built in, ``NotFound`` for an
    agency where no environment of its own was built under that id.
    """
    with viewing(deployer.office, token) as view:
        recorded = cloud_of(view.transaction, view.scope, environment)
        # Neither cloud nor engine knows scopes: what is not on record as the reader's own is not looked at.
        if recorded is None and view.scope.agencies is not None:
            raise NotFound(what_zh="环境", what_en="environment", key=environment)
    if recorded is not None:
        require_same_cloud(recorded, deployer.cloud.identity())
    return compare(deployer, environment)


def plan_with_digest(office: Office, token: str, digest: str) -> Plan:
    """The newest plan with a digest, inside the reader's scope; raises ``NotFound``."""
    with viewing(office, token) as view:
        found = newest_plan(view.transaction, view.scope, digest=digest)
    if found is None:
        raise NotFound(what_zh="计划", what_en="plan", key=digest[:12])
    return found
