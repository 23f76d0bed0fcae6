"""The evaluation of a project's effect 效果评价, goal by goal, against what its approval paper promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import Scope, Transaction
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.projects.coding_tables import EvaluationRow, add_evaluation, evaluations
from governance.projects.errors import InvalidProject, WrongProjectState
from governance.projects.model import Project, ProjectState
from governance.projects.stepping import advance, check_sides, project_digest
from governance.projects.tables import project_of, project_versions
from governance.projects.walk import STEPS


@dataclass(frozen=True, slots=True)
class GoalResult:
    """What became of one goal of the approval paper: what was measured, and whether the target is met."""

    goal: str
    measured: str
    met: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The judgement of a project's effect: every goal once, and the conclusion in words."""

    project: str
    results: tuple[GoalResult, ...]
    conclusion: str

    @property
    def met(self) -> int:
        """How many goals are met."""
        return sum(result.met for result in self.results)


def evaluate_project(office: Office, token: str, evaluation: Evaluation, *, digest: str) -> Project:
    """Judge the effect of a project in operation, by a person who neither asked, built nor accepted.

    ``digest`` is the project's. The evaluation is kept with the approval paper's number and the goals it promised, so
    that a reader sees target and result side by side. Raises ``InvalidProject`` where a goal has no result or a result
    no goal, ``WrongProjectState``, ``Refused``.
    """
    subject = f"project:{evaluation.project}"
    with acting(office, token, Act.PROJECT_EVALUATE, subject) as mandate:
        project = project_of(mandate.transaction, mandate.scope, evaluation.project)
        check_sides(mandate, project)
        if digest != project_digest(project):
            raise mandate.refuse("P02", subject, "项目内容与所审阅的不一致", "the project is not the one that was read")
        findings = _findings(project, evaluation)
        if findings:
            first = findings[0]
            raise InvalidProject(count=len(findings), first_zh=first.zh, first_en=first.en, findings=findings)
        document = {
            **plain(evaluation),
            "document_number": project.document_number,
            "content": digest,
            "goals": plain(project.goals),
        }
        judged = sha256_hex(canonical_bytes(document))
        new = mandate.decide(subject, digest=judged, owner=project.lead)
        if project.state is not ProjectState.IN_OPERATION:
            if project.state is ProjectState.EVALUATED and not new:
                return project
            raise WrongProjectState(
                project=project.id, act=mandate.act.value, found=project.state.value, expected="in-operation"
            )
        earlier = evaluations(mandate.transaction, mandate.scope, project.id)
        row = EvaluationRow(
            project=project.id,
            number=len(earlier) + 1,
            agency=project.lead,
            document=document,
            digest=judged,
            person=mandate.actor.person,
            evaluated_at=mandate.now,
        )
        add_evaluation(mandate.transaction, row)
        step = STEPS[Act.PROJECT_EVALUATE]
        return advance(mandate, project, step.end, AuditEvent.PROJECT_EVALUATED, {}, digest=judged)


def evaluation_of(transaction: Transaction, scope: Scope, project: str) -> EvaluationRow | None:
    """The newest evaluation of a project the reader may see; None where it was not evaluated yet."""
    project_of(transaction, scope, project)
    found = evaluations(transaction, scope, project)
    return found[-1] if found else None


def approved_version(transaction: Transaction, scope: Scope, project: str) -> Project | None:
    """The version the approval paper was first given for: what the effect is compared with."""
    approving = {ProjectState.APPROVED, ProjectState.FILED}
    return next((each for each in project_versions(transaction, scope, project) if each.state in approving), None)


def _findings(project: Project, evaluation: Evaluation) -> Sequence[Finding]:
    goals = {goal.id for goal in project.goals}
    named = [result.goal for result in evaluation.results]
    found = [
        _finding(goal, "a result", f"目标 {goal} 没有评价结果", f"the goal {goal} has no result")
        for goal in sorted(goals - set(named))
    ]
    found.extend(
        _finding(name, "a goal of the paper", f"批复中没有目标 {name}", f"the paper has no goal {name}")
        for name in sorted(set(named) - goals)
    )
    found.extend(
        _finding(name, "each goal once", f"目标 {name} 重复", f"the goal {name} stands twice")
        for index, name in enumerate(named)
        if name in named[:index]
    )
    if not 1 <= len(evaluation.conclusion) <= 2_000:
        found.append(_finding("", "1 to 2000 characters", "须写明结论", "the conclusion is missing or too long"))
    return found


def _finding(found: str, expected: str, zh: str, en: str) -> Finding:
    place = Place(field="evaluation.results")
    return Finding("governance.document.evaluation", Severity.ERROR, place, found, expected, zh, en)
