"""A project as an agency states it, and the steps of its walk by the people who take them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from governance.authority import Office, viewing
from governance.contracts import record_contract
from governance.projects import (
    AccountCoding,
    CodingLine,
    FundSource,
    Goal,
    Participant,
    Project,
    ProjectState,
    approve_project,
    draft_coding,
    project_digest,
    project_of,
    purchase_project,
    review_project,
    sign_coding,
    state_project,
)
from tests import examples

STATED = Project(
    id="P-NEW-1",
    zh="一网通办",
    en="One network",
    lead="hrss",
    document_number="",
    ceiling=1_000_001,
    state=ProjectState.NEED,
    participants=(Participant("hrss", Decimal("0.6")), Participant("housing", Decimal("0.4"))),
    funds=(FundSource("一般公共预算", Decimal("0.7"), "city"), FundSource("专项资金", Decimal("0.3"), "province")),
    goals=(
        Goal("users", "月活用户", "Monthly users", "门户统计", "10000"),
        Goal("time", "办理时限", "Days to finish", "好差评", "≤ 3"),
    ),
    need="群众办事多头跑。",
)
CODING = AccountCoding(
    project="P-NEW-1",
    project_code="2026-001",
    owner="finance",
    officer="finance-1",
    lines=(
        CodingLine("一般公共预算", "01", "30213", Decimal("0.5")),
        CodingLine("一般公共预算", "01", "30227", Decimal("0.5")),
        CodingLine("专项资金", "02", "31002"),
    ),
)


@dataclass
class Walk:
    """Takes a project along its walk; each step by somebody who may."""

    office: Office
    people: dict[str, str]

    def state(self, stated: Project = STATED) -> Project:
        return state_project(self.office, self.people["hrss-1"], stated)

    def now(self, id_: str = "P-NEW-1") -> Project:
        with viewing(self.office, self.people["bureau-1"]) as view:
            return project_of(view.transaction, view.scope, id_)

    def digest(self) -> str:
        return project_digest(self.now())

    def review(self) -> Project:
        return review_project(self.office, self.people["bureau-1"], "P-NEW-1", digest=self.digest(), opinion="可行")

    def approve(self, who: str = "bureau-2") -> Project:
        token = self.people[who]
        return approve_project(
            self.office, token, "P-NEW-1", digest=self.digest(), document_number="市政数立〔2026〕1号"
        )

    def to_approved(self) -> Project:
        self.state()
        self.review()
        return self.approve()

    def code(self) -> AccountCoding:
        drafted = draft_coding(self.office, self.people["hrss-1"], CODING)
        return sign_coding(self.office, self.people["finance-1"], "P-NEW-1", digest=drafted.digest)

    def to_purchased(self) -> Project:
        self.to_approved()
        self.code()
        document = examples.contract()
        record_contract(self.office, self.people["bureau-1"], document)
        token = self.people["bureau-1"]
        return purchase_project(self.office, token, "P-NEW-1", digest=self.digest(), contract=document.contract.id)


@pytest.fixture
def walk(office: Office, people: dict[str, str]) -> Walk:
    return Walk(office, people)
