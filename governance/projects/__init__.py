"""Projects 政务信息化项目 and business systems 业务系统.

Owns the walk of a project from the need to the evaluation of its effect, its participants, fund sources and account
coding, and which system is whose. What is bought under which contract is ``governance.contracts``'s; what is built,
``infra``'s. The values import nothing heavy: tables and use cases load when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.projects.model import (
    STANDING,
    BusinessSystem,
    FundSource,
    Goal,
    Participant,
    Project,
    ProjectState,
    SystemUser,
    in_state_to_request,
)

if TYPE_CHECKING:
    from governance.projects.change_tables import Change, changes, open_change
    from governance.projects.coding import (
        AccountCoding,
        CodingLine,
        coding_in_force,
        codings_of,
        draft_coding,
        newest_coding,
        sign_coding,
    )
    from governance.projects.comparing import Difference, differences
    from governance.projects.evaluating import Evaluation, GoalResult, approved_version, evaluate_project, evaluation_of
    from governance.projects.reading import read_business_systems, read_coding, read_evaluation, read_project
    from governance.projects.recording import record_system
    from governance.projects.shares import CodedShare, CostShare, split_by_agency, split_cost
    from governance.projects.stating import state_project
    from governance.projects.stepping import (
        accept_project,
        approve_project,
        file_project,
        project_digest,
        purchase_project,
        put_into_operation,
        reject_project,
        report_built,
        return_project,
        review_project,
        stop_project,
    )
    from governance.projects.tables import (
        add_project,
        add_system,
        project_of,
        project_versions,
        projects,
        system_of,
        system_versions,
        systems,
    )

_LATER = {
    **dict.fromkeys(
        (
            "Change",
            "changes",
            "open_change",
        ),
        "change_tables",
    ),
    **dict.fromkeys(
        (
            "AccountCoding",
            "CodingLine",
            "coding_in_force",
            "codings_of",
            "draft_coding",
            "newest_coding",
            "sign_coding",
        ),
        "coding",
    ),
    **dict.fromkeys(
        (
            "Difference",
            "differences",
        ),
        "comparing",
    ),
    **dict.fromkeys(
        (
            "Evaluation",
            "GoalResult",
            "approved_version",
            "evaluate_project",
            "evaluation_of",
        ),
        "evaluating",
    ),
    **dict.fromkeys(
        (
            "read_business_systems",
            "read_coding",
            "read_evaluation",
            "read_project",
        ),
        "reading",
    ),
    **dict.fromkeys(
        (
            "CodedShare",
            "CostShare",
            "split_by_agency",
            "split_cost",
        ),
        "shares",
    ),
    **dict.fromkeys(("state_project",), "stating"),
    **dict.fromkeys(
        (
            "accept_project",
            "approve_project",
            "file_project",
            "project_digest",
            "purchase_project",
            "put_into_operation",
            "reject_project",
            "report_built",
            "return_project",
            "review_project",
            "stop_project",
        ),
        "stepping",
    ),
    **dict.fromkeys(("record_system",), "recording"),
    **dict.fromkeys(
        (
            "add_project",
            "add_system",
            "project_of",
            "project_versions",
            "projects",
            "system_of",
            "system_versions",
            "systems",
        ),
        "tables",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "STANDING",
    "AccountCoding",
    "BusinessSystem",
    "Change",
    "CodedShare",
    "CodingLine",
    "CostShare",
    "Difference",
    "Evaluation",
    "FundSource",
    "Goal",
    "GoalResult",
    "Participant",
    "Project",
    "ProjectState",
    "SystemUser",
    "accept_project",
    "add_project",
    "add_system",
    "approve_project",
    "approved_version",
    "changes",
    "coding_in_force",
    "codings_of",
    "differences",
    "draft_coding",
    "evaluate_project",
    "evaluation_of",
    "file_project",
    "in_state_to_request",
    "newest_coding",
    "open_change",
    "project_digest",
    "project_of",
    "project_versions",
    "projects",
    "purchase_project",
    "put_into_operation",
    "read_business_systems",
    "read_coding",
    "read_evaluation",
    "read_project",
    "record_system",
    "reject_project",
    "report_built",
    "return_project",
    "review_project",
    "sign_coding",
    "split_by_agency",
    "split_cost",
    "state_project",
    "stop_project",
    "system_of",
    "system_versions",
    "systems",
]
