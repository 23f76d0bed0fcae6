"""The walk of a project: which act leads from which states to which. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.audit import AuditEvent
from governance.authority import Act
from governance.parties.model import Duty
from governance.projects.model import STANDING, ProjectState


@dataclass(frozen=True, slots=True)
class Step:
    """One act: the states it may start from, the state it leads to, how the audit log calls it.

    ``reasoned``: it needs a reason that the agency reads. ``rests_on``: the act on the same content it carries out.
    """

    start: frozenset[ProjectState]
    end: ProjectState
    event: AuditEvent
    reasoned: bool = False
    rests_on: Act | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is waited for in a state: ``lead``, ``decider`` or ``operator``, with which duty, to do what."""

    whom: str
    duty: Duty
    kind: str
    zh: str
    en: str


_S, _E = ProjectState, AuditEvent


def _step(
    end: ProjectState, event: AuditEvent, *start: ProjectState, reasoned: bool = False, rests_on: Act | None = None
) -> Step:
    return Step(frozenset(start), end, event, reasoned, rests_on)


STEPS: Mapping[Act, Step] = {
    Act.PROJECT_STATE: _step(_S.NEED, _E.PROJECT_STATED, _S.NEED, _S.RETURNED),
    Act.PROJECT_REVIEW: _step(_S.REVIEWED, _E.PROJECT_REVIEWED, _S.NEED),
    Act.PROJECT_RETURN: _step(_S.RETURNED, _E.PROJECT_RETURNED, _S.NEED, _S.REVIEWED, reasoned=True),
    Act.PROJECT_APPROVE: _step(_S.APPROVED, _E.PROJECT_APPROVED, _S.REVIEWED, rests_on=Act.PROJECT_REVIEW),
    Act.PROJECT_FILE: _step(_S.FILED, _E.PROJECT_FILED, _S.REVIEWED, rests_on=Act.PROJECT_REVIEW),
    Act.PROJECT_REJECT: _step(_S.REJECTED, _E.PROJECT_REJECTED, _S.NEED, _S.REVIEWED, reasoned=True),
    Act.PROJECT_PURCHASE: _step(_S.PURCHASED, _E.PROJECT_PURCHASED, _S.APPROVED, _S.FILED),
    Act.PROJECT_BUILD: _step(_S.BUILT, _E.PROJECT_BUILT, _S.PURCHASED),
    Act.PROJECT_ACCEPT: _step(_S.ACCEPTED, _E.PROJECT_ACCEPTED, _S.BUILT),
    Act.PROJECT_OPERATE: _step(_S.IN_OPERATION, _E.PROJECT_IN_OPERATION, _S.ACCEPTED),
    Act.PROJECT_EVALUATE: _step(_S.EVALUATED, _E.PROJECT_EVALUATED, _S.IN_OPERATION),
    Act.PROJECT_STOP: Step(STANDING, _S.STOPPED, _E.PROJECT_STOPPED, reasoned=True),
}

WAITING: Mapping[ProjectState, Waiting] = {
    _S.NEED: Waiting("decider", Duty.REVIEW, "project.review", "评审项目", "review the project"),
    _S.REVIEWED: Waiting("decider", Duty.APPROVE, "project.decide", "批复或备案项目", "approve or file the project"),
    _S.RETURNED: Waiting("lead", Duty.REQUEST, "project.state", "修改后重新申报", "state the project anew"),
    _S.APPROVED: Waiting("buyer", Duty.DRAFT, "project.purchase", "登记项目采购", "record the project's purchase"),
    _S.FILED: Waiting("buyer", Duty.DRAFT, "project.purchase", "登记项目采购", "record the project's purchase"),
    _S.PURCHASED: Waiting("operator", Duty.OPERATE, "project.build", "建设并报告建成", "build, and report it built"),
    _S.BUILT: Waiting("lead", Duty.CONFIRM, "project.accept", "验收项目", "accept the project"),
    _S.ACCEPTED: Waiting("lead", Duty.CONFIRM, "project.operate", "项目投入运行", "put the project into operation"),
    _S.IN_OPERATION: Waiting("decider", Duty.REVIEW, "project.evaluate", "评价项目效果", "evaluate the effect"),
}
