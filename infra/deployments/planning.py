"""Planning: the exact difference, put on record so that an approval can bind to its digest."""

from __future__ import annotations

from dataclasses import replace

from foundation.evidence import plain
from foundation.store import Transaction
from foundation.work import Lease, check_held
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, acting
from governance.environments import Baseline, EnvironmentSpec
from governance.errors import NotFound
from infra.components import NO_GROUND, Ground
from infra.deployments.coverage import GUARDRAIL, coverage
from infra.deployments.deployer import Deployer
from infra.deployments.errors import ApprovalChanged, PlanSuperseded
from infra.deployments.finishing import Resumption, give_up
from infra.deployments.judging import judged
from infra.deployments.model import DeploymentState, Plan, Planned, Risk, buildable, risk_of, steps_of
from infra.deployments.outcome import termination
from infra.deployments.ports import ApprovedEnvironment
from infra.deployments.tables import insert_plan, newest_deployment, newest_plan, plan_of, standing_plan
from infra.engine.model import PlanSummary
from infra.ports import OnProgress


def plan_environment(
    deployer: Deployer,
    token: str,
    environment: str,
    *,
    give_up_unfinished: bool = False,
    progress: OnProgress | None = None,
) -> Planned:
    """Refresh, compute what would change to reach the approved spec, and record it.

    The same difference again gives back the plan on record; an environment that is as approved records nothing. A
    deployment that has not ended is the plan to finish; ``give_up_unfinished`` ends it as given up, and plans anew
    (as does a newer approval). Raises ``NothingApproved``, ``DifferentCloud``, ``DeploymentUnfinished``,
    ``LeaseHeld``, ``Refused`` and the engine's errors.
    """
    with deployer.holding(environment) as lease:
        with acting(deployer.office, token, Act.PLAN_CREATE, f"environment:{environment}") as mandate:
            approved = deployer.approved(mandate.transaction, environment)
            unfinished = newest_deployment(
                mandate.transaction, mandate.scope, environment, state=DeploymentState.RUNNING
            )
            begun = None if unfinished is None else plan_of(mandate.transaction, mandate.scope, unfinished.plan)
            ground = _ground(deployer, mandate, approved)
        deployer.check_cloud(token, Act.PLAN_CREATE, environment, approved.spec.agency)
        if unfinished is not None and begun is not None:
            if not give_up_unfinished and _same_goal(begun, approved):
                return Planned(begun, coverage(begun, approved), new=False, up_to_date=False)
            actor = mandate.actor
            mine = replace(unfinished, person=actor.person, account=actor.account)
            give_up(Resumption(deployer, lease, begun, mine, progress))
        else:
            deployer.clear(environment)
        if isinstance(approved.spec, EnvironmentSpec) and not approved.terminate:
            ground = deployer.available(ground, approved.spec)
        if approved.terminate:
            summary = termination(deployer.engine.state(environment), approved.spec_digest)
        else:
            summary = deployer.engine.preview(buildable(approved.spec, ground), progress=progress)
        with acting(deployer.office, token, Act.PLAN_CREATE, f"environment:{environment}") as mandate:
            return _record(deployer, mandate, lease, approved, ground, summary)


def _ground(deployer: Deployer, mandate: Mandate, approved: ApprovedEnvironment) -> Ground:
    """What the environment is planned to stand on. Raises ``RegionNotApplied``.

    It joins the hub whenever there is one. Its key and its account are settled when it is first built: in others it
    would be another environment, without its data.
    """
    spec = approved.spec
    if not isinstance(spec, EnvironmentSpec):
        return NO_GROUND
    standing = standing_plan(mandate.transaction, mandate.scope, spec.environment)
    if approved.terminate:
        return NO_GROUND if standing is None else standing.ground
    given = deployer.grounds(mandate.transaction, spec)
    if standing is None:
        return given
    kept = replace(given, account=standing.ground.account)
    of_second = isinstance(standing.spec, EnvironmentSpec) and standing.spec.baseline is Baseline.SECOND
    return replace(kept, agency_key=standing.ground.agency_key) if of_second else kept


def _same_goal(plan: Plan, approved: ApprovedEnvironment) -> bool:
    return (plan.spec_digest, plan.terminate) == (approved.spec_digest, approved.terminate)


def _record(
    deployer: Deployer,
    mandate: Mandate,
    lease: Lease,
    approved: ApprovedEnvironment,
    ground: Ground,
    summary: PlanSummary,
) -> Planned:
    transaction, environment = mandate.transaction, summary.environment
    check_held(transaction, lease)
    now = deployer.approved(transaction, environment)
    if (now.spec_digest, now.request) != (approved.spec_digest, approved.request):
        raise ApprovalChanged(environment=environment, planned=approved.spec_digest[:12], approved=now.spec_digest[:12])
    standing = _standing(transaction, mandate, environment, summary, approved)
    if standing is not None:
        judgement = judged(deployer, mandate, standing.plan)
        # The plan on record may be from before the hub was there, or was shared: what is told is how it is now.
        seen = replace(standing.plan, ground=replace(standing.plan.ground, unseen_hub=ground.unseen_hub))
        covered = coverage(standing.plan, approved, judgement)
        return replace(standing, plan=seen, coverage=covered, judgement=judgement)
    cost = 0 if approved.terminate else deployer.cost(transaction, approved.spec, mandate.now)
    document = plain(summary.document())
    plan = Plan(
        number=0,
        id=deployer.office.ids("plan"),
        environment=environment,
        agency=approved.spec.agency,
        digest=summary.digest,
        terminate=approved.terminate,
        request=approved.request,
        spec=approved.spec,
        spec_digest=approved.spec_digest,
        cost=cost,
        risk=risk_of(summary),
        steps=steps_of(document),
        document=document,
        planned_by=mandate.actor.person,
        planned_at=mandate.now,
        ground=ground,
    )
    plan = insert_plan(transaction, mandate.scope, plan, mandate.recorded_at)
    mandate.decide(plan.subject, digest=plan.digest, rests_on=(plan.approval[1],))
    judgement = judged(deployer, mandate, plan)
    mandate.audit(
        AuditEvent.PLAN_RECORDED,
        plan.subject,
        {
            "environment": environment,
            "digest": plan.digest,
            "spec_digest": plan.spec_digest,
            "request": plan.request,
            "risk": plan.risk.value,
            "cost": plan.cost,
            "judgement": judgement.digest,
            "guardrails": sorted({finding.rule for finding in judgement.findings}),
        },
    )
    covered = coverage(plan, approved, judgement)
    return Planned(plan, covered, new=True, up_to_date=False, judgement=judgement)


def _standing(
    transaction: Transaction,
    mandate: Mandate,
    environment: str,
    summary: PlanSummary,
    approved: ApprovedEnvironment,
) -> Planned | None:
    """The plan on record that says the same, if the environment has not moved since."""
    last = newest_deployment(transaction, mandate.scope, environment, state=DeploymentState.ENDED)
    applied = None if last is None else plan_of(transaction, mandate.scope, last.plan)
    if applied is not None and risk_of(summary) is Risk.NONE and _same_goal(applied, approved):
        return Planned(applied, coverage(applied, approved), new=False, up_to_date=True)
    newest = newest_plan(transaction, mandate.scope, environment=environment)
    if newest is None or (newest.digest, newest.request) != (summary.digest, approved.request):
        return None
    used = newest_deployment(transaction, mandate.scope, environment, plan=newest.id)
    if used is not None:
        return None
    return Planned(newest, coverage(newest, approved), new=False, up_to_date=False)


def approve_plan(deployer: Deployer, token: str, digest: str) -> tuple[Plan, bool]:
    """A second operator person approves the plan with that digest: (plan, whether it is new).

    Raises ``Refused`` (also for a plan that nobody may apply, or that a guardrail blocks), ``PlanSuperseded``,
    ``NotFound``.
    """
    with acting(deployer.office, token, Act.PLAN_APPROVE, f"plan:{digest}") as mandate:
        plan = newest_plan(mandate.transaction, mandate.scope, digest=digest)
        if plan is None:
            raise NotFound(what_zh="计划", what_en="plan", key=digest[:12])
        newest = newest_plan(mandate.transaction, mandate.scope, environment=plan.environment)
        if newest is None or newest.id != plan.id:
            raise PlanSuperseded(environment=plan.environment, digest=digest[:12])
        refuse_forbidden(deployer, mandate, plan, deployer.approved(mandate.transaction, plan.environment))
        new = mandate.decide(plan.subject, digest=digest, rests_on=(plan.approval[1],))
        if new:
            mandate.audit(AuditEvent.PLAN_APPROVED, plan.subject, {"environment": plan.environment, "digest": digest})
        return plan, new


def refuse_forbidden(deployer: Deployer, mandate: Mandate, plan: Plan, approved: ApprovedEnvironment) -> None:
    """Raise ``Refused`` where nobody may apply the plan, by the guardrails as they stand now.

    And ``RegionNotApplied`` where its region's own level no longer lets it be built in.
    """
    if isinstance(plan.spec, EnvironmentSpec) and not plan.terminate:
        deployer.grounds(mandate.transaction, plan.spec)
    judgement = judged(deployer, mandate, plan)
    for reason in coverage(plan, approved, judgement).forbidden:
        rule = "I04" if reason.code == GUARDRAIL else "I01"
        raise mandate.refuse(rule, plan.subject, reason.zh, reason.en)
