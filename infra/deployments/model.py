"""Plans and deployments on record, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from governance.authority import Act
from governance.environments import EnvironmentSpec
from infra.cloud import CloudIdentity
from infra.components import NO_GROUND, Buildable, Ground, Grounded, Spec
from infra.engine.model import Operation, Outputs, PlanSummary
from infra.engine.resume import OrphanReport
from infra.guardrails import DATA_KINDS, Judgement


class Risk(StrEnum):
    """The worst a plan does."""

    NONE = "none"
    ADDS = "adds"
    REPLACES = "replaces"
    DELETES = "deletes"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"none": "无变化", "adds": "仅新建或修改", "replaces": "有替换", "deletes": "有删除"}[self.value]


class DeploymentState(StrEnum):
    """``RUNNING`` until its end is on record, also while nothing runs any more."""

    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a plan, as people read it; values stay in the plan's document."""

    kind: str
    name: str
    operation: str
    changed: tuple[str, ...]
    replace_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request's approval does not cover a plan, or what it leaves out: stable ``code``, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan on record. ``digest`` covers ``document``; ``cost`` is fen a month of the whole environment after it.

    ``id`` tells apart two plans with one digest, made before and after something else was applied. ``request`` is what
    stands approved: a request on an environment, or a proposal of the landing zone. ``ground`` is what the landing
    zone gave the environment when it was planned; it is applied on that, whatever the landing zone is by then.
    """

    number: int
    id: str
    environment: str
    agency: str
    digest: str
    terminate: bool
    request: str
    spec: Spec
    spec_digest: str
    cost: int
    risk: Risk
    steps: tuple[Step, ...]
    document: Mapping[str, Any]
    planned_by: str
    planned_at: datetime
    ground: Ground = NO_GROUND

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"plan:{self.id}"

    @property
    def approval(self) -> tuple[Act, str]:
        """The act that approved what it builds, and its subject."""
        return approval_of(self.spec, self.request)

    @property
    def buildable(self) -> Buildable:
        """What the engine is asked to build: the spec on its ground."""
        return buildable(self.spec, self.ground)

    @property
    def place(self) -> tuple[str, str]:
        """(account, region) that its parts lie in; empty is the credentials' own account, the default region."""
        if isinstance(self.spec, EnvironmentSpec):
            return self.spec.account or self.ground.account, self.spec.region
        return "", self.spec.home_region

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What it leaves out that it would have in another account or cloud."""
        hub = self.ground.unseen_hub
        if not hub or self.terminate:
            return ()
        where = self.ground.account
        return (
            Reason(
                "hub-unseen",
                f"账号 {where} 看不到枢纽的中转网关 {hub}(未与之共享),本环境按不接入枢纽计划,连不到共享服务",
                f"account {where} does not see the hub's transit gateway {hub}, which is not shared with it: "
                "the environment is planned without the hub and does not reach the shared services",
            ),
        )

    @property
    def data_at_risk(self) -> tuple[Step, ...]:
        """The steps that lose data."""
        losing = {Operation.DELETE.value, Operation.REPLACE.value}
        return tuple(step for step in self.steps if step.kind in DATA_KINDS and step.operation in losing)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One execution of a plan, over as many attempts as it takes.

    ``instant`` is the business time of its end, from which the register charges; ``outputs`` the cloud ids by kind
    and name that exist since.
    """

    number: int
    id: str
    environment: str
    agency: str
    plan: str
    digest: str
    state: DeploymentState
    attempts: int
    person: str
    account: str
    started_at: datetime
    ended_at: datetime | None
    instant: datetime | None
    outputs: Outputs


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a plan still needs. No ``reasons``: the request's approval covers it. ``forbidden``: nobody may apply it."""

    reasons: tuple[Reason, ...] = ()
    forbidden: tuple[Reason, ...] = ()

    @property
    def covered(self) -> bool:
        """Whether it may be applied on the request's approval alone."""
        return not (self.reasons or self.forbidden)


@dataclass(frozen=True, slots=True)
class Planned:
    """The answer to a planning: ``new`` if this call recorded it, ``up_to_date`` if there is nothing to apply.

    ``judgement`` is the guardrails'; None for a plan that began and has to be finished, which is not judged again.
    """

    plan: Plan
    coverage: Coverage
    new: bool
    up_to_date: bool
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The answer to an applying: ``new`` if this call ended the deployment.

    ``report`` compares cloud and state where the run was resumed, or ends the environment.
    """

    deployment: Deployment
    new: bool
    report: OrphanReport | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """What is on record: the cloud it was built in, its newest plan, its newest deployment (one may be running).

    ``before`` is the plan that ran before ``plan``: what the environment consisted of then.
    """

    environment: str
    cloud: CloudIdentity | None
    plan: Plan | None
    deployment: Deployment | None
    before: Plan | None = None

    @property
    def unfinished(self) -> bool:
        """Whether a deployment began and its end is not on record."""
        return self.deployment is not None and self.deployment.state is DeploymentState.RUNNING


def approval_of(spec: Spec, request: str) -> tuple[Act, str]:
    """The act by which a spec is approved, and the subject it is taken on."""
    if isinstance(spec, EnvironmentSpec):
        return Act.REQUEST_APPROVE, f"request:{request}"
    return Act.LANDING_ZONE_APPROVE, f"landing-zone:{request}"


def buildable(spec: Spec, ground: Ground) -> Buildable:
    """What the engine is asked to build of a spec on a ground."""
    return Grounded(spec, ground) if isinstance(spec, EnvironmentSpec) and ground != NO_GROUND else spec


def risk_of(summary: PlanSummary) -> Risk:
    """The worst the plan does."""
    if summary.deletes:
        return Risk.DELETES
    if summary.replaces:
        return Risk.REPLACES
    return Risk.ADDS if summary.changes else Risk.NONE


def steps_of(document: Mapping[str, Any]) -> tuple[Step, ...]:
    """The changes in a plan's document, in its order."""
    steps: Sequence[Mapping[str, Any]] = document["steps"]
    return tuple(
        Step(
            kind=step["kind"],
            name=step["name"],
            operation=step["operation"],
            changed=tuple(step["changed"]),
            replace_reasons=tuple(step["replace_reasons"]),
        )
        for step in steps
        if step["operation"] != Operation.SAME.value
    )
