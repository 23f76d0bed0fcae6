"""Fleet: one action over many environments.

Owns which environments take part, in which order they are released, when a failure stops the rest, and the record of
all that. Owns no queue: each member is a run of ``foundation.work``, and what is done to it and who may do it is the
deployments'.
"""

from __future__ import annotations

from infra.fleet.advancing import KIND, LOOK_AFTER, heard, look_after
from infra.fleet.carrying import member_flow, member_kind, work_on
from infra.fleet.deciding import Decision, Tally, decide
from infra.fleet.errors import (
    AtOnceWrong,
    BudgetWrong,
    CanariesWrong,
    FleetError,
    FleetHouseOnly,
    NothingChosen,
    NothingFound,
    NothingToResume,
)
from infra.fleet.looking import Standing, list_operations, show_operation
from infra.fleet.model import (
    OPEN,
    Action,
    Member,
    MemberState,
    Operation,
    OperationState,
    Pace,
    Selection,
    Verdict,
)
from infra.fleet.ports import Candidate, Candidates, Enqueue, Fleet, Hands, Retry
from infra.fleet.starting import cancel, resume, start

__all__ = [
    "KIND",
    "LOOK_AFTER",
    "OPEN",
    "Action",
    "AtOnceWrong",
    "BudgetWrong",
    "CanariesWrong",
    "Candidate",
    "Candidates",
    "Decision",
    "Enqueue",
    "Fleet",
    "FleetError",
    "FleetHouseOnly",
    "Hands",
    "Member",
    "MemberState",
    "NothingChosen",
    "NothingFound",
    "NothingToResume",
    "Operation",
    "OperationState",
    "Pace",
    "Retry",
    "Selection",
    "Standing",
    "Tally",
    "Verdict",
    "cancel",
    "decide",
    "heard",
    "list_operations",
    "look_after",
    "member_flow",
    "member_kind",
    "resume",
    "show_operation",
    "start",
    "work_on",
]
