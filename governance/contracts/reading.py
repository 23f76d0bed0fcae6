"""Reads a contract file (contract, lines, settlement scheme, projects, business systems) and supplementary agreements.

Amounts are yuan in quotes.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from foundation.values.findings import Finding
from foundation.values.instant import SHANGHAI, Interval, utc
from foundation.values.money import COEFFICIENT, fen
from governance.catalogue.model import ServiceKind
from governance.contracts.amending import Amendment
from governance.contracts.model import (
    Contract,
    ContractDocument,
    ContractLine,
    GradeStep,
    SettlementScheme,
    SlaTier,
)
from governance.projects.model import BusinessSystem, Project
from governance.yaml_documents import Code, ExactDecimal, FieldPath, Form, Problems, Text, read_form

Share = Annotated[ExactDecimal, Field(ge=0, le=1, max_digits=COEFFICIENT[0], decimal_places=COEFFICIENT[1])]
Yuan = Annotated[ExactDecimal, Field(gt=0, decimal_places=2, max_digits=18)]
_WARNINGS = (Decimal("0.8"), Decimal(1))
"""Where the file does not say at which shares of the ceiling to warn."""


class _Grade(Form):
    at_least: Annotated[int, Field(ge=0, le=100)]
    coefficient: Share


class _Tier(Form):
    below: Share
    deduction: Share


class _Scheme(Form):
    id: Code
    grades: Annotated[list[_Grade], Field(min_length=1)]
    tiers: Annotated[list[_Tier], Field(min_length=1)]
    grace: Share
    withheld: Share
    silence_working_days: Annotated[int, Field(ge=1, le=60)]


class _Term(Form):
    first_day: date
    end_day: date


class _Line(Form):
    number: Annotated[int, Field(ge=1, le=999)]
    zh: Text
    en: Text
    kind: ServiceKind | None = None
    services: Annotated[list[Code], Field(max_length=200)] = Field(default_factory=list)
    amount_yuan: Yuan


class _Contract(Form):
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,35}$")]  # a line's id adds its number
    document_number: Text
    buyer: Code
    operator: Code
    payer: Code
    term: _Term
    ceiling_yuan: Yuan
    ceiling_warnings: Annotated[list[Share], Field(max_length=10)] = Field(default_factory=lambda: list(_WARNINGS))
    lines: Annotated[list[_Line], Field(max_length=500)] = Field(default_factory=list)
    scheme: _Scheme


class _Project(Form):
    id: Code
    zh: Text
    en: Text
    lead: Code
    document_number: Text
    ceiling_yuan: Yuan


class _System(Form):
    id: Code
    zh: Text
    en: Text
    agency: Code
    project: Code
    fund_source: Text


class _Amendment(Form):
    contract: Code
    document_number: Text
    end_day: date
    ceiling_yuan: Yuan
    lines: Annotated[list[_Line], Field(max_length=500)] = Field(default_factory=list)
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class _AmendmentDocument(Form):
    amendment: _Amendment


class _Document(Form):
    contract: _Contract
    projects: list[_Project] = Field(default_factory=list)
    systems: list[_System] = Field(default_factory=list)


def read_contract(path: Path) -> tuple[ContractDocument | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no document. The term's ``end_day`` is the first day after it."""
    form, findings = read_form(path, _Document, _check)
    if form is None:
        return None, findings
    document = ContractDocument(
        contract=_contract(form.contract),
        projects=tuple(
            Project(each.id, each.zh, each.en, each.lead, each.document_number, fen(each.ceiling_yuan))
            for each in form.projects
        ),
        systems=tuple(
            BusinessSystem(each.id, each.zh, each.en, each.agency, each.project, each.fund_source)
            for each in form.systems
        ),
    )
    return document, ()


def read_amendment(path: Path) -> tuple[Amendment | None, tuple[Finding, ...]]:
    """Read a supplementary agreement. ``end_day`` is the first day after the term, the lines are all there will be."""
    form, findings = read_form(path, _AmendmentDocument, _check_amendment)
    if form is None:
        return None, findings
    said = form.amendment
    return (
        Amendment(
            contract=said.contract,
            document_number=said.document_number,
            ends_at=utc(_midnight(said.end_day)),
            ceiling=fen(said.ceiling_yuan),
            lines=_lines(said.contract, said.lines),
            reason=said.reason,
        ),
        (),
    )


def _check_amendment(form: _AmendmentDocument, problems: Problems) -> None:
    _check_lines(form.amendment.lines, ("amendment", "lines"), problems)


def _check_lines(lines: list[_Line], path: FieldPath, problems: Problems) -> None:
    numbers = [line.number for line in lines]
    named: list[str] = []
    for index, line in enumerate(lines):
        if line.number in numbers[:index]:
            problems.add(
                (*path, index, "number"),
                found=line.number,
                expected="each number once",
                zh="明细编号重复",
                en="a repeated number",
            )
        twice = sorted(set(line.services) & set(named))
        if twice:
            problems.add(
                (*path, index, "services"),
                found=", ".join(twice),
                expected="each service in one line",
                zh="同一服务列入两条明细",
                en="a service stands in two lines",
            )
        if line.kind is None and not line.services:
            problems.add(
                (*path, index),
                found="",
                expected="kind or services",
                zh="明细须写明服务种类或服务",
                en="a line says a kind of service, or services",
            )
        named.extend(line.services)


def _lines(contract: str, lines: list[_Line]) -> tuple[ContractLine, ...]:
    return tuple(
        ContractLine(
            id=f"{contract}.{line.number}",
            contract=contract,
            zh=line.zh,
            en=line.en,
            kind="" if line.kind is None else line.kind.value,
            services=tuple(line.services),
            amount=fen(line.amount_yuan),
        )
        for line in lines
    )


def _check(form: _Document, problems: Problems) -> None:
    _check_lines(form.contract.lines, ("contract", "lines"), problems)
    term, scheme = form.contract.term, form.contract.scheme
    if term.end_day <= term.first_day:
        problems.add(
            ("contract", "term", "end_day"),
            found=term.end_day,
            expected=f"after {term.first_day}",
            zh="合同期的结束不晚于开始",
            en="the term ends before it begins",
        )
    marks = [step.at_least for step in scheme.grades]
    if marks != sorted(set(marks), reverse=True) or marks[-1] != 0:
        problems.add(
            ("contract", "scheme", "grades"),
            found=marks,
            expected="falling, the last 0",
            zh="考核档次须由高到低排列,最后一档从 0 分起",
            en="grade steps fall, and the last begins at 0 points",
        )
    borders = [tier.below for tier in scheme.tiers]
    costs = [tier.deduction for tier in scheme.tiers]
    if borders != sorted(set(borders)) or costs != sorted(costs, reverse=True):
        problems.add(
            ("contract", "scheme", "tiers"),
            found=[str(border) for border in borders],
            expected="rising, and the lower the availability the higher the deduction",
            zh="可用性档次须由低到高排列,可用性越低扣减越多",
            en="tiers rise, and the lower the availability the higher the deduction",
        )
    known = {project.id: project for project in form.projects}
    for index, system in enumerate(form.systems):
        if system.project not in known:
            problems.add(
                ("systems", index, "project"),
                found=system.project,
                expected=f"one of {sorted(known)}",
                zh="文件中没有这个项目",
                en="the file has no such project",
            )
    for field, ids in (
        ("projects", [each.id for each in form.projects]),
        ("systems", [each.id for each in form.systems]),
    ):
        for index, id_ in enumerate(ids):
            if id_ in ids[:index]:
                problems.add(
                    (field, index, "id"), found=id_, expected="each id once", zh="编号重复", en="a repeated id"
                )


def _contract(form: _Contract) -> Contract:
    return Contract(
        id=form.id,
        document_number=form.document_number,
        buyer=form.buyer,
        operator=form.operator,
        payer=form.payer,
        term=Interval(_midnight(form.term.first_day), _midnight(form.term.end_day)),
        ceiling=fen(form.ceiling_yuan),
        lines=_lines(form.id, form.lines),
        warnings=tuple(sorted(form.ceiling_warnings)),
        scheme=SettlementScheme(
            id=form.scheme.id,
            grades=tuple(GradeStep(step.at_least, step.coefficient) for step in form.scheme.grades),
            tiers=tuple(SlaTier(tier.below, tier.deduction) for tier in form.scheme.tiers),
            grace=form.scheme.grace,
            withheld=form.scheme.withheld,
            silence_working_days=form.scheme.silence_working_days,
        ),
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
