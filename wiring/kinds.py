"""Every kind of work of the house, with the flow that carries it out. Flows import what they use when they run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from foundation.work import LeaseHeld, LeaseLost
from foundation.work.runs import Flow, Json, Kind, Kinds, Steps
from governance.authority import on_behalf

if TYPE_CHECKING:
    from infra.engine import Progress
    from infra.ports import OnProgress
    from wiring.application import Application

APPLY = "deployment.apply"
_BETWEEN_NOTES = timedelta(seconds=0.5)


def kinds(application: Application) -> Kinds:
    """The kinds this program knows."""
    return Kinds(
        (
            Kind(
                APPLY,
                "部署",
                "deployment",
                _apply(application),
                concurrency=4,
                for_one_agency=2,
                transient=(LeaseHeld, LeaseLost),
            ),
        )
    )


def _apply(application: Application) -> Flow:
    """Run an approved plan to its end. Inputs: ``environment``, ``digest``. One step: a deployment finishes what an
    earlier attempt left, so that doing it again under the plan's digest changes nothing more."""

    def flow(steps: Steps) -> Json:
        environment, digest = steps.run.inputs["environment"], steps.run.inputs["digest"]

        def do() -> Json:
            from infra.deployments import apply_plan
            from wiring.cloud import deployer

            with on_behalf_of(application, steps) as token:
                applied = apply_plan(
                    deployer(application), token, environment, digest, progress=noting(application, steps)
                )
            return {
                "environment": environment,
                "deployment": applied.deployment.id,
                "state": applied.deployment.state.value,
                "attempts": applied.deployment.attempts,
                "resources": sum(len(names) for names in applied.deployment.outputs.values()),
                "new": applied.new,
            }

        return steps.idempotent("apply", do, key=digest)

    return flow


def on_behalf_of(application: Application, steps: Steps) -> AbstractContextManager[str]:
    """A token of whoever asked for the run, for as long as the block takes."""
    from wiring.application import new_token

    return on_behalf(application.office, steps.run.account, work=f"run:{steps.run.id}", token=new_token)


def noting(application: Application, steps: Steps) -> OnProgress:
    """The engine's progress as the run's, a few times a second at most."""
    clock = application.office.clocks.real
    last: list[datetime] = []

    def show(progress: Progress) -> None:
        now = clock()
        if last and now - last[-1] < _BETWEEN_NOTES:
            return
        last[:] = [now]
        said = f"{progress.step} {progress.operation} {progress.kind} {progress.name}"
        steps.note(progress.done, progress.total, said)

    return show
