"""Asking for work, as a permitted act: who may is checked here, and again when it is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foundation.store import Scope
from foundation.work.runs import Job
from governance.authority import Act, acting
from governance.errors import NotFound
from wiring.kinds import APPLY
from wiring.work import ask

if TYPE_CHECKING:
    from wiring.application import Application


def ask_to_apply(application: Application, token: str, environment: str, digest: str) -> tuple[str, Scope]:
    """Ask for the plan with that digest to be run: the run's id, and the asker's scope to follow it in.

    Raises ``Refused``, ``NotFound``.
    """
    from infra.deployments import newest_plan

    with acting(application.office, token, Act.PLAN_APPLY, f"plan:{digest}") as mandate:
        plan = newest_plan(mandate.transaction, mandate.scope, environment=environment, digest=digest)
        if plan is None:
            raise NotFound(what_zh="计划", what_en="plan", key=digest[:12])
        job = Job(
            kind=APPLY,
            inputs={"environment": environment, "digest": digest},
            key=application.office.ids("ask"),
            agency=plan.agency,
            subject=f"environment:{environment}",
            account=mandate.actor.account,
            person=mandate.actor.person,
        )
        return ask(mandate, application, job), mandate.scope
