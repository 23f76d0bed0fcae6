"""What stands approved for an environment: what ``infra`` may build, read by it through its own port."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.store import Transaction
from governance.authority import Act, decisions_on, machine_scope
from governance.environments import EnvironmentSpec
from tenants.environments.service import spec_digest
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
    """What the bureau last approved for the environment; None where nothing is.

    What is built is what was decided on: a row that says "approved" without a decision on record that is bound to the
    digest of its spec is none.
    """
    scope = machine_scope()
    record = read_environment(transaction, scope, environment)
    newest = None if record is None else read_request(transaction, scope, record.request)
    if newest is None or newest.state is not RequestState.APPROVED:
        return None
    decided = {one.digest for one in decisions_on(transaction, newest.subject) if one.act is Act.REQUEST_APPROVE}
    if not decided or {spec_digest(newest.spec), newest.spec_digest} - decided:
        return None
    return Approved(
        environment=environment,
        request=newest.number,
        kind=newest.kind,
        spec=newest.spec,
        spec_digest=newest.spec_digest,
        monthly=newest.estimate.monthly,
    )
