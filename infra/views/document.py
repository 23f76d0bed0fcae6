"""The plan as JSON, in a stable schema.

``schema`` is ``guanyun.plan-view/1``; fields are only ever added under that name. Money is whole fen a month, instants
are UTC texts, digests hexadecimal.

- ``environment agency system project fund_source request digest spec_digest planned_at risk terminate``: the plan.
- ``counts``: ``create adopt update replace delete unchanged``.
- ``changes``: a list of ``{urn, kind, name, operation, adopts, replaced_because, properties}``; ``adopts`` is the
  cloud's id of what exists already, empty where nothing is adopted; ``properties`` is a list of
  ``{property, old, new, replaces}``, whole values as texts, null where the property is not there, ``«secret»`` for a
  secret.
- ``cost``: ``{before, after, difference, items, unpriced}``; ``items`` is a list of ``{service, plan, meter, zh, en,
  before, after, difference, resources_before, resources_after}``, ``unpriced`` of ``{zh, en}``: what has no price.
- ``guardrails``: ``{judgement, policy, findings}``; a finding is ``{rule, severity, blocks, untouched, exemption, kind,
  name, urn, property, found, zh, en, remedy_zh, remedy_en}``.
- ``approval``: ``{who, zh, en, approved, reasons}``; ``who`` is ``covered``, ``second-operator`` or ``forbidden``; a
  reason is ``{code, zh, en}``.
- ``warnings``: a list of ``{code, zh, en}``: what is left out of the environment, and stands in nobody's way.
"""

from __future__ import annotations

from typing import Any

from foundation.evidence import plain
from foundation.values.instant import format_instant
from infra.engine.model import Operation
from infra.guardrails import GuardrailFinding
from infra.views.costs import CostDifference
from infra.views.model import Change, PlanView

SCHEMA = "guanyun.plan-view/1"


def plan_document(told: PlanView) -> dict[str, Any]:
    """The told as plain JSON values."""
    counts = {one.value: len(told.of(one)) for one in Operation if one is not Operation.SAME}
    return {
        "schema": SCHEMA,
        "environment": told.environment,
        "agency": told.agency,
        "system": told.system,
        "project": told.project,
        "fund_source": told.fund_source,
        "request": told.request,
        "digest": told.digest,
        "spec_digest": told.spec_digest,
        "planned_at": format_instant(told.planned_at),
        "risk": told.risk,
        "terminate": told.terminate,
        "counts": counts | {"unchanged": told.unchanged},
        "changes": [_change(one) for one in told.changes],
        "cost": _cost(told.cost),
        "guardrails": {
            "judgement": told.judgement.digest,
            "policy": told.judgement.policy,
            "findings": [_finding(one) for one in told.judgement.findings],
        },
        "approval": {
            "who": told.approver.value,
            "zh": told.approver.zh,
            "en": told.approver.en,
            "approved": told.approved,
            "reasons": plain(told.reasons),
        },
        "warnings": plain(told.warnings),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "urn": change.urn,
        "kind": change.kind,
        "name": change.name,
        "operation": change.operation.value,
        "adopts": change.adopts,
        "replaced_because": list(change.reasons),
        "properties": [
            {"property": one.path, "old": one.old, "new": one.new, "replaces": one.replaces}
            for one in change.properties
        ],
    }


def _cost(cost: CostDifference) -> dict[str, Any]:
    items = [plain(one) | {"difference": one.difference} for one in cost.items]
    return {
        "before": cost.before,
        "after": cost.after,
        "difference": cost.difference,
        "items": items,
        "unpriced": [{"zh": zh, "en": en} for zh, en in cost.unpriced],
    }


def _finding(finding: GuardrailFinding) -> dict[str, Any]:
    told: dict[str, Any] = plain(finding)
    told["property"] = told.pop("path")
    return told | {"blocks": finding.blocks}
