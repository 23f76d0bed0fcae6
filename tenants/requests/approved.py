"""What stands approved for an environment: what ``infra`` may build, read by it through its own port."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.store import Transaction
from governance.authority import Act, decisions_on, machine_scope
from governance.environments import EnvironmentSpec
from tenants.environments.service import spec_digest
from tenants.environments.tables import read_environment
from tenants.requests.content import content_digest, spec_in
from tenants.requests.deciding_by_rule import BY_RULE
from tenants.requests.evidence_tables import steps_taken
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request, RequestState
from tenants.requests.policy_tables import policy_row
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
    """What was last decided for the environment; None where nothing stands.

    What is built is what was decided on: a row that says "approved" without decisions on record that are bound to the
    digest of its spec is none. A grant that expired before it was built is none either.
    """
    scope = machine_scope()
    record = read_environment(transaction, scope, environment)
    newest = None if record is None else read_request(transaction, scope, record.request)
    if record is None or newest is None or not newest.state.granted:
        return None
    spec = spec_in(newest.now_asked, environment)
    if spec is None or not _decided(transaction, newest, spec):
        return None
    digest = spec_digest(spec)
    if newest.state is RequestState.EXPIRED and record.deployed_digest != digest:
        return None
    return Approved(
        environment=environment,
        request=newest.number,
        kind=newest.kind,
        spec=spec,
        spec_digest=digest,
        monthly=newest.monthly,
    )


def _decided(transaction: Transaction, request: Request, spec: EnvironmentSpec) -> bool:
    """Whether the decisions on record are on this very content: by persons, or by a published rule."""
    content = content_digest(request.now_asked, until=request.until, counterpart=request.counterpart)
    wanted = {content, spec_digest(spec)}
    decided = {one.digest for one in decisions_on(transaction, request.subject) if one.act is Act.REQUEST_APPROVE}
    if wanted <= decided:
        return True
    taken = steps_taken(transaction, machine_scope(), request.number)
    rules = [one for one in taken if one.outcome == BY_RULE and one.digest == content]
    return any(_published(transaction, one.rule) for one in rules)


def _published(transaction: Transaction, rule: str) -> bool:
    row = policy_row(transaction, rule.partition("/")[0])
    return row is not None and row["published_at"] is not None
