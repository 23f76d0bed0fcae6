"""A request put together: estimated, checked, its chain computed. What submission and every decision share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from foundation.store import Scope, Transaction
from governance.authority import machine_scope
from governance.catalogue import services
from governance.environments import EnvironmentSpec, charged_parts
from governance.parties import PartyKind, decider_for, parties
from tenants.addresses import claim_block
from tenants.environments.tables import read_environment
from tenants.errors import AddressOutOfZone, AddressTaken
from tenants.ports import Desk
from tenants.requests import checking
from tenants.requests.content import Content
from tenants.requests.holding import Taken, check_line, check_quota
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Estimate, Request
from tenants.requests.policy import By, Chain, Policy, Step
from tenants.requests.results import CheckResult


def estimate_content(
    transaction: Transaction, desk: Desk, agency: str, content: Content, at: datetime
) -> tuple[Estimate, tuple[str, ...]]:
    """The estimate of all that is asked, and the items nobody has a monthly price for."""
    monthly, lines, unpriced = 0, list[Mapping[str, Any]](), list[str]()
    for spec in content.specs:
        fen, breakdown = desk.estimator(transaction, spec, at)
        monthly += fen
        lines.extend(breakdown)
    for item in content.items:
        priced = desk.items(transaction, agency, item.service, item.plan, item.quantity, at)
        if priced is None:
            unpriced.append(item.name)
            continue
        monthly += priced[0]
        lines.extend({**line, "item": item.name} for line in priced[1])
    return Estimate(monthly, tuple(lines)), tuple(unpriced)


def run_checks(
    transaction: Transaction,
    scope: Scope,
    desk: Desk,
    request: Request,
    taken: Taken,
    policy: Policy,
    unpriced: Sequence[str],
    at: datetime,
) -> tuple[tuple[CheckResult, ...], str]:
    """Every check that applies to the request as it stands, and the contract line found for it (empty: none)."""
    if request.kind is RequestKind.TERMINATE:
        return (), ""  # giving back needs no room, no project and no evidence
    asked = checking.Asked(
        kind=request.kind,
        subject=request.subject,
        agency=taken.agency,
        project=taken.project,
        content=taken.content,
        monthly=taken.monthly,
        held_monthly=taken.before_monthly,
        environment=request.environment,
        services=_services_in(transaction, taken.content),
    )
    results: list[CheckResult | None] = [
        checking.placement(asked),
        checking.negative_list(transaction, asked, at),
        checking.project(transaction, scope, asked),
    ]
    line = ""
    if request.kind.grants:
        found, line = check_line(transaction, scope, taken, at)
        results += [
            found,
            check_quota(transaction, taken, at),
            checking.addresses(asked, _claimed(transaction, taken, at)),
            checking.idle(transaction, desk, asked, at),
            checking.growth(transaction, desk, asked, policy.growth, at),
            checking.estimated(asked, unpriced),
            checking.coding(transaction, asked) if line else None,
        ]
    return checking.in_order(results), line


def steps_of(
    transaction: Transaction, chain: Chain, agency: str, at: datetime, *, counterpart: str = ""
) -> tuple[Step, ...]:
    """The parties that take the chain's steps, as of ``at``. Raises ``NotFound`` where nobody above may decide."""
    decider = decider_for(transaction, agency, at)
    steps: list[Step] = []
    for by in chain.steps:
        match by:
            case By.DECIDER:
                steps.append(Step(by, decider.id))
            case By.UPPER:
                above = steps[-1].party if steps else decider.id
                steps.append(Step(by, decider_for(transaction, above, at).id))
            case By.LEADING_GROUP:
                offices = [one for one in parties(transaction, PartyKind.LEADING_GROUP) if one.exists_at(at)]
                steps.append(Step(by, offices[0].id if offices else decider.id))
            case By.COUNTERPART:
                other = decider_for(transaction, counterpart, at).id if counterpart else decider.id
                if other not in {step.party for step in steps}:
                    steps.append(Step(by, other))
    return tuple(steps)


def _services_in(transaction: Transaction, content: Content) -> frozenset[str]:
    of_plan = {plan.code: service.code for service in services(transaction) for plan in service.plans}
    plans = {part.plan for spec in content.specs for part in charged_parts(spec)}
    return frozenset(of_plan[plan] for plan in plans if plan in of_plan)


def _claimed(transaction: Transaction, taken: Taken, at: datetime) -> bool:
    return all(claimed(transaction, spec, taken.agency, at) for spec in taken.content.specs)


def claim_spec(transaction: Transaction, spec: EnvironmentSpec, agency: str, at: datetime) -> bool:
    """Put the environment's block into the address plan, in a pool of its own zone and level; as ``claim_block``."""
    standing = read_environment(transaction, machine_scope(), spec.environment)
    return claim_block(
        transaction,
        spec.cidr,
        environment=spec.environment,
        agency=agency,
        zone=spec.zone,
        protection=spec.protection,
        at=at,
        runs=standing is not None and standing.deployed_digest != "",
    )


def claimed(transaction: Transaction, spec: EnvironmentSpec, agency: str, at: datetime) -> bool:
    """Put it into the plan; whether nobody else is in the way."""
    try:
        claim_spec(transaction, spec, agency, at)
    except (AddressTaken, AddressOutOfZone):
        return False
    return True
