"""What an approval covers: pure rules over a plan and what stands approved."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.values.money import format_yuan
from governance.environments import EnvironmentSpec
from infra.deployments.model import Coverage, Plan, Reason, Risk
from infra.deployments.ports import ApprovedEnvironment
from infra.engine.model import Operation
from infra.guardrails import Judgement

GUARDRAIL = "guardrail"
"""The code of a reason that a guardrail gives."""
_SAID_HERE = "GR-DATA-001"
_ROUTE_DOMAIN = "TransitGatewayRouteTable"


def coverage(plan: Plan, approved: ApprovedEnvironment, judgement: Judgement | None = None) -> Coverage:
    """Whether the request's approval covers the plan, and if not, why a second operator person has to look at it.

    The approval covers what only creates or updates, inside the approved spec and estimate. An end that the agency
    asked for and the bureau approved may delete data; nothing else may. Nor may anybody apply what the guardrails
    block: ``judgement`` is what they say of the plan now.
    """
    blocked = () if judgement is None else tuple(_blocked(judgement))
    return Coverage(reasons=tuple(_reasons(plan, approved)), forbidden=(*_forbidden(plan, approved), *blocked))


def _blocked(judgement: Judgement) -> Iterable[Reason]:
    for finding in judgement.blocking:
        if finding.rule != _SAID_HERE:  # `_forbidden` says it with all that is lost
            where = f"{finding.resource} {finding.path} {finding.found}"
            yield Reason(
                GUARDRAIL,
                f"护栏 {finding.rule} {finding.zh}({where})。{finding.remedy_zh}",
                f"guardrail {finding.rule}: {finding.en} ({where}); {finding.remedy_en}",
            )


def _reasons(plan: Plan, approved: ApprovedEnvironment) -> Iterable[Reason]:
    if plan.terminate:
        yield Reason("terminate", "计划终止整个环境", "the plan ends the whole environment")
    elif plan.risk is Risk.DELETES:
        yield Reason("delete", "计划含删除", "the plan deletes resources")
    elif plan.risk is Risk.REPLACES:
        yield Reason("replace", "计划含替换", "the plan replaces resources")
    elif domains := _routes(plan):
        named = ", ".join(domains)
        yield Reason("routes", f"计划改变路由域 {named}", f"the plan changes who reaches whom: {named}")
    if not plan.terminate and plan.cost > approved.monthly:
        planned, estimated = format_yuan(plan.cost), format_yuan(approved.monthly)
        yield Reason(
            "cost",
            f"计划后每月 {planned} 元,高于批准的估算 {estimated} 元",
            f"{planned} yuan a month after the plan, above the approved estimate of {estimated}",
        )


def _routes(plan: Plan) -> tuple[str, ...]:
    """The route domains of a standing landing zone that the plan changes."""
    if isinstance(plan.spec, EnvironmentSpec):
        return ()
    return tuple(
        step.name for step in plan.steps if step.kind == _ROUTE_DOMAIN and step.operation != Operation.CREATE.value
    )


def _forbidden(plan: Plan, approved: ApprovedEnvironment) -> Iterable[Reason]:
    if (plan.spec_digest, plan.terminate) != (approved.spec_digest, approved.terminate):
        yield Reason(
            "spec",
            f"计划依据的环境说明 {plan.spec_digest[:12]} 不是批准的 {approved.spec_digest[:12]}",
            f"the plan builds spec {plan.spec_digest[:12]}, approved is {approved.spec_digest[:12]}",
        )
    if not plan.terminate and plan.data_at_risk:
        named = ", ".join(f"{step.operation} {step.kind} {step.name}" for step in plan.data_at_risk)
        yield Reason(
            "data",
            f"计划会丢失数据({named}),须由使用单位申请、主管部门批准终止后方可删除",
            f"the plan loses data ({named}); only an approved termination may delete data",
        )
