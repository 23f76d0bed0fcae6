"""Views of the cloud as code: a plan as table, JSON and page; an environment as a picture.

Owns how a plan is shown, and no rule: what is shown was decided by ``infra.deployments``, judged by
``infra.guardrails`` and estimated by the billing code, whose lines are handed in. A secret is never shown.
"""

from __future__ import annotations

from infra.views.costs import CostDifference, CostItem, cost_difference
from infra.views.document import SCHEMA, plan_document
from infra.views.model import Approver, Change, PlanView, plan_view
from infra.views.page import plan_page
from infra.views.picture import Scene, draw, scene_of_outputs, scene_of_plan, scene_of_spec
from infra.views.table import Line, plan_lines
from infra.views.values import PropertyChange

__all__ = [
    "SCHEMA",
    "Approver",
    "Change",
    "CostDifference",
    "CostItem",
    "Line",
    "PlanView",
    "PropertyChange",
    "Scene",
    "cost_difference",
    "draw",
    "plan_document",
    "plan_lines",
    "plan_page",
    "plan_view",
    "scene_of_outputs",
    "scene_of_plan",
    "scene_of_spec",
]
