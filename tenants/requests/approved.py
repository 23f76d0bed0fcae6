"""What stands approved for an environment: what ``infra`` may build, read by it through its own port."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.environments import EnvironmentSpec
from tenants.environments.tables import read_environment
from tenants.requests.model import RequestKind, RequestState
from tenants.requests.tables import read_request


@dataclass(frozen=True, slots=True)
class Approved:
    """The newest approved request on an environment. ``monthly`` is the approved estimate, fen a month."""

    environment: str
    request: str
    kind: RequestKind
    spec: EnvironmentSpec
    spec_digest: str
    monthly: int


def approved_environment(transaction: Transaction, environment: str) -> Approved | None:
    """What the bureau last approved for the environment; None where nothing is."""
    scope = machine_scope()
    record = read_environment(transaction, scope, environment)
    newest = None if record is None else read_request(transaction, scope, record.request)
    if newest is None or newest.state is not RequestState.APPROVED:
        return None
    return Approved(
        environment=environment,
        request=newest.number,
        kind=newest.kind,
        spec=newest.spec,
        spec_digest=newest.spec_digest,
        monthly=newest.estimate.monthly,
    )
