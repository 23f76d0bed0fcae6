"""The deployer over the real engine and sandbox, bound to tenants as ``wiring`` binds it; also run as a process.

``python -m tests.infra.deployments.real_parts HOME RECORDS ENDPOINT TOKEN ENVIRONMENT DIGEST`` applies a plan.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from foundation.store import Store, Transaction, open_store
from foundation.values.ids import random_ids
from governance.authority import Clocks, Office
from governance.environments import EnvironmentSpec
from infra.deployments import ApprovedEnvironment, Deployer, ProviderCloud, apply_plan
from infra.engine import Driver, read_placement
from infra.provider.clients import Clients
from tenants.requests import RequestKind, approved_environment
from tests.logins import people_change_duty

MONTHLY = 10_000


def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
    found = approved_environment(transaction, environment)
    if found is None:
        return None
    return ApprovedEnvironment(
        found.request, found.spec, found.spec_digest, found.monthly, found.kind is RequestKind.TERMINATE
    )


def cost(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> int:
    return MONTHLY * len(spec.instances)


def real_deployer(home: Path, endpoint: str, store: Store) -> Deployer:
    settings = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "cn-north-1",
        "AWS_ACCESS_KEY_ID": "guanyun",
        "AWS_SECRET_ACCESS_KEY": "guanyun",
    }
    clients = Clients.from_environment(settings)
    placement = read_placement(clients, partition=clients.partition, account=clients.account)
    return Deployer(
        office=Office(store, Clocks(lambda: datetime.now(UTC)), random_ids),
        engine=Driver(home / "engine", cloud=settings, placement=placement, ids=random_ids),
        cloud=ProviderCloud(clients, random_ids),
        approvals=approvals,
        cost=cost,
        lease_length=timedelta(seconds=3),
    )


if __name__ == "__main__":
    folder, records, address, token, environment, digest = sys.argv[1:]
    opened = open_store(records)
    with people_change_duty():
        apply_plan(real_deployer(Path(folder), address, opened), token, environment, digest)
