"""Reads the files of projects: a project's need, its account coding, its evaluation, business systems.

Amounts are yuan in quotes; shares are decimals in quotes that sum to exactly one.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from foundation.values.findings import Finding
from foundation.values.money import COEFFICIENT, fen
from governance.projects.coding import AccountCoding, CodingLine
from governance.projects.evaluating import Evaluation, GoalResult
from governance.projects.model import BusinessSystem, FundSource, Goal, Participant, Project, ProjectState, SystemUser
from governance.yaml_documents import Code, ExactDecimal, Form, Problems, Text, read_form

Share = Annotated[ExactDecimal, Field(gt=0, le=1, max_digits=COEFFICIENT[0], decimal_places=COEFFICIENT[1])]
Yuan = Annotated[ExactDecimal, Field(gt=0, decimal_places=2, max_digits=18)]
Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
AccountCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,30}$")]


class _Participant(Form):
    agency: Code
    share: Share


class _Fund(Form):
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    share: Share
    level: Code | None = None


class _Goal(Form):
    id: Code
    zh: Text
    en: Text
    source: Text
    target: Text


class _Project(Form):
    id: Code
    zh: Text
    en: Text
    lead: Code
    need: Paragraph
    ceiling_yuan: Yuan
    participants: Annotated[list[_Participant], Field(max_length=200)] = Field(default_factory=list)
    funds: Annotated[list[_Fund], Field(min_length=1, max_length=50)]
    goals: Annotated[list[_Goal], Field(min_length=1, max_length=100)]


class _ProjectDocument(Form):
    project: _Project


class _CodingLine(Form):
    fund: Text
    source_code: AccountCode
    subject_code: AccountCode
    share: Share = Decimal(1)


class _Coding(Form):
    project: Code
    project_code: AccountCode
    owner: Code
    officer: Code
    lines: Annotated[list[_CodingLine], Field(min_length=1, max_length=500)]


class _CodingDocument(Form):
    coding: _Coding


class _Result(Form):
    goal: Code
    measured: Text
    met: bool
    remark: Text | None = None


class _Evaluation(Form):
    project: Code
    results: list[_Result] = Field(default_factory=list)
    conclusion: Paragraph


class _EvaluationDocument(Form):
    evaluation: _Evaluation


class _User(Form):
    agency: Code
    share: Share


class _System(Form):
    id: Code
    zh: Text
    en: Text
    agency: Code
    project: Code
    fund_source: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    users: Annotated[list[_User], Field(max_length=200)] = Field(default_factory=list)


class _SystemsDocument(Form):
    systems: Annotated[list[_System], Field(min_length=1, max_length=1_000)]


def read_project(path: Path) -> tuple[Project | None, tuple[Finding, ...]]:
    """A project's need, before anybody looked at it; on any finding there is none."""
    form, findings = read_form(path, _ProjectDocument, _nothing)
    if form is None:
        return None, findings
    stated = form.project
    return (
        Project(
            id=stated.id,
            zh=stated.zh,
            en=stated.en,
            lead=stated.lead,
            document_number="",
            ceiling=fen(stated.ceiling_yuan),
            state=ProjectState.NEED,
            participants=tuple(Participant(each.agency, each.share) for each in stated.participants),
            funds=tuple(FundSource(each.name, each.share, each.level or "") for each in stated.funds),
            goals=tuple(Goal(each.id, each.zh, each.en, each.source, each.target) for each in stated.goals),
            need=stated.need,
        ),
        (),
    )


def read_coding(path: Path) -> tuple[AccountCoding | None, tuple[Finding, ...]]:
    """A project's account coding, not signed yet."""
    form, findings = read_form(path, _CodingDocument, _nothing)
    if form is None:
        return None, findings
    coding = form.coding
    lines = tuple(CodingLine(each.fund, each.source_code, each.subject_code, each.share) for each in coding.lines)
    return AccountCoding(coding.project, coding.project_code, coding.owner, coding.officer, lines), ()


def read_evaluation(path: Path) -> tuple[Evaluation | None, tuple[Finding, ...]]:
    """The evaluation of a project's effect."""
    form, findings = read_form(path, _EvaluationDocument, _nothing)
    if form is None:
        return None, findings
    judged = form.evaluation
    results = tuple(GoalResult(each.goal, each.measured, each.met, each.remark or "") for each in judged.results)
    return Evaluation(judged.project, results, judged.conclusion), ()


def read_business_systems(path: Path) -> tuple[tuple[BusinessSystem, ...] | None, tuple[Finding, ...]]:
    """Business systems, shared ones among them."""
    form, findings = read_form(path, _SystemsDocument, _each_once)
    if form is None:
        return None, findings
    return tuple(
        BusinessSystem(
            id=each.id,
            zh=each.zh,
            en=each.en,
            agency=each.agency,
            project=each.project,
            fund_source=each.fund_source,
            users=tuple(SystemUser(user.agency, user.share) for user in each.users),
        )
        for each in form.systems
    ), ()


def _nothing(form: Form, problems: Problems) -> None:
    """The rest is checked against the records, where the document is recorded."""


def _each_once(form: _SystemsDocument, problems: Problems) -> None:
    ids = [each.id for each in form.systems]
    for index, id_ in enumerate(ids):
        if id_ in ids[:index]:
            problems.add(
                ("systems", index, "id"), found=id_, expected="each id once", zh="编号重复", en="a repeated id"
            )
