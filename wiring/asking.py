"""Asking for work, as a permitted act: who may is checked here, and again when it is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation.store import Scope
from foundation.values.month import Month
from foundation.work.runs import Job, Json
from governance.authority import Act, Mandate, acting
from governance.errors import NotFound
from wiring.kinds import APPLY, CLOSE, COLLECT, RUNBOOK
from wiring.work import ask

if TYPE_CHECKING:
    from wiring.application import Application


@dataclass(frozen=True, slots=True)
class Asked:
    """A run's id, and the asker's scope to follow it in."""

    run: str
    scope: Scope


def ask_to_apply(application: Application, token: str, environment: str, digest: str) -> Asked:
    """Ask for the plan with that digest to be run. Raises ``Refused``, ``NotFound``."""
    from infra.deployments import newest_plan

    with acting(application.office, token, Act.PLAN_APPLY, f"plan:{digest}") as mandate:
        plan = newest_plan(mandate.transaction, mandate.scope, environment=environment, digest=digest)
        if plan is None:
            raise NotFound(what_zh="计划", what_en="plan", key=digest[:12])
        inputs = {"environment": environment, "digest": digest}
        return _ask(application, mandate, APPLY, f"environment:{environment}", inputs, agency=plan.agency)


def ask_for_runbook(application: Application, token: str, runbook: str, environment: str) -> Asked:
    """Ask for a runbook to be run on an environment. Raises ``Refused``, ``UnknownRunbook``."""
    from infra.deployments import newest_plan
    from runbooks import RUNBOOKS, UnknownRunbook

    if runbook not in RUNBOOKS:
        raise UnknownRunbook(runbook=runbook, known=", ".join(RUNBOOKS))
    subject = f"environment:{environment}"
    with acting(application.office, token, Act.RUNBOOK_RUN, subject) as mandate:
        plan = newest_plan(mandate.transaction, mandate.scope, environment=environment)
        agency = "" if plan is None else plan.agency
        inputs = {"runbook": runbook, "environment": environment}
        return _ask(application, mandate, RUNBOOK, subject, inputs, agency=agency)


def ask_to_collect(application: Application, token: str, month: Month) -> Asked:
    """Ask for a month's allocation to be collected. Raises ``Refused``."""
    with acting(application.office, token, Act.USAGE_COLLECT, f"usage-month:{month}") as mandate:
        return _ask(application, mandate, COLLECT, f"usage-month:{month}", {"month": str(month)})


def ask_to_close(application: Application, token: str, month: Month) -> Asked:
    """Ask for a month's days to be closed. Raises ``Refused``."""
    with acting(application.office, token, Act.DAY_CLOSE, f"usage-month:{month}") as mandate:
        return _ask(application, mandate, CLOSE, f"usage-month:{month}", {"month": str(month)})


def _ask(
    application: Application,
    mandate: Mandate,
    kind: str,
    subject: str,
    inputs: Mapping[str, Json],
    *,
    agency: str = "",
) -> Asked:
    job = Job(
        kind=kind,
        inputs=inputs,
        key=application.office.ids("ask"),
        agency=agency,
        subject=subject,
        account=mandate.actor.account,
        person=mandate.actor.person,
    )
    return Asked(ask(mandate, application, job), mandate.scope)
