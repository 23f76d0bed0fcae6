"""The plan as lines for a terminal: short, with a sign before every colour, long values cut to one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from foundation.values.money import format_yuan
from infra.engine.model import Operation
from infra.guardrails import GuardrailFinding, Severity
from infra.views.costs import CostDifference
from infra.views.model import Change, PlanView
from infra.views.values import elided
from infra.views.words import SIGNS, kind_words

LONGEST = 60
"""A value's letters in a terminal's line."""
STYLES = {
    Operation.CREATE: "green",
    Operation.ADOPT: "cyan",
    Operation.UPDATE: "yellow",
    Operation.REPLACE: "magenta",
    Operation.DELETE: "red",
    Operation.SAME: "dim",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``style`` is rich's name of a colour, empty for none; the text says the same without it."""

    zh: str
    en: str = ""
    style: str = ""

    def text(self, languages: Sequence[str]) -> str:
        """The line in the languages asked for; one that is of no language is told once."""
        if not self.en:
            return self.zh
        return " · ".join(one for language, one in (("zh", self.zh), ("en", self.en)) if language in languages)


def plan_lines(told: PlanView, *, longest: int = LONGEST) -> Iterator[Line]:
    """Every line of the plan, as a terminal shows it."""
    yield Line(f"环境 {told.environment}", f"environment {told.environment}", "bold")
    for warning in told.warnings:
        yield Line(f"  ! {warning.zh}", warning.en, "yellow")
    for change in told.changes:
        yield from _change(change, longest)
    yield Line(f"  = {told.unchanged} 个不变", f"{told.unchanged} unchanged", "dim")
    yield from _cost(told.cost)
    yield from _guardrails(told.judgement.findings, longest)
    counts = [(one, len(told.of(one))) for one in STYLES if one is not Operation.SAME]
    said = "  ".join(f"{SIGNS[one][0]} {many}" for one, many in counts)
    yield Line(f"{said}   摘要 digest {told.digest[:16]}")
    yield from _approval(told)


def _change(change: Change, longest: int) -> Iterator[Line]:
    sign, style = SIGNS[change.operation][0], STYLES[change.operation]
    zh, _ = kind_words(change.kind)
    adopts = f"  ← {change.adopts}" if change.adopts else ""
    yield Line(f"  {sign} {change.operation.value:8}{change.kind:16} {change.name}  {zh}{adopts}", style=style)
    if change.operation in {Operation.CREATE, Operation.DELETE}:
        return
    for one in change.properties:
        why = "  ← 须替换 forces replacement" if one.replaces else ""
        old, new = ("—" if text is None else elided(text, longest) for text in (one.old, one.new))
        yield Line(f"      {one.path}: {old} → {new}{why}", style=style if one.replaces else "")


def _cost(cost: CostDifference) -> Iterator[Line]:
    for item in cost.items:
        if item.difference:
            told = f"{format_yuan(item.before)} → {format_yuan(item.after)} ({signed(item.difference)})"
            yield Line(f"  ¥ {item.zh}: {told}", f"{item.en}")
    for zh, en in cost.unpriced:
        yield Line(f"  ¥ {zh}", en, "yellow")
    before, after, more = format_yuan(cost.before), format_yuan(cost.after), signed(cost.difference)
    yield Line(f"  ¥ 每月 {before} → {after} 元({more})", f"{before} → {after} yuan a month ({more})", "bold")


def _guardrails(findings: Sequence[GuardrailFinding], longest: int) -> Iterator[Line]:
    for one in findings:
        sign, style = ("✖", "red") if one.blocks else ("!", "yellow")
        if one.exemption:
            sign, style = "○", "cyan"
        yield Line(
            f"  {sign} {one.rule} {one.severity.value:5} {one.resource} {one.path}: {elided(one.found, longest)}"
        )
        yield Line(f"      {one.zh}", one.en, style)
        if one.exemption:
            yield Line(f"      已豁免 {one.exemption}", f"exempted by {one.exemption}", style)
        elif one.untouched:
            yield Line("      原已如此,本计划未改动它", "it was so before, the plan leaves it", "dim")
        else:
            yield Line(f"      → {one.remedy_zh}", one.remedy_en)
    if not findings:
        yield Line("  ✔ 护栏:没有发现问题", "guardrails: nothing found", "green")
    else:
        many = [sum(one.severity is severity for one in findings) for severity in Severity]
        yield Line(f"  护栏:{many[0]} 项拒绝,{many[1]} 项提示", f"guardrails: {many[0]} block, {many[1]} warn")


def _approval(told: PlanView) -> Iterator[Line]:
    for reason in told.short_reasons:
        yield Line(f"  - {reason.zh}", reason.en)
    style = {"covered": "green", "second-operator": "yellow", "forbidden": "red"}[told.approver.value]
    yield Line(told.approver.zh, told.approver.en, style)
    if told.approved:
        yield Line("已由另一人批准", "a second person has approved it", "green")


def signed(fen: int) -> str:
    """Fen as yuan with a sign: ``+12.00``, ``-3.50``, ``±0.00``."""
    return f"{'+' if fen > 0 else '' if fen < 0 else '±'}{format_yuan(fen)}"
