"""Judging a plan: every rule over it, how severe each finding is here, and which of them an exemption lets pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from infra.engine.model import Operation, PlannedStep, PlanSummary
from infra.guardrails.model import ENVIRONMENT, Context, Exemption, GuardrailFinding, Hit, Judgement, Rule
from infra.guardrails.policy import Severity
from infra.guardrails.rules.table import RULES


def judge(plan: PlanSummary, context: Context, exemptions: Iterable[Exemption] = ()) -> Judgement:
    """What the guardrails say of the plan; ``exemptions`` are those that hold at the instant of the judgement.

    Pure, and the same whatever the order of the steps. What was so before and is not touched by the plan warns only:
    a plan that puts other things right is not held up by it.
    """
    # Steps have no order of their own: a rule that stops at the first of several must stop at the same one.
    ordered = replace(plan, steps=tuple(sorted(plan.steps, key=lambda step: step.urn)))
    found = {_finding(rule, hit, ordered, context) for rule in RULES for hit in rule.check(ordered, context)}
    standing = sorted(exemptions, key=lambda one: one.id)
    judged = (_exempted(finding, plan.environment, standing) for finding in found)
    return Judgement(plan=plan.digest, policy=context.policy.version, findings=tuple(sorted(judged, key=_order)))


def _finding(rule: Rule, hit: Hit, plan: PlanSummary, context: Context) -> GuardrailFinding:
    steps = hit.rests_on or (() if hit.step is None else (hit.step,))
    untouched = bool(steps) and all(step.operation is Operation.SAME for step in steps)
    asked = context.policy.severity(rule.id, context.zone, context.protection, context.baseline)
    severity = Severity.WARN if untouched else asked
    urn, kind, name = _place(hit.step, plan.environment)
    return GuardrailFinding(
        rule=rule.id,
        severity=severity,
        urn=urn,
        kind=kind,
        name=name,
        path=hit.path,
        found=hit.found,
        zh=rule.zh,
        en=rule.en,
        remedy_zh=rule.remedy_zh,
        remedy_en=rule.remedy_en,
        untouched=untouched,
    )


def _place(step: PlannedStep | None, environment: str) -> tuple[str, str, str]:
    return ("", ENVIRONMENT, environment) if step is None else (step.urn, step.kind, step.name)


def _exempted(finding: GuardrailFinding, environment: str, exemptions: Iterable[Exemption]) -> GuardrailFinding:
    exemptible = next(rule for rule in RULES if rule.id == finding.rule).exemptible
    for one in exemptions:
        if exemptible and one.covers(environment, finding):
            return replace(finding, exemption=one.id)
    return finding


def _order(finding: GuardrailFinding) -> tuple[object, ...]:
    return (
        not finding.blocks,
        finding.severity is not Severity.BLOCK,
        finding.rule,
        finding.kind,
        finding.name,
        finding.path,
        finding.found,
        finding.urn,
    )
