"""Finishing: the steps that bring a deployment to its end after its run died, and the record of that end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.work import Event, Lease, check_held, publish
from governance import audit
from governance.audit import AuditEvent
from governance.authority import machine_scope
from infra.deployments.deployer import Deployer
from infra.deployments.errors import DeploymentUnfinished, ResourcesMissing
from infra.deployments.model import Applied, Deployment, DeploymentState, Plan
from infra.deployments.outcome import ended_payload, topic_of
from infra.deployments.tables import Ending, end_deployment
from infra.engine.errors import PlanChanged
from infra.engine.model import Outputs
from infra.engine.resume import (
    RESUME_STEPS,
    OrphanReport,
    ResumeContext,
    ResumeStep,
    StepResult,
    Unfinished,
    compare_with_state,
)
from infra.ports import OnProgress

OnStep = Callable[[ResumeStep, StepResult], None]


@dataclass
class Resumption:
    """A deployment under the environment's lease, to be finished step by step; every step may be run again."""

    deployer: Deployer
    lease: Lease
    plan: Plan
    deployment: Deployment
    progress: OnProgress | None = None
    results: dict[str, StepResult] = field(default_factory=dict)

    @property
    def unfinished(self) -> bool:
        """Whether there is an end to reach."""
        return self.deployment.state is DeploymentState.RUNNING

    @property
    def locked(self) -> bool:
        """Whether the engine's lock of a dead run is there."""
        return bool(self.deployer.engine.locks(self.plan.environment))

    @property
    def steps(self) -> tuple[ResumeStep, ...]:
        """The steps, in the order they must be run."""
        return tuple(replace(step, run=self._destroy) if self._ends(step) else step for step in RESUME_STEPS)

    def run(self, step: ResumeStep) -> StepResult:
        """Run one step."""
        context = ResumeContext(
            engine=self.deployer.engine,
            sweep=self.deployer.sweep,
            unfinished=Unfinished(self.plan.buildable, self.deployment.id, self.plan.digest),
            progress=self.progress,
        )
        try:
            result = step.run(context)
        except PlanChanged as changed:
            # It was stopped before its plan was settled, and the cloud has moved since.
            if compare(self.deployer, self.plan.environment).clean:
                refuse_changed(self.deployer, self.lease, self.plan, self.deployment, changed)
            raise
        self.results[step.name] = result
        return result

    @property
    def report(self) -> OrphanReport | None:
        """The last comparison of cloud and state."""
        compared = self.results.get("compare")
        return None if compared is None else compared.report

    def end(self) -> Applied:
        """Put the end on record, after every step was run; raises ``ResourcesMissing``."""
        report, outcome = self.report, self.results["finish"].outcome
        if report is None:
            report = compare(self.deployer, self.plan.environment)
        outputs = {} if outcome is None else outcome.state.outputs
        return record_end(self.deployer, self.lease, self.plan, self.deployment, outputs, report)

    def _ends(self, step: ResumeStep) -> bool:
        return self.plan.terminate and step.name == "finish"

    def _destroy(self, context: ResumeContext) -> StepResult:
        destroy(self.deployer, self.plan, self.deployment, progress=context.progress)
        return StepResult("finish", ("everything in the environment was deleted",))


def destroy(deployer: Deployer, plan: Plan, deployment: Deployment, *, progress: OnProgress | None) -> None:
    """Delete every resource of the environment; nothing where it was never deployed."""
    if deployer.engine.state(plan.environment).ids:
        deployer.engine.destroy(plan.environment, deployment=deployment.id, progress=progress)


def finish(resumption: Resumption, *, on_step: OnStep | None = None) -> Applied:
    """Run every step and put the end on record."""
    for step in resumption.steps:
        result = resumption.run(step)
        if on_step is not None:
            on_step(step, result)
    return resumption.end()


def compare(deployer: Deployer, environment: str) -> OrphanReport:
    """Everything in the cloud with the environment's tag or name against the engine's state."""
    return compare_with_state(environment, deployer.sweep(environment), deployer.engine.state_ids(environment))


def record_end(
    deployer: Deployer,
    lease: Lease,
    plan: Plan,
    deployment: Deployment,
    outputs: Outputs,
    report: OrphanReport | None,
) -> Applied:
    """The end of a deployment, its audit entry and its event, in one transaction that checks the lease's number.

    It needs no login: the act was permitted when the run began, and a run may outlast a session. ``deployment``
    names the person who runs it now. ``report`` compares cloud and state where the run was resumed or ends the
    environment.
    """
    if report is not None and report.missing:
        missing = sorted(one for ids in report.missing.values() for one in ids)
        raise ResourcesMissing(environment=plan.environment, missing=", ".join(missing[:10]))
    exist = {} if plan.terminate else {kind: dict(named) for kind, named in outputs.items()}
    office = deployer.office
    with office.store.transaction() as transaction:
        ended = close_deployment(
            deployer,
            transaction,
            lease,
            deployment,
            DeploymentState.ENDED,
            outputs=exist,
            facts={
                "plan": plan.id,
                "spec_digest": plan.spec_digest,
                "outputs": sha256_hex(canonical_bytes(exist)),
                **({} if report is None else {"orphans": {kind: sorted(ids) for kind, ids in report.orphans.items()}}),
            },
        )
        if ended is not None:
            payload = ended_payload(plan, ended, exist, ended.instant or office.clocks.business(transaction))
            publish(
                transaction, Event(topic_of(plan), f"environment:{plan.environment}", payload), clock=office.clocks.real
            )
    deployer.engine.end_deployment(deployment.id)
    return Applied(ended or deployment, new=ended is not None, report=report)


def close_deployment(
    deployer: Deployer,
    transaction: Transaction,
    lease: Lease,
    deployment: Deployment,
    state: DeploymentState,
    *,
    facts: Mapping[str, Any],
    outputs: Outputs | None = None,
    event: AuditEvent = AuditEvent.DEPLOYMENT_ENDED,
) -> Deployment | None:
    """Write that a deployment is over, with its audit entry; None where that is on record already."""
    check_held(transaction, lease)
    instant, real = deployer.office.clocks.business(transaction), deployer.office.clocks.real()
    ending = Ending(state, real, instant, outputs or {})
    if not end_deployment(transaction, machine_scope(), deployment.id, ending):
        return None
    audit.append(
        transaction,
        event,
        subject=f"deployment:{deployment.id}",
        facts={"environment": deployment.environment, "digest": deployment.digest, "state": state.value, **facts},
        recorded_at=real,
        business_at=instant,
        person=deployment.person,
        account=deployment.account,
    )
    return replace(deployment, state=state, ended_at=real, instant=instant, outputs=ending.outputs)


def refuse_changed(deployer: Deployer, lease: Lease, plan: Plan, deployment: Deployment, changed: PlanChanged) -> None:
    """End a deployment that made nothing, because its plan is no longer the approved one."""
    with deployer.office.store.transaction() as transaction:
        close_deployment(
            deployer,
            transaction,
            lease,
            deployment,
            DeploymentState.REFUSED,
            facts={"plan": plan.id, "found": changed.facts["found"]},
            event=AuditEvent.PLAN_REFUSED,
        )
    deployer.engine.end_deployment(deployment.id)


def give_up(resumption: Resumption) -> None:
    """End a deployment that cannot or shall not finish, once the state knows all it made.

    What it made stays: the next plan is computed from it. Raises ``DeploymentUnfinished`` where the cloud holds what
    the state does not know: then only finishing it can adopt that.
    """
    for step in resumption.steps:
        if step.name != "finish":
            resumption.run(step)
    report, deployment = resumption.report, resumption.deployment
    if report is None or not report.clean:
        found = resumption.results["compare"].found
        raise DeploymentUnfinished(
            environment=deployment.environment, deployment=deployment.id, found="; ".join(found[:5])
        )
    with resumption.deployer.office.store.transaction() as transaction:
        close_deployment(
            resumption.deployer,
            transaction,
            resumption.lease,
            deployment,
            DeploymentState.GIVEN_UP,
            facts={"plan": resumption.plan.id},
        )
    resumption.deployer.engine.end_deployment(deployment.id)
