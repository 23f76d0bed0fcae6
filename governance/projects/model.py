"""Projects 政务信息化项目 and business systems 业务系统 as frozen values. Source: DOMAIN §2, §3."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class ProjectState(StrEnum):
    """Where a project stands, from the need to the evaluation of its effect.

    ``FILED`` is what a project paid by no fiscal funds of its bureau's level becomes instead of ``APPROVED`` 备案.
    """

    NEED = "need"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    FILED = "filed"
    PURCHASED = "purchased"
    BUILT = "built"
    ACCEPTED = "accepted"
    IN_OPERATION = "in-operation"
    EVALUATED = "evaluated"
    RETURNED = "returned"
    REJECTED = "rejected"
    STOPPED = "stopped"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self]


_STATES_ZH = {
    ProjectState.NEED: "需求申报",
    ProjectState.REVIEWED: "已评审",
    ProjectState.APPROVED: "已批复",
    ProjectState.FILED: "已备案",
    ProjectState.PURCHASED: "已采购",
    ProjectState.BUILT: "已建成",
    ProjectState.ACCEPTED: "已验收",
    ProjectState.IN_OPERATION: "运行中",
    ProjectState.EVALUATED: "已评价",
    ProjectState.RETURNED: "已退回",
    ProjectState.REJECTED: "不予批准",
    ProjectState.STOPPED: "已终止",
}

STANDING = frozenset(
    {
        ProjectState.APPROVED,
        ProjectState.FILED,
        ProjectState.PURCHASED,
        ProjectState.BUILT,
        ProjectState.ACCEPTED,
        ProjectState.IN_OPERATION,
        ProjectState.EVALUATED,
    }
)
"""States in which a project stands: resources may be requested for it, and money rests on it."""


@dataclass(frozen=True, slots=True)
class Participant:
    """An agency's share of a project's cost: an exact decimal; over all participants, the lead among them, one."""

    agency: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class FundSource:
    """资金来源 and its share of the ceiling; over a project's sources the shares sum to one.

    ``level`` is the level whose fiscal funds these are (``city``); empty where they are no fiscal funds at all.
    """

    name: str
    share: Decimal
    level: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """What the approval paper promises: a measure, where it comes from, and the target, as the paper words it."""

    id: str
    zh: str
    en: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Project:
    """政务信息化项目(立项): its lead agency, ceiling in fen, approval document number.

    ``participants`` and ``funds`` are empty where the paper says no more than the lead and one source. ``version``
    counts from 1; ``changed_at`` is business time, None before it is recorded.
    """

    id: str
    zh: str
    en: str
    lead: str
    document_number: str
    ceiling: int
    state: ProjectState = ProjectState.APPROVED
    participants: tuple[Participant, ...] = ()
    funds: tuple[FundSource, ...] = ()
    goals: tuple[Goal, ...] = ()
    need: str = ""
    contract: str = ""
    reason: str = ""
    version: int = 1
    changed_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What decisions, the audit log and tasks call it."""
        return f"project:{self.id}"

    @property
    def agencies(self) -> frozenset[str]:
        """The lead and every participant."""
        return frozenset({self.lead, *(each.agency for each in self.participants)})


def in_state_to_request(project: Project) -> bool:
    """Whether resources may be requested for the project: it is approved or filed, and not stopped."""
    return project.state in STANDING


@dataclass(frozen=True, slots=True)
class SystemUser:
    """An agency that takes part in a shared system; ``share`` of its cost, the lead's being what is left of one."""

    agency: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class BusinessSystem:
    """业务系统: owned by an agency (the lead, where several share it), built under a project, paid from one fund
    source 资金来源. ``users`` are the other agencies that take part in it.
    """

    id: str
    zh: str
    en: str
    agency: str
    project: str
    fund_source: str
    users: tuple[SystemUser, ...] = field(default=())

    @property
    def agencies(self) -> frozenset[str]:
        """The lead and every other agency."""
        return frozenset({self.agency, *(each.agency for each in self.users)})
