"""A plan as it is read: the changes, what they cost, what the guardrails say, who has to approve; frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from infra.deployments.coverage import GUARDRAIL
from infra.deployments.model import Coverage, Plan, Reason
from infra.engine.model import Operation, PlannedStep, plan_from_document
from infra.guardrails import Judgement
from infra.views.costs import CostDifference
from infra.views.values import PropertyChange, changes_of


class Approver(StrEnum):
    """Who has to say yes before the plan may be applied."""

    NOBODY_MORE = "covered"
    SECOND_OPERATOR = "second-operator"
    NOBODY_MAY = "forbidden"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "covered": "在申请的批准范围之内,无须另行批准",
            "second-operator": "须运营中心另一人批准",
            "forbidden": "不得批准或执行",
        }[self.value]

    @property
    def en(self) -> str:
        """In English."""
        return {
            "covered": "covered by the request's approval, nobody else is needed",
            "second-operator": "a second person of the operator must approve",
            "forbidden": "may be neither approved nor applied",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that the plan touches. ``reasons`` are the properties that force a replacement, ``adopts`` the id
    of what exists already and becomes this resource."""

    urn: str
    kind: str
    name: str
    operation: Operation
    properties: tuple[PropertyChange, ...]
    reasons: tuple[str, ...]
    adopts: str = ""


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything that is shown of a plan. ``approved``: the second person has approved it already.

    ``picture`` is the environment's picture as SVG, empty where none was drawn. ``warnings`` stand in nobody's way.
    """

    environment: str
    agency: str
    system: str
    project: str
    fund_source: str
    request: str
    digest: str
    spec_digest: str
    planned_at: datetime
    risk: str
    risk_zh: str
    terminate: bool
    changes: tuple[Change, ...]
    unchanged: int
    cost: CostDifference
    judgement: Judgement
    approver: Approver
    reasons: tuple[Reason, ...]
    approved: bool = False
    picture: str = ""
    warnings: tuple[Reason, ...] = ()

    @property
    def short_reasons(self) -> tuple[Reason, ...]:
        """The reasons, those of guardrails as one: their findings are told in full beside them."""
        rules = sorted({finding.rule for finding in self.judgement.blocking})
        others = tuple(one for one in self.reasons if one.code != GUARDRAIL)
        if len(others) == len(self.reasons):
            return others
        named = ", ".join(rules)
        return (Reason(GUARDRAIL, f"护栏拒绝:{named}", f"guardrails block it: {named}"), *others)

    def of(self, operation: Operation) -> tuple[Change, ...]:
        """The changes of one operation, by kind and name."""
        return tuple(one for one in self.changes if one.operation is operation)


def plan_view(
    plan: Plan,
    coverage: Coverage,
    judgement: Judgement,
    cost: CostDifference,
    *,
    approved: bool = False,
    picture: str = "",
) -> PlanView:
    """The view of a plan on record. ``coverage`` already counts what the judgement blocks."""
    steps = plan_from_document(plan.document).steps
    touched = sorted(
        (step for step in steps if step.operation is not Operation.SAME), key=lambda one: (one.kind, one.name, one.urn)
    )
    return PlanView(
        environment=plan.environment,
        agency=plan.agency,
        system=plan.spec.system,
        project=plan.spec.project,
        fund_source=plan.spec.fund_source,
        request=plan.request,
        digest=plan.digest,
        spec_digest=plan.spec_digest,
        planned_at=plan.planned_at,
        risk=plan.risk.value,
        risk_zh=plan.risk.zh,
        terminate=plan.terminate,
        changes=tuple(_change(step) for step in touched),
        unchanged=len(steps) - len(touched),
        cost=cost,
        judgement=judgement,
        approver=_approver(coverage),
        reasons=(*coverage.forbidden, *coverage.reasons),
        approved=approved,
        picture=picture,
        warnings=plan.warnings,
    )


def _approver(coverage: Coverage) -> Approver:
    if coverage.forbidden:
        return Approver.NOBODY_MAY
    return Approver.SECOND_OPERATOR if coverage.reasons else Approver.NOBODY_MORE


def _change(step: PlannedStep) -> Change:
    adopts = str(step.before.get("id", "")) if step.operation is Operation.ADOPT else ""
    return Change(step.urn, step.kind, step.name, step.operation, changes_of(step), step.replace_reasons, adopts)
