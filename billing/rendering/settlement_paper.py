"""The paper of a settlement 结算单, from its document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from billing.rendering.acts import PaperAct
from billing.rendering.paper import Cell, Column, Fact, Label, Paper, Sheet, Sum, name_of, percent, price_text
from foundation.values.money import format_yuan

STATES: Mapping[str, Label] = {
    "draft": Label("草稿", "Draft"),
    "submitted": Label("已提交", "Submitted"),
    "accepted": Label("已认可", "Accepted"),
    "reviewed": Label("已审核", "Reviewed"),
    "approved": Label("已批准", "Approved"),
    "paid": Label("已支付", "Paid"),
    "returned": Label("已退回", "Returned"),
}
_KINDS: Mapping[str, Label] = {
    "usage": Label("计量费用", "Metered charges"),
    "deduction": Label("服务扣减", "SLA deduction"),
    "service-item": Label("服务事项", "Service item"),
    "outcome-item": Label("服务成果", "Outcome item"),
    "coefficient": Label("质量系数", "Quality coefficient"),
    "tax": Label("增值税", "Value-added tax"),
    "withheld": Label("暂扣", "Withheld tranche"),
}


def settlement_paper(document: Mapping[str, Any], *, digest: str, state: str, acts: tuple[PaperAct, ...] = ()) -> Paper:
    """``document`` is the settlement's own."""
    names = document["names"]

    def party(role: str) -> str:
        return name_of(names, f"party:{document[role]}", code=document[role])

    return Paper(
        title=Label("结算单", "Settlement"),
        number=document["id"],
        version=document["version"],
        state=STATES[state],
        facts=(
            Fact(Label("购买方", "Buyer"), party("buyer")),
            Fact(Label("运营方", "Operator"), party("operator")),
            Fact(Label("付款方", "Payer"), party("payer")),
            Fact(Label("月份", "Month"), document["month"]),
            Fact(Label("服务合同", "Contract"), f"{document['contract']}({document['document_number']})"),
            Fact(Label("考核得分", "Grade"), _grade(document["grade"])),
        ),
        sheets=(_lines(document), _shares(document)),
        sums=_sums(document["totals"]),
        notes=_notes(document),
        acts=acts,
        digest=digest,
    )


def _grade(grade: Mapping[str, Any]) -> str:
    text = f"{grade['points']} 分 → {grade['coefficient']}"
    return f"{text}(暂用 {grade['month']},provisional)" if grade["provisional"] else text


def _lines(document: Mapping[str, Any]) -> Sheet:
    rows = tuple(_line(document["names"], line) for line in document["lines"])
    return Sheet(
        Label("结算明细", "Lines"),
        (
            Column(Label("行", "No."), "right"),
            Column(Label("事项", "Item"), width=1),
            Column(Label("数量", "Quantity"), "right"),
            Column(Label("单价(元)", "Unit price, yuan"), "right"),
            Column(Label("系数或比例", "Factor"), "right"),
            Column(Label("金额(元)", "Amount, yuan"), "right"),
        ),
        rows,
    )


def _line(names: Mapping[str, Mapping[str, str]], line: Mapping[str, Any]) -> tuple[Cell, ...]:
    kind = _KINDS[line["kind"]]
    head = f"{kind.zh} {kind.en}"
    about = [name_of(names, f"party:{line['agency']}", code=line["agency"])]
    unit = ""
    if line["service"]:
        about = [name_of(names, f"service:{line['service']}", code=line["service"])]
        about.append(name_of(names, f"system:{line['system']}", code=line["system"]))
        unit = names.get(f"meter:{line['service']}/{line['meter']}", {}).get("unit_zh", "")
    notes = [line["reference"], line["project"], line["fund_source"]]
    factor = "" if line["factor"] is None else percent(Decimal(line["factor"]))
    base = "" if line["base"] is None else f"基数 base {format_yuan(line['base'])}"
    return (
        Cell(str(line["number"])),
        Cell(" · ".join(filter(None, [head, *about])), " · ".join(filter(None, notes))),
        Cell(line["quantity"] or "", unit),
        Cell("" if line["price"] is None else price_text(line["price"])),
        Cell(factor, base),
        Cell(format_yuan(line["amount"])),
    )


def _shares(document: Mapping[str, Any]) -> Sheet:
    names = document["names"]
    rows = tuple(
        (
            Cell(
                name_of(names, f"party:{share['agency']}", code=share["agency"]),
                name_of(names, f"system:{share['system']}", code=share["system"]),
            ),
            Cell(name_of(names, f"project:{share['project']}", code=share["project"]), share["fund_source"]),
            Cell(format_yuan(share["gross"])),
            Cell(format_yuan(share["withheld"])),
            Cell(format_yuan(share["payable"])),
        )
        for share in document["breakdown"]
    )
    return Sheet(
        Label("费用分摊", "Who bears it"),
        (
            Column(Label("使用单位 · 业务系统", "Agency · system"), width=1),
            Column(Label("项目 · 资金来源", "Project · fund source"), width=1),
            Column(Label("应付总额", "Gross, yuan"), "right"),
            Column(Label("暂扣", "Withheld"), "right"),
            Column(Label("本期支付", "Payable now"), "right"),
        ),
        rows,
    )


def _sums(totals: Mapping[str, int]) -> tuple[Sum, ...]:
    shown = (
        ("usage", Label("计量费用", "Metered charges")),
        ("deductions", Label("服务扣减", "SLA deductions")),
        ("service_items", Label("服务事项", "Service items")),
        ("outcome_items", Label("服务成果", "Outcome items")),
        ("coefficient", Label("质量系数调整", "Quality coefficient")),
        ("tax", Label("增值税", "Value-added tax")),
        ("gross", Label("应付总额", "Gross")),
        ("withheld", Label("其中暂扣", "of which withheld")),
    )
    always = {"usage", "coefficient", "gross"}
    lines = [Sum(label, format_yuan(totals[field])) for field, label in shown if totals[field] or field in always]
    return (*lines, Sum(Label("本期支付", "Payable now"), format_yuan(totals["payable"]), strong=True))


def _notes(document: Mapping[str, Any]) -> tuple[Label, ...]:
    totals = document["totals"]
    contained = format_yuan(totals["tax_contained"])
    before, ceiling = format_yuan(totals["settled_before"]), format_yuan(totals["ceiling"])
    notes = [
        Label(f"含税价格中所含增值税 {contained} 元。", f"Prices that include VAT contain {contained} yuan of tax."),
        Label(
            f"合同上限 {ceiling} 元,此前已结算 {before} 元。",
            f"The contract's ceiling is {ceiling} yuan; {before} yuan were settled before.",
        ),
    ]
    for each in document["statements"]:
        if each["held"]:
            numbers = "、".join(map(str, each["held"]))
            notes.append(
                Label(
                    f"{each['id']} 的第 {numbers} 行有异议,未列入本期。",
                    f"Lines {numbers} of {each['id']} are in dispute and not settled here.",
                )
            )
    return tuple(notes)
