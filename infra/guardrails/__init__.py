"""Guardrails 护栏 as code: rules over a plan, what they find, exemptions that expire, and the judgement of a plan.

Owns the rules, their parameters (``policy.yaml``), exemptions and the record of judgements. Does not plan, approve or
apply: ``infra.deployments`` asks for the judgement and refuses where something blocks. Does not know what may be
taken: budgets and quotas come through a port.
"""

from __future__ import annotations

from infra.guardrails.errors import ExemptionUnfit, GuardrailError, NoSuchRule, NotExemptible
from infra.guardrails.exempting import (
    ExemptionWish,
    approve_exemption,
    ask_exemption,
    list_exemptions,
    reject_exemption,
    revoke_exemption,
)
from infra.guardrails.judging import judge
from infra.guardrails.model import (
    Context,
    Exemption,
    ExemptionState,
    GuardrailFinding,
    Hit,
    Judgement,
    Room,
    Rule,
    context_of,
    judgement_from_document,
)
from infra.guardrails.policy import Policy, Severity, published_policy, read_policy
from infra.guardrails.records import TableRecords
from infra.guardrails.rules import RULES, rule_named
from infra.guardrails.rules.keeping import DATA_KINDS
from infra.guardrails.standing import Guardrails, PlanFacts

__all__ = [
    "DATA_KINDS",
    "RULES",
    "Context",
    "Exemption",
    "ExemptionState",
    "ExemptionUnfit",
    "ExemptionWish",
    "GuardrailError",
    "GuardrailFinding",
    "Guardrails",
    "Hit",
    "Judgement",
    "NoSuchRule",
    "NotExemptible",
    "PlanFacts",
    "Policy",
    "Room",
    "Rule",
    "Severity",
    "TableRecords",
    "approve_exemption",
    "ask_exemption",
    "context_of",
    "judge",
    "judgement_from_document",
    "list_exemptions",
    "published_policy",
    "read_policy",
    "reject_exemption",
    "revoke_exemption",
    "rule_named",
]
