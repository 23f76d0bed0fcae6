"""Reads a policy of approval from YAML. Amounts are yuan a month, in quotes.

policy:
  id: RP-2026-01
  party: bureau
  cites: 市政数〔2026〕3号
  start: 2026-03-01
  delegated_yuan: "5000.00"            # 委托额度: up to this the own bureau decides alone
  bands:
    - {from_yuan: "0", steps: [decider]}
    - {from_yuan: "100000.00", steps: [decider, upper], opinion: true}
  checks: {idle: advisory, growth: advisory}
  automatic:
    - {id: small, kinds: [create], up_to_yuan: "2000.00"}
  growth: {id: growth-50, most_percent: 50, use_percent: 35, days: 14, up_to_yuan: "50000.00"}
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from foundation.values.money import fen
from foundation.values.month import day_interval
from governance.yaml_documents import Code, ExactDecimal, Form, Problems, Text, read_form
from tenants.requests.kinds import RequestKind
from tenants.requests.policy import AutomaticRule, Band, By, GrowthRule, Policy, Weight

CHECKS = (
    *("project", "contract-line", "quota", "placement", "negative-list"),
    *("addresses", "idle", "growth", "price", "coding"),
)
"""The checks there are."""

_Yuan = Annotated[ExactDecimal, Field(ge=0, decimal_places=2, max_digits=18)]
_Days = Annotated[int, Field(ge=1, le=366)]


class _Band(Form):
    from_yuan: _Yuan
    steps: Annotated[list[By], Field(min_length=1, max_length=6)]
    opinion: bool = False


class _Automatic(Form):
    id: Code
    kinds: Annotated[list[RequestKind], Field(min_length=1)]
    up_to_yuan: _Yuan


class _Growth(Form):
    id: Code
    most_percent: Annotated[int, Field(ge=1, le=1000)]
    use_percent: Annotated[int, Field(ge=1, le=100)]
    days: _Days = 14
    up_to_yuan: _Yuan


class _Policy(Form):
    id: Code
    party: Code
    cites: Text
    start: date
    levels: list[Code] = Field(default_factory=list)
    delegated_yuan: _Yuan
    bands: Annotated[list[_Band], Field(min_length=1)]
    checks: dict[str, Weight] = Field(default_factory=dict)
    automatic: list[_Automatic] = Field(default_factory=list)
    growth: _Growth | None = None
    decision_working_days: _Days = 5
    urgent_working_days: _Days = 1
    delivery_working_days: _Days = 5
    reminder_days: list[_Days] = Field(default_factory=lambda: [30, 7])
    urgent_most_days: _Days = 30


class _Document(Form):
    policy: _Policy


def read_policy(path: Path) -> tuple[Policy | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no policy."""
    form, findings = read_form(path, _Document, _check)
    return (None, findings) if form is None else (_policy(form.policy), ())


def _check(document: _Document, problems: Problems) -> None:
    form = document.policy
    marks = [band.from_yuan for band in form.bands]
    if marks != sorted(set(marks)) or marks[0] != 0:
        problems.add(
            ("policy", "bands"),
            found=[str(mark) for mark in marks],
            expected="rising, the first 0",
            zh="金额档次须由低到高排列,第一档从 0 起",
            en="the bands rise, and the first begins at 0",
        )
    for name in form.checks:
        if name not in CHECKS:
            problems.add(
                ("policy", "checks", name),
                found=name,
                expected=", ".join(CHECKS),
                zh="没有这项核验",
                en="there is no such check",
            )
    for index, rule in enumerate(form.automatic):
        if not all(kind in {RequestKind.CREATE, RequestKind.CHANGE, RequestKind.RESUME} for kind in rule.kinds):
            problems.add(
                ("policy", "automatic", index, "kinds"),
                found=[kind.value for kind in rule.kinds],
                expected="create, change, resume",
                zh="暂停、转移和终止须由人决定",
                en="a suspension, a transfer and an end are decided by a person",
            )


def _policy(form: _Policy) -> Policy:
    growth = form.growth
    return Policy(
        id=form.id,
        party=form.party,
        cites=form.cites,
        start=day_interval(form.start).start,
        levels=tuple(form.levels),
        delegated=fen(form.delegated_yuan),
        bands=tuple(Band(fen(band.from_yuan), tuple(band.steps), band.opinion) for band in form.bands),
        checks=form.checks,
        automatic=tuple(AutomaticRule(rule.id, frozenset(rule.kinds), fen(rule.up_to_yuan)) for rule in form.automatic),
        growth=None
        if growth is None
        else GrowthRule(growth.id, growth.most_percent, growth.use_percent, growth.days, fen(growth.up_to_yuan)),
        decision_working_days=form.decision_working_days,
        urgent_working_days=form.urgent_working_days,
        delivery_working_days=form.delivery_working_days,
        reminder_days=tuple(sorted(form.reminder_days, reverse=True)),
        urgent_most_days=form.urgent_most_days,
    )
