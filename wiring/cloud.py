"""The cloud and the engine of this installation, made from the settings."""

from __future__ import annotations

import os

from infra.cloud import read_identity
from infra.engine import AutomationEngine, read_placement
from infra.provider.clients import Clients
from infra.sandbox import status
from wiring.errors import NoCloud
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


def cloud_clients(settings: Settings) -> Clients:
    """Clients of the cloud's API."""
    return Clients.from_environment(cloud_environment(settings))


def cloud_engine(settings: Settings) -> AutomationEngine:
    """The Pulumi engine on this cloud, with its state in the installation's home."""
    cloud = cloud_environment(settings)
    clients = Clients.from_environment(cloud)
    identity = read_identity(clients)
    placement = read_placement(clients, partition=identity.partition, account=identity.account)
    return AutomationEngine(settings.engine_folder, cloud=cloud, placement=placement)
