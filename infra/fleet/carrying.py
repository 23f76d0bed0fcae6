"""Carrying out one member's run: one step, which the use cases of deployments do and may repeat."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from foundation.store import Transaction
from foundation.work import Event, LeaseHeld, LeaseLost, publish
from foundation.work.runs import Backoff, Flow, Json, Kind, Steps
from governance.errors import Refused
from infra.fleet.advancing import KIND
from infra.fleet.examining import FORBIDDEN
from infra.fleet.model import Action
from infra.fleet.ports import Hands
from infra.topics import FLEET_MEMBER_ENDED

if TYPE_CHECKING:
    from infra.deployments import Deployer
    from infra.ports import OnProgress

_ATTEMPTS = 10
_AWAITS_A_WORD = frozenset({"I01", "I02", "I04"})
"""Why a plan is not applied that somebody's word may change: another approval, a second person, an exemption."""
_BACKOFF = Backoff(first=timedelta(seconds=5), most=timedelta(minutes=1))
"""Some six minutes for whoever else holds the environment; an error of the engine ends the run at its first try."""


def member_kind(hands: Hands, *, concurrency: int = 8, for_one_agency: int | None = 4) -> Kind:
    """The kind ``fleet.member``: ``concurrency`` over all workers and operations, ``for_one_agency`` within it."""
    return Kind(
        KIND,
        "批量作业的环境",
        "environment of a fleet operation",
        member_flow(hands),
        concurrency=concurrency,
        for_one_agency=for_one_agency,
        attempts=_ATTEMPTS,
        backoff=_BACKOFF,
        transient=(LeaseHeld, LeaseLost),
    )


def member_flow(hands: Hands) -> Flow:
    """The flow of the kind ``fleet.member``. Inputs: ``operation``, ``action``, ``environment``, ``digest``, ``asked``.

    That it has ended well is said in the transaction that puts its step on record; how it ended otherwise, the run's
    own events say.
    """

    def flow(steps: Steps) -> Json:
        inputs = steps.run.inputs
        action, environment = Action(inputs["action"]), str(inputs["environment"])

        def do() -> Json:
            with hands.token(steps, inputs["asked"]) as token:
                try:
                    return work_on(
                        hands.deployer(), token, action, environment, inputs["digest"], progress=hands.progress(steps)
                    )
                except Refused as refused:
                    if action is Action.APPLY and refused.facts["rule"] in _AWAITS_A_WORD:
                        return {"held": {"reason": refused.code, "zh": refused.text("zh"), "en": refused.text("en")}}
                    raise

        def record(transaction: Transaction, outcome: Json) -> None:
            payload = {"run": steps.run.id, "environment": environment, "outcome": outcome}
            publish(transaction, Event(FLEET_MEMBER_ENDED, f"fleet:{inputs['operation']}", payload), clock=hands.clock)

        return steps.idempotent(action.value, do, key=f"{environment}/{inputs['digest']}", record=record)

    return flow


def work_on(
    deployer: Deployer,
    token: str,
    action: Action,
    environment: str,
    digest: str,
    *,
    progress: OnProgress | None = None,
) -> dict[str, Json]:
    """Do the action to one environment; what came of it as plain JSON. Errors as the use cases of deployments."""
    # Whoever only listens to the end of a run, every command that commits, needs no engine in memory.
    from infra.deployments import apply_plan, plan_environment
    from infra.fleet.refreshing import refresh_environment

    if action is Action.REFRESH:
        return refresh_environment(deployer, token, environment, progress=progress)
    if action is Action.PLAN:
        planned = plan_environment(deployer, token, environment, progress=progress)
        forbidden = planned.coverage.forbidden
        # Recorded, and of no use until somebody's word changes what forbids it: as when it is applied.
        held = {"held": {"reason": FORBIDDEN, "zh": forbidden[0].zh, "en": forbidden[0].en}} if forbidden else {}
        return {
            **held,
            "digest": planned.plan.digest,
            "risk": planned.plan.risk.value,
            "cost": planned.plan.cost,
            "changes": 0 if planned.up_to_date else len(planned.plan.steps),
            "needs": sorted({reason.code for reason in planned.coverage.reasons}),
            "forbidden": sorted({reason.code for reason in forbidden}),
        }
    applied = apply_plan(deployer, token, environment, digest, progress=progress)
    return {
        "deployment": applied.deployment.id,
        "state": applied.deployment.state.value,
        "attempts": applied.deployment.attempts,
        "resources": sum(len(names) for names in applied.deployment.outputs.values()),
    }
