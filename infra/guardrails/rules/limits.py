"""What may be taken: budgets, quotas, and the size of an organisation policy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from foundation.values.money import format_yuan
from infra.engine.model import PlanSummary
from infra.guardrails.model import Context, Hit, Room
from infra.guardrails.reading import existing, known, statements, texts

POLICIES = ("ServiceControlPolicy", "OrganizationPolicy", "OrganisationPolicy", "Scp")
_CONTENT = ("content", "policy", "document")


def over_budget(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """The month after the plan costs more than what is left of a budget; one that gets cheaper is no news."""
    if context.cost_after <= context.cost_before:
        return
    more = context.cost_after - context.cost_before
    for room in context.rooms:
        left = int(room.left) - context.cost_before
        if room.money and more > left:
            yield Hit(None, f"budget:{room.key}", f"+{format_yuan(more)} > {_told(room, format_yuan(left))}")


def over_quota(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """The environment holds more after the plan than what is left of a quota for it."""
    if context.terminate:
        return
    for room in context.rooms:
        if not room.money and room.wanted > room.left:
            yield Hit(None, f"quota:{room.key}", f"{_plain(room.wanted)} > {_told(room, _plain(room.left))}")


def policies_too_long(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """An organisation policy beyond the cloud's limit, counted without white space, as the cloud counts it."""
    for step, inputs in existing(plan, *POLICIES):
        for name in _CONTENT:
            size = _size(inputs.get(name))
            if size > context.policy.scp_characters:
                yield Hit(step, name, f"{size} > {context.policy.scp_characters}")


def deployer_shut_out(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """An organisation policy that forbids something to the deployer itself, which could then never lift it."""
    for step, inputs in existing(plan, *POLICIES):
        for name in _CONTENT:
            for statement in statements(inputs.get(name)):
                if statement.get("Effect") == "Deny" and not _exempts(statement, context.policy.deployer_role):
                    yield Hit(step, name, str(statement.get("Sid", "Deny")))


def _exempts(statement: Mapping[str, Any], role: str) -> bool:
    condition = statement.get("Condition") or {}
    for operator, tests in condition.items():
        if operator.lower() in {"arnnotlike", "stringnotlike", "arnnotequals", "stringnotequals"}:
            for key, values in tests.items():
                if key.lower() == "aws:principalarn" and any(role in one for one in texts(values)):
                    return True
    return False


def _size(text: Any) -> int:
    if not isinstance(text, str) or not known(text):
        return 0
    try:
        return len(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))
    except ValueError:
        return len(text)


def _told(room: Room, left: str) -> str:
    return "…" if room.shared else left


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
