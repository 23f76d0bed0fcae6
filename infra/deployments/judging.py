"""What the guardrails say of a plan, with what the environment costs before and after it."""

from __future__ import annotations

from datetime import datetime

from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.authority import Mandate
from infra.deployments.deployer import Deployer
from infra.deployments.model import Plan
from infra.deployments.tables import plan_before
from infra.engine.model import plan_from_document
from infra.guardrails import Judgement, PlanFacts


def judged(deployer: Deployer, mandate: Mandate, plan: Plan) -> Judgement:
    """The judgement by the exemptions, budgets and quotas of the mandate's instant, put on record with the plan."""
    transaction, at = mandate.transaction, mandate.now
    before = plan_before(transaction, mandate.scope, plan)
    facts = PlanFacts(
        spec=plan.spec,
        request=plan.request,
        before=0 if before is None else _cost(deployer, transaction, before, at),
        after=0 if plan.terminate else _cost(deployer, transaction, plan, at),
        terminate=plan.terminate,
    )
    judgement = deployer.guardrails.judge(transaction, plan_from_document(plan.document), facts, at)
    deployer.guardrails.keep(transaction, plan.id, plan.agency, judgement, mandate.recorded_at)
    return judgement


def _cost(deployer: Deployer, transaction: Transaction, plan: Plan, at: datetime) -> int:
    """At today's prices; what the catalogue no longer has costs what it cost when it was planned."""
    try:
        return deployer.cost(transaction, plan.spec, at)
    except InvalidValue:
        return plan.cost
