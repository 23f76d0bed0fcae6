"""The rules, one module an area; ``table.RULES`` is the one list of them.

Each is a plain function ``(plan, context) → hits`` over frozen values: it reads no record, asks no cloud, and does not
know how severe it is.
"""

from __future__ import annotations

from infra.guardrails.rules.table import RULES, rule_named

__all__ = ["RULES", "rule_named"]
