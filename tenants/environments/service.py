"""Reading environments, changing their state as requests are decided and deployments end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Scope, Transaction
from foundation.values.instant import parse_instant
from foundation.work import Event, Subscriber
from governance.authority import machine_scope
from governance.environments import EnvironmentSpec, spec_document
from governance.errors import NotFound
from tenants.addresses import release_block, settle_block
from tenants.addresses.tables import change_block
from tenants.environments.model import Environment, EnvironmentState
from tenants.environments.tables import read_environment, read_environments, save_environment
from tenants.register import place_of_items, resume_entries, suspend_entries, transfer_entries


def spec_digest(spec: EnvironmentSpec) -> str:
    """SHA-256 of the spec's canonical bytes: what an approval binds to."""
    return sha256_hex(canonical_bytes(spec_document(spec)))


def find_environment(transaction: Transaction, scope: Scope, environment: str) -> Environment:
    """The environment with that id inside the scope; raises ``NotFound``."""
    found = read_environment(transaction, scope, environment)
    if found is None:
        raise NotFound(what_zh="环境", what_en="environment", key=environment)
    return found


def environments(transaction: Transaction, scope: Scope) -> Sequence[Environment]:
    """Every environment inside the scope, by id."""
    return read_environments(transaction, scope)


def record_approval(
    transaction: Transaction, scope: Scope, environment: str, *, request: str, spec: EnvironmentSpec
) -> None:
    """A request on the environment was approved: its spec is the one to build."""
    found = find_environment(transaction, scope, environment)
    state = EnvironmentState.APPROVED if found.state is EnvironmentState.REQUESTED else found.state
    approved = replace(found, state=state, request=request, spec=spec, spec_digest=spec_digest(spec))
    save_environment(transaction, scope, approved)


def record_transfer(transaction: Transaction, spec: EnvironmentSpec, *, request: str, at: datetime) -> None:
    """From ``at`` on the environment is the spec's agency's: the record, its address block and the register follow."""
    scope = machine_scope()
    found = find_environment(transaction, scope, spec.environment)
    moved = replace(
        found, agency=spec.agency, system=spec.system, request=request, spec=spec, spec_digest=spec_digest(spec)
    )
    save_environment(transaction, scope, moved)
    for holder in (f"environment:{spec.environment}", f"move:{spec.environment}"):
        change_block(transaction, scope, holder, {"agency": spec.agency})
    for place in (spec.environment, place_of_items(spec.environment)):
        transfer_entries(
            transaction,
            place,
            spec.agency,
            at,
            system=spec.system,
            project=spec.project,
            fund_source=spec.fund_source,
        )


def record_suspension(transaction: Transaction, environment: str, *, suspended: bool, at: datetime) -> None:
    """From ``at`` on the environment is suspended, or runs again; the register is reduced to what is kept meanwhile."""
    scope = machine_scope()
    found = find_environment(transaction, scope, environment)
    state = EnvironmentState.SUSPENDED if suspended else EnvironmentState.DEPLOYED
    save_environment(transaction, scope, replace(found, state=state))
    if suspended:
        suspend_entries(transaction, environment, at)
    else:
        resume_entries(transaction, environment, at)


def record_deployment(transaction: Transaction, event: Event) -> None:
    """``deployment.ended``: the environment runs that spec now, or is gone."""
    scope = machine_scope()
    found = find_environment(transaction, scope, str(event.payload["environment"]))
    if event.payload["terminated"]:
        now = replace(found, state=EnvironmentState.CLOSED, deployed_digest="")
        release_block(transaction, found.id, parse_instant(event.payload["instant"]))
    else:
        # What is suspended stays so, whatever was built in it meanwhile: only an approved request resumes it.
        suspended = found.state is EnvironmentState.SUSPENDED
        state = EnvironmentState.SUSPENDED if suspended else EnvironmentState.DEPLOYED
        now = replace(found, state=state, deployed_digest=str(event.payload["spec_digest"]))
        if found.spec is not None and now.deployed_digest == found.spec_digest:
            settle_block(transaction, found.id, found.spec.cidr, parse_instant(event.payload["instant"]))
    save_environment(transaction, scope, now)


def environment_subscriber() -> Subscriber:
    """Keeps the environments' state in step with deployments."""
    return Subscriber("tenants.environments", "deployment.ended", record_deployment)
