"""What stands approved for an environment: what ``infra`` may build, read by it through its own port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from foundation.store import Transaction
from governance.authority import Act, decisions_on, machine_scope
from governance.environments import EnvironmentSpec
from tenants.environments.service import spec_digest
from tenants.environments.tables import standing_of
from tenants.requests.content import content_digest, spec_in
from tenants.requests.deciding_by_rule import BY_RULE
from tenants.requests.evidence_tables import steps_taken_on
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request, RequestState
from tenants.requests.policy_tables import published_among
from tenants.requests.tables import read_requests

_AT_ONCE = 200
"""Environments that are read together."""
_GRANTED = [state for state in RequestState if state.granted]


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
    """What was last decided for the environment; None where nothing stands."""
    return approved_environments(transaction, [environment]).get(environment)


def approved_environments(
    transaction: Transaction, environments: Sequence[str], *, at_once: int = _AT_ONCE
) -> Mapping[str, Approved]:
    """What was last decided for each environment; those where nothing stands are left out.

    What is built is what was decided on: a row that says "approved" without decisions on record that are bound to the
    digest of its spec is none. A grant that expired before it was built is none either. By five queries at most for
    every ``at_once`` environments.
    """
    found: dict[str, Approved] = {}
    for start in range(0, len(environments), at_once):
        granted = _granted(transaction, environments[start : start + at_once])
        found |= {one.environment: one for one in _decided(transaction, granted)}
    return found


def _granted(transaction: Transaction, environments: Sequence[str]) -> Sequence[tuple[Request, Approved]]:
    """What the newest requests on the environments grant, whoever says so."""
    scope, found = machine_scope(), []
    standing = standing_of(transaction, scope, environments)
    numbers = {number for number, _ in standing.values()}
    newest = read_requests(transaction, scope, numbers=numbers, states=_GRANTED) if numbers else ()
    requests = {request.number: request for request in newest}
    for environment, (number, deployed) in standing.items():
        request = requests.get(number)
        spec = None if request is None else spec_in(request.now_asked, environment)
        if request is None or spec is None:
            continue
        digest = spec_digest(spec)
        if request.state is RequestState.EXPIRED and deployed != digest:
            continue
        found.append((request, Approved(environment, number, request.kind, spec, digest, request.monthly)))
    return found


def _decided(transaction: Transaction, granted: Sequence[tuple[Request, Approved]]) -> Sequence[Approved]:
    """Those that decisions on record grant, on this very content: of persons, or of a published rule."""
    if not granted:
        return ()
    subjects = {request.subject for request, _ in granted}
    taken = decisions_on(transaction, *sorted(subjects))
    by_persons = {(one.subject, one.digest) for one in taken if one.act is Act.REQUEST_APPROVE}
    found, left = [], []
    for request, approved in granted:
        content = content_digest(request.now_asked, until=request.until, counterpart=request.counterpart)
        if {(request.subject, content), (request.subject, approved.spec_digest)} <= by_persons:
            found.append(approved)
        else:
            left.append(((request.number, content), approved))
    by_rule = _decided_by_rule(transaction, {number for (number, _), _ in left})
    return [*found, *(approved for content, approved in left if content in by_rule)]


def _decided_by_rule(transaction: Transaction, requests: Collection[str]) -> Collection[tuple[str, str]]:
    """(Number, digest) of what rules of published policies decided on."""
    taken = steps_taken_on(transaction, machine_scope(), requests) if requests else {}
    by_rule = [
        (one.rule.partition("/")[0], (request, one.digest))
        for request, steps in taken.items()
        for one in steps
        if one.outcome == BY_RULE
    ]
    published = published_among(transaction, {policy for policy, _ in by_rule}) if by_rule else frozenset()
    return {content for policy, content in by_rule if policy in published}
