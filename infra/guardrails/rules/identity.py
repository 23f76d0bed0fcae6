"""Roles: bounded, assumed by somebody named, never all-powerful."""

from __future__ import annotations

from collections.abc import Iterable

from infra.engine.model import PlanSummary
from infra.guardrails.model import Context, Hit
from infra.guardrails.reading import existing, principals, statements, texts

BOUNDARY = ("permissions_boundary", "permissions_boundary_arn")
BOUNDED = ("Role", "User")


def unbounded(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A role or user without a permission boundary: what is root but in name."""
    for step, inputs in existing(plan, *BOUNDED):
        if not any(inputs.get(name) for name in BOUNDARY):
            yield Hit(step, BOUNDARY[0], "—")


def assumed_by_anybody(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A role that anybody may take up; a condition (an organisation, an external id) makes it somebody."""
    for step, inputs in existing(plan, "Role"):
        for statement in statements(inputs.get("assume_role_policy")):
            if statement.get("Effect") == "Allow" and "*" in principals(statement) and not statement.get("Condition"):
                yield Hit(step, "assume_role_policy", "Principal *")


def all_powerful(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A role or user that may do everything to everything."""
    for step, inputs in existing(plan, *BOUNDED):
        own = inputs.get("inline_policies")
        for name, text in sorted(own.items()) if isinstance(own, dict) else ():
            if any(_everything(one) for one in statements(text)):
                yield Hit(step, "inline_policies", f"{name}: Action *, Resource *")
        for arn in sorted(texts(inputs.get("attached_policy_arns"))):
            if arn.endswith(":policy/AdministratorAccess"):
                yield Hit(step, "attached_policy_arns", arn)


def _everything(statement: object) -> bool:
    return (
        isinstance(statement, dict)
        and statement.get("Effect") == "Allow"
        and "*" in texts(statement.get("Action"))
        and "*" in texts(statement.get("Resource"))
    )
