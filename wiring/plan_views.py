"""A plan, or an environment, as it is shown: what is on record, judged and estimated as of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.authority import Act, View, decisions_on, viewing
from governance.catalogue import services
from governance.environments import EnvironmentSpec
from governance.errors import NotFound
from infra.components import Spec
from infra.deployments import Coverage, Plan, Reason, environment_status
from infra.deployments.coverage import coverage
from infra.engine.model import plan_from_document
from infra.guardrails import Judgement, PlanFacts
from infra.views import (
    CostDifference,
    PlanView,
    Scene,
    cost_difference,
    draw,
    plan_view,
    scene_of_outputs,
    scene_of_plan,
)
from tenants.environments import find_environment
from wiring.application import Application
from wiring.bindings import estimator
from wiring.cloud import approvals
from wiring.guardrails import guardrails

NOT_APPROVED = Reason("approval", "没有已批准的申请", "no request stands approved")


def view_plan(application: Application, token: str, environment: str, digest: str | None = None) -> PlanView:
    """The newest plan of an environment, or the one with a digest, with everything that is shown of it.

    Costs are at today's prices, the judgement by today's exemptions, budgets and quotas. Raises ``NotFound``.
    """
    status = environment_status(application.office, token, environment, digest=digest)
    plan = status.plan
    if plan is None:
        raise NotFound(what_zh="部署计划,环境", what_en="plan for", key=environment)
    with viewing(application.office, token) as view:
        cost = _cost(view.transaction, plan, status.before, view.now)
        judgement = _judged(view, plan, cost)
        approved = approvals(view.transaction, environment)
        covered = Coverage(forbidden=(NOT_APPROVED,)) if approved is None else coverage(plan, approved, judgement)
        decided = any(
            one.act is Act.PLAN_APPROVE and one.digest == plan.digest
            for one in decisions_on(view.transaction, plan.subject)
        )
    picture = ""
    if isinstance(plan.spec, EnvironmentSpec):
        picture = draw(scene_of_plan(plan.spec, plan_from_document(plan.document)))
    return plan_view(plan, covered, judgement, cost, approved=decided, picture=picture)


def view_environment(application: Application, token: str, environment: str) -> Scene:
    """What an environment consists of: placed as approved, with what is built and what is awaited. ``NotFound``."""
    with viewing(application.office, token) as view:
        found = find_environment(view.transaction, view.scope, environment)
    deployment = environment_status(application.office, token, environment).deployment
    outputs = {} if deployment is None else deployment.outputs
    if found.spec is None and not outputs:
        raise NotFound(what_zh="批准的环境说明:", what_en="approved spec of", key=environment)
    return scene_of_outputs(environment, outputs, found.spec)


def _judged(view: View, plan: Plan, cost: CostDifference) -> Judgement:
    facts = PlanFacts(plan.spec, plan.request, cost.before, cost.after, plan.terminate)
    return guardrails().judge(view.transaction, plan_from_document(plan.document), facts, view.now)


def _cost(transaction: Transaction, plan: Plan, before: Plan | None, at: datetime) -> CostDifference:
    old = [] if before is None else _lines(transaction, before.spec, before.cost, at)
    new = [] if plan.terminate else _lines(transaction, plan.spec, plan.cost, at)
    words: dict[str, tuple[str, str]] = {}
    for service in services(transaction):
        words[service.code] = (service.zh, service.en)
        words |= {f"{service.code}/{one.code}": (one.zh, one.en) for one in service.plans}
        words |= {f"{service.code}/{one.code}": (one.zh, one.en) for one in service.meters}
    return cost_difference(old, new, words)


def _lines(transaction: Transaction, spec: Spec, recorded: int, at: datetime) -> Sequence[Mapping[str, Any]]:
    """The estimate's lines; one line with what was recorded where the catalogue no longer has a plan of it."""
    if not isinstance(spec, EnvironmentSpec):
        return []  # the landing zone is charged to nobody
    try:
        return estimator(transaction, spec, at)[1]
    except InvalidValue:
        return [{"service": spec.environment, "amount": recorded}]
