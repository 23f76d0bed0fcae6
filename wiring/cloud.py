"""The cloud and the engine of this installation, made from the settings."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from foundation.store import Transaction
from foundation.values.ids import random_ids
from governance.authority import machine_scope
from governance.environments import LANDING_ZONE, EnvironmentSpec
from infra.cloud import read_identity
from infra.components import Ground, Placement, Spec
from infra.deployments import ApprovedEnvironment, Deployer, ProviderCloud
from infra.deployments.ports import Available, Grounds
from infra.engine import Driver, backend_from, read_placement
from infra.landing_zone import approved_landing_zone, ground_of, joined_spec
from infra.provider.clients import Clients
from infra.provider.clouds import Clouds
from infra.provider.errors import CloudRefused
from infra.sandbox import status
from tenants.requests import Approved, RequestKind, approved_environment
from wiring.application import Application
from wiring.bindings import estimator
from wiring.errors import NoCloud
from wiring.guardrails import guardrails
from wiring.settings import Settings

_SANDBOX_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "guanyun", "AWS_SECRET_ACCESS_KEY": "guanyun"}  # any will do there


def cloud_environment(settings: Settings) -> dict[str, str]:
    """Endpoint, region and credentials as the AWS SDKs read them.

    A configured endpoint takes the process's own AWS credentials; otherwise it is the sandbox, which must run.
    """
    region = {"AWS_REGION": settings.region, "AWS_DEFAULT_REGION": settings.region}
    if settings.aws_endpoint:
        own = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        return {**own, **region, "AWS_ENDPOINT_URL": settings.aws_endpoint}
    sandbox = status(settings.sandbox_folder)
    if not sandbox.running or sandbox.endpoint is None:
        raise NoCloud
    return {**_SANDBOX_CREDENTIALS, **region, "AWS_ENDPOINT_URL": sandbox.endpoint}


def deployer(application: Application) -> Deployer:
    """What every use case of deployments needs: the engine and the cloud, approvals from ``tenants``, costs from
    ``billing``."""
    environment = cloud_environment(application.settings)
    clients = Clients.from_environment(environment)
    identity = read_identity(clients)
    placement = read_placement(clients, partition=identity.partition, account=identity.account)
    ids = application.office.ids
    home, state = application.settings.engine_folder, application.settings.engine_state
    return Deployer(
        office=application.office,
        engine=_driver(home, state, tuple(sorted(environment.items())), placement),
        cloud=ProviderCloud(clients, ids),
        approvals=approvals,
        cost=monthly_cost,
        guardrails=guardrails(),
        grounds=grounds(clients.region, clients.partition),
        available=available(Clouds(clients)),
    )


def clouds(application: Application) -> Clouds:
    """The accounts and regions of this installation's cloud."""
    return Clouds.from_environment(cloud_environment(application.settings))


@lru_cache(maxsize=4)
def _driver(folder: Path, state: str, cloud: tuple[tuple[str, str], ...], placement: Placement) -> Driver:
    """One driver a process for each cloud: its servers serve every environment."""
    backend = backend_from(state, folder=folder / "state", cloud=dict(cloud), environ=os.environ)
    return Driver(folder, cloud=dict(cloud), placement=placement, ids=random_ids, backend=backend)


def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
    """infra's ``Approvals``: the tenants' newest approved request; of the landing zone, its newest proposal."""
    if environment == LANDING_ZONE:
        return _landing_zone(transaction)
    found = approved_environment(transaction, environment)
    return None if found is None else to_build(found)


def to_build(approved: Approved) -> ApprovedEnvironment:
    """What stands approved, as infra reads it."""
    return ApprovedEnvironment(
        request=approved.request,
        spec=approved.spec,
        spec_digest=approved.spec_digest,
        monthly=approved.monthly,
        terminate=approved.kind is RequestKind.TERMINATE,
    )


def _landing_zone(transaction: Transaction) -> ApprovedEnvironment | None:
    found = approved_landing_zone(transaction, machine_scope())
    if found is None:
        return None
    spec = joined_spec(transaction, machine_scope(), found.spec)
    return ApprovedEnvironment(found.id, spec, found.digest, monthly=0, terminate=False)


def grounds(region: str, partition: str) -> Grounds:
    """infra's ``Grounds``: what is applied of the landing zone, for an installation in ``region``."""

    def given(transaction: Transaction, spec: EnvironmentSpec) -> Ground:
        return ground_of(transaction, machine_scope(), spec, region=region, partition=partition)

    return given


def available(clouds: Clouds) -> Available:
    """infra's ``Available``: an account of the agency's own joins the hub if it sees it, or the plan warns."""

    def seen(ground: Ground, spec: EnvironmentSpec) -> Ground:
        if not ground.account or not ground.transit_gateway_id:
            return ground
        wanted = {"TransitGatewayIds": [ground.transit_gateway_id]}
        try:
            answer = clouds.at(ground.account, spec.region).call("ec2", "DescribeTransitGateways", wanted)
        except CloudRefused:
            answer = {}
        if answer.get("TransitGateways"):
            return ground
        return replace(ground, transit_gateway_id="", shared_cidrs=(), unseen_hub=ground.transit_gateway_id)

    return seen


def monthly_cost(transaction: Transaction, spec: Spec, at: datetime) -> int:
    """infra's ``MonthlyCost``: the code that bills. The landing zone is the operator's own, and charged to nobody."""
    return estimator(transaction, spec, at)[0] if isinstance(spec, EnvironmentSpec) else 0
