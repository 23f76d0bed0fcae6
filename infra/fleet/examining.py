"""Which environments may be worked on now, and which wait for somebody's word. Looks in bulk, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from foundation.store import Scope, Transaction
from governance.authority import Act, decisions_on
from infra.fleet.model import Action, MemberState, Verdict
from infra.fleet.ports import Candidate

if TYPE_CHECKING:
    from infra.deployments import ApprovedEnvironment, Deployment, Plan

AT_ONCE = 100
"""Environments looked at together: a plan's document is large."""
WAITS_FOR_APPROVAL = "fleet.waiting-for-approval"
FORBIDDEN = "fleet.forbidden"
_APPLYING = frozenset({Action.APPLY, Action.DESTROY})


def verdicts(
    transaction: Transaction, scope: Scope, action: Action, candidates: Sequence[Candidate]
) -> Mapping[str, Verdict]:
    """Environment → whether it may take part. By a number of queries that grows with ``AT_ONCE`` environments only."""
    from infra.deployments import newest_deployments, newest_plans

    found: dict[str, Verdict] = {}
    for start in range(0, len(candidates), AT_ONCE):
        some = candidates[start : start + AT_ONCE]
        names = [one.environment for one in some]
        plans = newest_plans(transaction, scope, names) if action in _APPLYING else {}
        deployed = {} if action is Action.PLAN else newest_deployments(transaction, scope, names)
        subjects = [plan.subject for plan in plans.values()]
        approved = {
            (one.subject, one.digest)
            for one in (decisions_on(transaction, *subjects) if subjects else ())
            if one.act is Act.PLAN_APPROVE
        }
        for one in some:
            plan, last = plans.get(one.environment), deployed.get(one.environment)
            seconded = plan is not None and (plan.subject, plan.digest) in approved
            found[one.environment] = verdict(action, one.approved, plan, last, seconded=seconded)
    return found


def verdict(
    action: Action,
    approved: ApprovedEnvironment | None,
    plan: Plan | None,
    last: Deployment | None,
    *,
    seconded: bool,
) -> Verdict:
    """Whether an environment may take part. ``last`` is its newest deployment, ``seconded`` whether a second operator
    person approved ``plan``. Who may carry it out is checked again when it is."""
    if action is Action.REFRESH and last is None:
        return _skipped("fleet.never-deployed", "从未部署", "it was never deployed")
    if action is Action.REFRESH or (action is Action.PLAN and approved is not None):
        return Verdict(MemberState.WAITING)
    if approved is None:
        return _held("infra.nothing-approved", "没有批准的环境说明", "nothing is approved for it")
    if action is Action.DESTROY and not approved.terminate:
        return _held("fleet.no-termination", "没有批准终止该环境", "no termination of it is approved")
    if action is Action.APPLY and approved.terminate:
        return _held(
            "fleet.ends",
            "批准的是终止该环境:请用 guanyun fleet destroy",
            "what is approved ends it: use guanyun fleet destroy",
        )
    return _of_plan(approved, plan, last, seconded=seconded)


def _of_plan(approved: ApprovedEnvironment, plan: Plan | None, last: Deployment | None, *, seconded: bool) -> Verdict:
    from infra.deployments import DeploymentState
    from infra.deployments.coverage import coverage

    if plan is None:
        return _held("fleet.no-plan", "没有计划:guanyun fleet plan", "there is no plan: guanyun fleet plan")
    covered = coverage(plan, approved)
    if covered.forbidden:
        first = covered.forbidden[0]
        return _held(FORBIDDEN, first.zh, first.en, plan.digest)
    if last is not None and last.plan == plan.id and last.state is DeploymentState.ENDED:
        return _skipped("fleet.applied", "计划早已执行", "its plan was applied before")
    if last is not None and last.plan == plan.id and last.state is not DeploymentState.RUNNING:
        return _held("infra.plan-superseded", "计划已作废,须重新计划", "its plan is over: plan again", plan.digest)
    if covered.reasons and not seconded:
        zh = ";".join(reason.zh for reason in covered.reasons)
        en = "; ".join(reason.en for reason in covered.reasons)
        return _held(WAITS_FOR_APPROVAL, f"等待另一名运营人员批准:{zh}", f"waiting for approval: {en}", plan.digest)
    return Verdict(MemberState.WAITING, plan.digest)


def _held(code: str, zh: str, en: str, digest: str = "") -> Verdict:
    return Verdict(MemberState.HELD, digest, code, zh, en)


def _skipped(code: str, zh: str, en: str) -> Verdict:
    return Verdict(MemberState.SKIPPED, "", code, zh, en)
