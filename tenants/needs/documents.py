"""Need and proposal files: every mistake is a finding with file, line and field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from foundation.values.findings import Finding, Place, Severity
from foundation.values.money import QUANTITY
from governance.environments import Protection, spec_from_document
from governance.yaml_documents import Code, ExactDecimal, Form, Problems, Text, field_text, read_form
from tenants.needs.model import Alternative, DataKind, Effect, ItemUse, Questions, Urgency, Users
from tenants.needs.terms import Terms

_TECHNICAL = re.compile(
    r"\d+\s*(核|[vV]?CPU|[cC]\d+[gG]\b|台(服务器|虚拟机|云主机)|cores?\b|[GT]i?B?\s*(内存|memory|RAM))", re.IGNORECASE
)
"""A size of machines in words: 8核, 16 vCPU, 4c8g, 3台云主机, 32G内存."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Count = Annotated[int, Field(ge=0, le=10**12)]


class _Users(Form):
    who: Text
    count: Annotated[int, Field(ge=1, le=10**10)]


class _Data(Form):
    kind: Text
    level: Code
    volume_gb: Count
    growth_gb_month: Count


class _Effect(Form):
    measure: Text
    target: Text


class _Urgent(Form):
    reason: Code
    words: Words
    until: date


class _Need(Form):
    agency: Code
    zh: Text
    en: Text
    system: Code | None = None
    purpose: Words
    users: Annotated[list[_Users], Field(min_length=1, max_length=50)]
    data: Annotated[list[_Data], Field(max_length=100)]
    capabilities: Annotated[list[Text], Field(max_length=50)] = Field(default_factory=list)
    peak: Annotated[int, Field(ge=1, le=10**9)]
    service_hours: Text
    protection: Protection
    deadline: date
    today: Words
    effects: Annotated[list[_Effect], Field(min_length=1, max_length=50)]
    urgent: _Urgent | None = None


class _NeedDocument(Form):
    need: _Need


class _Item(Form):
    service: Code
    meter: Code
    quantity: Annotated[ExactDecimal, Field(gt=0, max_digits=QUANTITY[0], decimal_places=QUANTITY[1])]


class _Alternative(Form):
    id: Code
    zh: Text
    en: Text
    reason: Words
    environment: dict[str, Any] | None = None
    items: Annotated[list[_Item], Field(max_length=100)] = Field(default_factory=list)


class _Proposal(Form):
    recommended: Code
    alternatives: Annotated[list[_Alternative], Field(min_length=2, max_length=10)]


class _ProposalDocument(Form):
    proposal: _Proposal


def read_need(path: Path) -> tuple[Questions | None, tuple[Finding, ...]]:
    """Read the answers to the business questions; on any finding there are none."""
    form, findings = read_form(path, _NeedDocument, _check_need)
    return (None, findings) if form is None else (questions_from(form.need.model_dump(mode="json")), ())


def read_proposal(path: Path) -> tuple[tuple[str, tuple[Alternative, ...]] | None, tuple[Finding, ...]]:
    """Read a proposal: (the id of the recommended alternative, all alternatives, at least two), without costs."""
    form, findings = read_form(path, _ProposalDocument, _check_proposal)
    if form is None:
        return None, findings
    made: list[Alternative] = []
    wrong: list[Finding] = []
    for index, each in enumerate(form.proposal.alternatives):
        alternative, problems = _alternative(each)
        wrong += [_inside(problem, path.name, index) for problem in problems]
        if alternative is not None:
            made.append(alternative)
    return (None, tuple(wrong)) if wrong else ((form.proposal.recommended, tuple(made)), ())


def questions_from(document: Mapping[str, Any]) -> Questions:
    """The answers of a document as ``plain`` wrote it, or as a form gives it."""
    urgent = document["urgent"]
    names = ("agency", "zh", "en", "purpose", "peak", "service_hours", "today")
    return Questions(
        **{name: document[name] for name in names},
        system=document["system"] or "",
        users=tuple(Users(each["who"], each["count"]) for each in document["users"]),
        data=tuple(
            DataKind(each["kind"], each["level"], each["volume_gb"], each["growth_gb_month"])
            for each in document["data"]
        ),
        capabilities=tuple(document["capabilities"]),
        protection=Protection(document["protection"]),
        deadline=date.fromisoformat(document["deadline"]),
        effects=tuple(Effect(each["measure"], each["target"]) for each in document["effects"]),
        urgent=None
        if urgent is None
        else Urgency(urgent["reason"], urgent["words"], date.fromisoformat(urgent["until"])),
    )


def alternative_from(document: Mapping[str, Any]) -> Alternative:
    """An alternative of a document as ``alternative_document`` wrote it."""
    spec, findings = (None, ()) if document["environment"] is None else spec_from_document(document["environment"])
    if findings:
        # It was checked on its way in; whoever edited the database must not get an alternative out of it.
        raise ValueError(findings[0].en)
    return Alternative(
        **{name: document[name] for name in ("id", "zh", "en", "reason", "monthly")},
        environment=spec,
        items=tuple(ItemUse(one["service"], one["meter"], Decimal(one["quantity"])) for one in document["items"]),
        breakdown=tuple(document["breakdown"]),
    )


def check_terms(questions: Questions, terms: Terms, today: date) -> tuple[Finding, ...]:
    """What the terms in force and the calendar say of the answers."""
    return tuple(_check_terms(questions, terms, today))


def _check_terms(questions: Questions, terms: Terms, today: date) -> Iterator[Finding]:
    levels = [level.id for level in terms.data_levels]
    for index, data in enumerate(questions.data):
        if data.level not in levels:
            yield _finding(
                f"data[{index}].level",
                data.level,
                ", ".join(levels),
                f"没有数据级别 {data.level};涉密数据不得上共享云",
                f"there is no data level {data.level}; classified data does not go to the shared cloud",
            )
    if questions.deadline < today:
        yield _finding(
            "deadline", str(questions.deadline), f"{today} or later", "期限已过", "the deadline lies in the past"
        )
    urgent = questions.urgent
    if urgent is None:
        return
    reasons = [reason.id for reason in terms.reasons]
    if urgent.reason not in reasons:
        yield _finding(
            "urgent.reason", urgent.reason, ", ".join(reasons), "不是可以急用的理由", "not a reason that may be urgent"
        )
    if urgent.until <= today:
        yield _finding(
            "urgent.until",
            str(urgent.until),
            f"after {today}",
            "急用的终止日已过",
            "the end of the urgent use has passed",
        )


def _check_need(document: _NeedDocument, problems: Problems) -> None:
    need = document.need
    texts: list[tuple[tuple[str | int, ...], str]] = [(("need", "purpose"), need.purpose)]
    texts += [(("need", "capabilities", index), text) for index, text in enumerate(need.capabilities)]
    texts += [(("need", "effects", index, "target"), one.target) for index, one in enumerate(need.effects)]
    for path, text in texts:
        found = _TECHNICAL.search(text)
        if found is not None:
            problems.add(
                path,
                found=found.group(),
                expected="business words; the operator answers with sizes",
                zh="请说业务需要,不写技术规格;规格由运营中心的方案给出",
                en="say what the business needs, without technical sizes: those come with the operator's proposal",
                code="technical-size",
            )


def _check_proposal(document: _ProposalDocument, problems: Problems) -> None:
    ids = [each.id for each in document.proposal.alternatives]
    if document.proposal.recommended not in ids:
        problems.add(
            ("proposal", "recommended"),
            found=document.proposal.recommended,
            expected=", ".join(ids),
            zh="推荐方案不在备选方案中",
            en="the recommended alternative is not among them",
        )
    for index, each in enumerate(document.proposal.alternatives):
        path = ("proposal", "alternatives", index)
        if ids.index(each.id) != index:
            problems.add(
                (*path, "id"),
                found=each.id,
                expected="each id once",
                zh="编号重复",
                en="a repeated id",
                code="repeated",
            )
        if each.environment is None and not each.items:
            problems.add(
                path,
                found="nothing",
                expected="an environment or service items",
                zh="方案没有内容:须有环境说明或服务项",
                en="the alternative holds neither an environment nor service items",
            )


def _alternative(form: _Alternative) -> tuple[Alternative | None, Sequence[Finding]]:
    items = tuple(ItemUse(each.service, each.meter, each.quantity) for each in form.items)
    made = Alternative(form.id, form.zh, form.en, form.reason, None, items)
    if form.environment is None:
        return made, ()
    spec, findings = spec_from_document(form.environment)
    return (None, findings) if spec is None else (replace(made, environment=spec), ())


def _inside(finding: Finding, file: str, index: int) -> Finding:
    field = f"{field_text(('proposal', 'alternatives', index, 'environment'))}.{finding.place.field}"
    return replace(finding, place=Place(file=file, field=field))


def _finding(field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    return Finding(
        code="need.invalid",
        severity=Severity.ERROR,
        place=Place(field=f"need.{field}"),
        found=found,
        expected=expected,
        zh=zh,
        en=en,
    )
