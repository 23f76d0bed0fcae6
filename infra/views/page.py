"""The plan as one HTML page that needs nothing else: both languages, every state with a sign, ready to print."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from foundation.values.instant import SHANGHAI
from foundation.values.money import format_yuan
from infra.engine.model import Operation
from infra.guardrails import GuardrailFinding
from infra.views.costs import CostDifference
from infra.views.model import Approver, Change, PlanView
from infra.views.table import signed
from infra.views.values import PropertyChange
from infra.views.words import SIGNS, kind_words

_ORDER = (Operation.DELETE, Operation.REPLACE, Operation.UPDATE, Operation.ADOPT, Operation.CREATE)
"""What can do harm comes first."""
_VERDICT_SIGNS = {Approver.NOBODY_MORE: "✔", Approver.SECOND_OPERATOR: "!", Approver.NOBODY_MAY: "✖"}


def plan_page(told: PlanView) -> str:
    """The whole document; the same view gives the same text."""
    title = f"部署计划 {escape(told.environment)}"
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · plan {escape(told.digest[:12])}</title>
<style>
{_style()}</style>
</head>
<body>
<header>
<h1>{title} <span lang="en">deployment plan</span></h1>
{_facts(told)}
</header>
<main>
{_verdict(told)}{_warnings(told)}
{_counts(told)}
<h2>护栏 <span lang="en">Guardrails</span></h2>
{_guardrails(told.judgement.findings)}
<h2>费用 <span lang="en">Cost a month</span></h2>
{_cost(told.cost)}
<h2>变更 <span lang="en">Changes</span></h2>
{_changes(told)}
{_picture(told.picture)}
</main>
<footer>
<p>计划摘要 <span lang="en">plan digest</span> <code>{escape(told.digest)}</code><br>
评判摘要 <span lang="en">judgement digest</span> <code>{escape(told.judgement.digest)}</code>
(护栏参数 <span lang="en">guardrail parameters</span> {escape(told.judgement.policy)})</p>
</footer>
</body>
</html>
"""


@cache
def _style() -> str:
    return files("infra.views").joinpath("style.css").read_text(encoding="utf-8")


def _facts(told: PlanView) -> str:
    at = told.planned_at.astimezone(SHANGHAI)
    rows = (
        ("使用单位", "agency", told.agency),
        ("业务系统", "system", told.system),
        ("项目", "project", told.project),
        ("资金来源", "fund source", told.fund_source),
        ("依据的申请", "request", told.request),
        ("计划时间", "planned at", f"{at:%Y-%m-%d %H:%M:%S}(北京时间)"),
        ("性质", "risk", f"{told.risk_zh} {told.risk}"),
    )
    inside = "\n".join(
        f'<dt>{zh} <span lang="en">{en}</span></dt><dd>{escape(value) or "—"}</dd>' for zh, en, value in rows
    )
    return f"<dl>\n{inside}\n</dl>"


def _verdict(told: PlanView) -> str:
    reasons = "".join(
        f'<li>{escape(one.zh)} <span lang="en">{escape(one.en)}</span></li>' for one in told.short_reasons
    )
    listed = f"<ul>{reasons}</ul>" if reasons else ""
    done = '<p>✔ 已由另一人批准 <span lang="en">a second person has approved it</span></p>' if told.approved else ""
    sign = _VERDICT_SIGNS[told.approver]
    return (
        f'<section class="verdict {told.approver.value}"><strong><span aria-hidden="true">{sign}</span> '
        f'{escape(told.approver.zh)}</strong> <span lang="en">{escape(told.approver.en)}</span>{listed}{done}</section>'
    )


def _warnings(told: PlanView) -> str:
    return "".join(
        f'\n<p class="warn">! {escape(one.zh)} <span lang="en">{escape(one.en)}</span></p>' for one in told.warnings
    )


def _counts(told: PlanView) -> str:
    counted = [(one, len(told.of(one))) for one in reversed(_ORDER)] + [(Operation.SAME, told.unchanged)]
    inside = "".join(
        f'<li class="{one.value}"><b aria-hidden="true">{SIGNS[one][0]}</b> {many} {SIGNS[one][1]} '
        f'<span lang="en">{SIGNS[one][2]}</span></li>'
        for one, many in counted
    )
    return f'<ul class="counts">{inside}</ul>'


def _guardrails(findings: Iterable[GuardrailFinding]) -> str:
    told = "\n".join(_finding(one) for one in findings)
    return told or '<p class="well">✔ 没有发现问题 <span lang="en">nothing found</span></p>'


def _finding(one: GuardrailFinding) -> str:
    sign, look, zh, en = ("✖", "block", "拒绝", "block") if one.blocks else ("!", "warn", "提示", "warn")
    if one.exemption:
        sign, look, zh, en = "○", "exempt", "已豁免", "exempted"
    kind_zh, kind_en = kind_words(one.kind)
    where = f"{escape(kind_zh)} <code>{escape(one.kind)}/{escape(one.name)}</code>"
    more = f'<p>→ {escape(one.remedy_zh)} <span lang="en">{escape(one.remedy_en)}</span></p>'
    if one.exemption:
        more += f'<p>豁免 <span lang="en">exemption</span> <code>{escape(one.exemption)}</code></p>'
    if one.untouched:
        more += '<p>原已如此,本计划未改动它 <span lang="en">it was so before, the plan leaves it</span></p>'
    return (
        f'<article class="{look}"><h3><span class="sign {look}" aria-hidden="true">{sign}</span> '
        f'<code>{escape(one.rule)}</code> {zh} <span lang="en">{en}</span> — {escape(one.zh)} '
        f'<span lang="en">{escape(one.en)}</span></h3>'
        f'<p>{where} <span lang="en">{escape(kind_en)}</span> · <code>{escape(one.path)}</code>: '
        f'<span class="value">{escape(one.found)}</span></p>{more}</article>'
    )


def _cost(cost: CostDifference) -> str:
    rows = "\n".join(
        f'<tr><td>{escape(one.zh)} <span lang="en">{escape(one.en)}</span></td>'
        f'<td class="number">{one.resources_before} → {one.resources_after}</td>'
        f'<td class="number">{format_yuan(one.before)}</td><td class="number">{format_yuan(one.after)}</td>'
        f'<td class="number">{signed(one.difference)}</td></tr>'
        for one in cost.items
    )
    missing = "".join(
        f'<p class="warn">! {escape(zh)} <span lang="en">{escape(en)}</span></p>' for zh, en in cost.unpriced
    )
    return f"""<div class="wrap"><table>
<thead><tr><th scope="col">计费项 <span lang="en">item</span></th>
<th scope="col" class="number">资源数 <span lang="en">resources</span></th>
<th scope="col" class="number">计划前(元) <span lang="en">before</span></th>
<th scope="col" class="number">计划后(元) <span lang="en">after</span></th>
<th scope="col" class="number">差额(元) <span lang="en">difference</span></th></tr></thead>
<tbody>
{rows}
</tbody>
<tfoot><tr><th scope="row" colspan="2">合计 <span lang="en">total</span></th>
<td class="number">{format_yuan(cost.before)}</td><td class="number">{format_yuan(cost.after)}</td>
<td class="number">{signed(cost.difference)}</td></tr></tfoot>
</table></div>{missing}"""


def _changes(told: PlanView) -> str:
    changes = "\n".join(_change(one) for operation in _ORDER for one in told.of(operation))
    same = f'<p>= {told.unchanged} 个资源不变 <span lang="en">{told.unchanged} resources unchanged</span></p>'
    return f"{changes}\n{same}"


def _change(change: Change) -> str:
    sign, zh, en = SIGNS[change.operation]
    kind_zh, kind_en = kind_words(change.kind)
    because = ""
    if change.reasons:
        listed = ", ".join(f"<code>{escape(one)}</code>" for one in change.reasons)
        because = f'<p>须替换,因为改变了 <span lang="en">replaced because of</span> {listed}</p>'
    if change.adopts:
        id_ = f"<code>{escape(change.adopts)}</code>"
        because = f'<p>云上已有 {id_},纳入而不新建 <span lang="en">it exists, and is adopted, not made</span></p>'
    look = change.operation.value
    return (
        f'<article class="{look}"><h3 class="{look}"><span class="sign" aria-hidden="true">{sign}</span>{zh} '
        f'<span lang="en">{en}</span> {escape(kind_zh)} <span lang="en">{escape(kind_en)}</span> '
        f"<code>{escape(change.name)}</code></h3>{because}{_properties(change)}</article>"
    )


def _properties(change: Change) -> str:
    if not change.properties:
        return ""
    one_side = change.operation in {Operation.CREATE, Operation.DELETE}
    heads = ("值", "value") if one_side else ("原值", "old")
    second = "" if one_side else '<th scope="col">新值 <span lang="en">new</span></th>'
    rows = "\n".join(_property(one, one_side=one_side) for one in change.properties)
    table = (
        f'<table><thead><tr><th scope="col">属性 <span lang="en">property</span></th>'
        f'<th scope="col">{heads[0]} <span lang="en">{heads[1]}</span></th>{second}</tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table>"
    )
    if not one_side:
        return table
    many = len(change.properties)
    return f'<details open><summary>属性 <span lang="en">properties</span> {many}</summary>{table}</details>'


def _property(one: PropertyChange, *, one_side: bool) -> str:
    forced = ' <b title="须替换 forces replacement">±</b>' if one.replaces else ""
    path = f'<td class="property"><code>{escape(one.path)}</code>{forced}</td>'
    if one_side:
        return f"<tr>{path}<td>{_value(one.old if one.new is None else one.new)}</td></tr>"
    return f'<tr>{path}<td class="old">{_value(one.old)}</td><td class="new">{_value(one.new)}</td></tr>'


def _value(text: str | None) -> str:
    return '<span lang="en">—</span>' if text is None else f'<span class="value">{escape(text)}</span>'


def _picture(picture: str) -> str:
    if not picture:
        return ""
    return f'<h2>网络图 <span lang="en">Picture</span></h2>\n<figure class="wrap" style="margin:0">{picture}</figure>'
