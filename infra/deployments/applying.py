"""Applying: an approved plan becomes resources, once, whatever is killed in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from foundation.work import Lease
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, acting, decisions_on
from governance.errors import NotFound
from infra.deployments.coverage import coverage
from infra.deployments.deployer import Deployer
from infra.deployments.errors import DeploymentUnfinished, PlanSuperseded
from infra.deployments.finishing import OnStep, Resumption, compare, destroy, finish, record_end, refuse_changed
from infra.deployments.model import Applied, Deployment, DeploymentState, Plan, approval_of
from infra.deployments.outcome import termination
from infra.deployments.planning import refuse_forbidden
from infra.deployments.tables import (
    cloud_of,
    count_attempt,
    insert_deployment,
    newest_deployment,
    newest_plan,
    plan_of,
)
from infra.engine.errors import PlanChanged
from infra.engine.model import StackState
from infra.ports import OnProgress

_DECIDING = frozenset({Act.PLAN_APPROVE, Act.REQUEST_APPROVE, Act.LANDING_ZONE_APPROVE})


@dataclass(frozen=True, slots=True)
class _Begun:
    """A deployment that may run now; ``resumed`` if an earlier attempt did not end, ``over`` if it has ended."""

    plan: Plan
    deployment: Deployment
    resumed: bool = False
    over: bool = False


def apply_plan(
    deployer: Deployer,
    token: str,
    environment: str,
    digest: str,
    *,
    progress: OnProgress | None = None,
    on_step: OnStep | None = None,
) -> Applied:
    """Run the plan with that digest to its end; running again after any interruption finishes it.

    A plan already applied, with nothing applied since, changes nothing. ``on_step`` hears of the resume's steps.
    Raises ``Refused``, ``PlanChanged`` (nothing was touched), ``PlanSuperseded``, ``DeploymentUnfinished``,
    ``DifferentCloud``, ``StateUnreadable``, ``LeaseHeld``, ``NotFound`` and the engine's errors (the deployment then
    stays unfinished).
    """
    with deployer.holding(environment) as lease:
        with acting(deployer.office, token, Act.PLAN_APPLY, f"plan:{digest}") as mandate:
            plan = newest_plan(mandate.transaction, mandate.scope, environment=environment, digest=digest)
            recorded = cloud_of(mandate.transaction, mandate.scope, environment)
        if plan is None:
            raise NotFound(what_zh="计划", what_en="plan", key=digest[:12])
        deployer.check_cloud(token, Act.PLAN_APPLY, environment, plan.agency, recorded=recorded)
        deployer.engine.check_state(environment)
        with acting(deployer.office, token, Act.PLAN_APPLY, plan.subject) as mandate:
            begun = _begin(deployer, mandate, plan)
        if begun.over:
            return Applied(begun.deployment, new=False)
        if begun.resumed:
            return finish(Resumption(deployer, lease, plan, begun.deployment, progress), on_step=on_step)
        return _run(deployer, lease, plan, begun.deployment, progress)


def _begin(deployer: Deployer, mandate: Mandate, plan: Plan) -> _Begun:
    transaction, scope, environment = mandate.transaction, mandate.scope, plan.environment
    running = newest_deployment(transaction, scope, environment, state=DeploymentState.RUNNING)
    if running is not None and running.plan != plan.id:
        raise DeploymentUnfinished(environment=environment, deployment=running.id, found=f"plan {running.digest[:12]}")
    if running is not None:
        return _Begun(plan, _resume(mandate, plan, running), resumed=True)
    last = newest_deployment(transaction, scope, environment, state=DeploymentState.ENDED)
    if last is not None and last.plan == plan.id:
        return _Begun(plan, last, over=True)
    newest = newest_plan(transaction, scope, environment=environment)
    used = newest_deployment(transaction, scope, environment, plan=plan.id)
    if newest is None or newest.id != plan.id or used is not None:
        raise PlanSuperseded(environment=environment, digest=plan.digest[:12])
    _check_approved(deployer, mandate, plan)
    mandate.decide(plan.subject, digest=plan.digest, rests_on=(plan.approval[1],))
    deployment = Deployment(
        number=0,
        id=deployer.office.ids("deployment"),
        environment=environment,
        agency=plan.agency,
        plan=plan.id,
        digest=plan.digest,
        state=DeploymentState.RUNNING,
        attempts=1,
        person=mandate.actor.person,
        account=mandate.actor.account,
        started_at=mandate.recorded_at,
        ended_at=None,
        instant=None,
        outputs={},
    )
    insert_deployment(transaction, deployment)
    mandate.audit(
        AuditEvent.DEPLOYMENT_STARTED,
        f"deployment:{deployment.id}",
        {"environment": environment, "plan": plan.id, "digest": plan.digest},
    )
    return _Begun(plan, deployment)


def _check_approved(deployer: Deployer, mandate: Mandate, plan: Plan) -> None:
    """Raise ``Refused`` unless the request's approval covers the plan or a second operator person approved it.

    Both words are checked again here, where they are carried out: who gave them may have changed sides since.
    """
    approved = deployer.approved(mandate.transaction, plan.environment)
    refuse_forbidden(deployer, mandate, plan, approved)
    act, request = approval_of(approved.spec, approved.request)
    mandate.rely_on(act, request, digest=approved.spec_digest, owner=plan.agency)
    reasons = coverage(plan, approved).reasons
    if not reasons:
        return
    if mandate.rely_on(Act.PLAN_APPROVE, plan.subject, digest=plan.digest, rests_on=(request,)) is None:
        raise mandate.refuse(
            "I02",
            plan.subject,
            f"须由运营中心另一人批准该计划:{';'.join(reason.zh for reason in reasons)}",
            f"a second operator person must approve the plan: {'; '.join(reason.en for reason in reasons)}",
        )


def _resume(mandate: Mandate, plan: Plan, running: Deployment) -> Deployment:
    """Put on record that another attempt begins; the deployment, with the person who makes it."""
    decided = decisions_on(mandate.transaction, plan.subject, plan.approval[1])
    if any(one.act in _DECIDING and one.person == mandate.actor.person for one in decided):
        raise mandate.refuse(
            "I03",
            plan.subject,
            "你批准了该计划或申请,不得执行其部署",
            "you approved the plan or its request, and may not carry it out",
        )
    count_attempt(mandate.transaction, mandate.scope, running)
    mandate.audit(
        AuditEvent.DEPLOYMENT_RESUMED,
        f"deployment:{running.id}",
        {"environment": running.environment, "digest": running.digest, "attempt": running.attempts + 1},
    )
    actor = mandate.actor
    return replace(running, attempts=running.attempts + 1, person=actor.person, account=actor.account)


@contextmanager
def resuming(
    deployer: Deployer, token: str, act: Act, environment: str, *, progress: OnProgress | None = None
) -> Iterator[Resumption | None]:
    """Hold the environment and give its newest deployment, to finish where it did not end; None if never deployed.

    For a runbook, which runs the steps one by one. Errors as ``apply_plan``.
    """
    with deployer.holding(environment) as lease:
        with acting(deployer.office, token, act, f"environment:{environment}") as mandate:
            newest = newest_deployment(mandate.transaction, mandate.scope, environment)
            plan = None if newest is None else plan_of(mandate.transaction, mandate.scope, newest.plan)
        if newest is None or plan is None:
            yield None
            return
        deployer.check_cloud(token, act, environment, plan.agency)
        if newest.state is DeploymentState.RUNNING:
            with acting(deployer.office, token, act, f"environment:{environment}") as mandate:
                newest = _resume(mandate, plan, newest)
        yield Resumption(deployer, lease, plan, newest, progress)


def _run(deployer: Deployer, lease: Lease, plan: Plan, deployment: Deployment, progress: OnProgress | None) -> Applied:
    deployer.clear(plan.environment)
    try:
        state = _carry_out(deployer, plan, deployment, progress)
    except PlanChanged as changed:
        # The engine compares before it touches anything, so this deployment is over and has made nothing.
        refuse_changed(deployer, lease, plan, deployment, changed)
        raise
    # A run that nobody killed has told the state of all it made: there is nothing to look for that it could have left.
    # What ends an environment is looked at whole, and what others do to one each night (``infra.drift``).
    report = compare(deployer, plan.environment) if plan.terminate else None
    return record_end(deployer, lease, plan, deployment, state.outputs, report)


def _carry_out(deployer: Deployer, plan: Plan, deployment: Deployment, progress: OnProgress | None) -> StackState:
    engine = deployer.engine
    if not plan.terminate:
        return engine.apply(plan.buildable, approved=plan.digest, deployment=deployment.id, progress=progress).state
    before = engine.state(plan.environment)
    found = termination(before, plan.spec_digest)
    if found.digest != plan.digest:
        raise PlanChanged(
            environment=plan.environment,
            approved=plan.digest[:12],
            found=found.digest[:12],
            changes=f"{len(found.steps)} resources to delete",
        )
    destroy(deployer, plan, deployment, progress=progress)
    return engine.state(plan.environment)
