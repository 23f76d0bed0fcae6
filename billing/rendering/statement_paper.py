"""The paper of a usage statement 使用确认单, from its document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.rendering.acts import PaperAct
from billing.rendering.paper import Cell, Column, Fact, Label, Paper, Sheet, Sum, name_of, percent, price_text, shown
from foundation.values.instant import SHANGHAI, parse_instant
from foundation.values.money import format_yuan

STATES: Mapping[str, Label] = {
    "draft": Label("草稿", "Draft"),
    "issued": Label("已出具", "Issued"),
    "confirmed": Label("已确认", "Confirmed"),
    "deemed-confirmed": Label("视同确认", "Deemed confirmed"),
    "disputed": Label("有异议", "Disputed"),
}
_NUMBER = Column(Label("行", "No."), "right")
_AMOUNT = Column(Label("金额(元)", "Amount, yuan"), "right")
_MINUTES = {"up": "可用", "down": "不可用", "unknown": "未知", "excluded": "剔除"}
_REASONS = {
    "unregistered": Label("台账中没有", "not in the register"),
    "unpriced": Label("没有价格", "no price"),
    "price-gap": Label("价格有空档", "gap in the prices"),
}


def statement_paper(
    document: Mapping[str, Any], *, digest: str, state: str, agency: str, acts: tuple[PaperAct, ...] = ()
) -> Paper:
    """``document`` is the statement's own, ``agency`` what the agency is called."""
    sheets = [_charges(document)]
    if document["deductions"]:
        sheets.append(_deductions(document))
    if document["uncharged"]:
        sheets.append(_uncharged(document))
    return Paper(
        title=Label("使用确认单", "Usage statement"),
        number=document["id"],
        version=document["version"],
        state=STATES[state],
        facts=(
            Fact(Label("使用单位", "Agency"), agency),
            Fact(Label("月份", "Month"), document["month"]),
            Fact(Label("服务合同", "Contract"), document["contract"]),
            Fact(Label("版本", "Version"), str(document["version"])),
        ),
        sheets=tuple(sheets),
        sums=(
            Sum(Label("计量费用", "Metered charges"), format_yuan(document["charged"])),
            Sum(Label("服务扣减", "SLA deductions"), format_yuan(document["deducted"])),
            Sum(Label("应计金额", "Total of this statement"), format_yuan(document["payable"]), strong=True),
        ),
        notes=_notes(document),
        acts=acts,
        digest=digest,
    )


def _notes(document: Mapping[str, Any]) -> tuple[Label, ...]:
    notes = [
        Label(
            "数量为持有量按当月秒数折算,仅供阅读,至多六位小数;计算用精确值,每行只舍入一次。",
            "Quantities are shown by seconds held in the month, to six decimals; amounts are computed exactly and "
            "rounded once a line.",
        )
    ]
    if document["unmeasured"]:
        names = [name_of(document["names"], f"service:{code}", code=code) for code in document["unmeasured"]]
        listed = "、".join(names)
        notes.append(
            Label(
                f"没有可用性证据、因而不作扣减的服务:{listed}。",
                f"Services without availability evidence, so without a deduction: {', '.join(document['unmeasured'])}.",
            )
        )
    return tuple(notes)


def _charges(document: Mapping[str, Any]) -> Sheet:
    names = document["names"]
    rows = []
    for line in document["lines"]:
        service, meter = line["service"], line["meter"]
        unit = names.get(f"meter:{service}/{meter}", {}).get("unit_zh", "")
        what = (
            name_of(names, f"service:{service}", code=service),
            name_of(names, f"plan:{service}/{line['plan']}", code=line["plan"]),
            name_of(names, f"meter:{service}/{meter}", code=meter),
        )
        where = (
            name_of(names, f"system:{line['system']}", code=line["system"]),
            line["project"],
            line["fund_source"],
            f"{len(line['resources'])} 个资源",
        )
        rows.append(
            (
                Cell(str(line["number"])),
                Cell(" · ".join(filter(None, what)), " · ".join(filter(None, where))),
                Cell(_days(line["period"])),
                Cell(shown(Fraction(line["quantity"]) / line["divisor"]), unit),
                Cell(price_text(line["price"]), f"元/({unit})" if "·" in unit else f"元/{unit}"),
                Cell(format_yuan(line["amount"])),
            )
        )
    return Sheet(
        Label("计量费用", "Metered charges"),
        (
            _NUMBER,
            Column(Label("服务 · 规格 · 计量项", "Service · plan · meter"), width=1),
            Column(Label("期间", "Period")),
            Column(Label("数量", "Quantity"), "right"),
            Column(Label("单价", "Unit price"), "right"),
            _AMOUNT,
        ),
        tuple(rows),
    )


def _deductions(document: Mapping[str, Any]) -> Sheet:
    names = document["names"]
    rows = []
    for each in document["deductions"]:
        counts = each["counts"]
        minutes = (
            f"可用 {counts['up']} · 不可用 {counts['down']} · 未知 {counts['unknown']} · 剔除 {counts['excluded']}"
        )
        rows.append(
            (
                Cell(str(each["number"])),
                Cell(
                    " · ".join(
                        (
                            name_of(names, f"service:{each['service']}", code=each["service"]),
                            name_of(names, f"system:{each['system']}", code=each["system"]),
                        )
                    ),
                    f"{minutes}(分钟)",
                ),
                Cell(percent(Fraction(each["availability"])), each["availability"]),
                Cell(format_yuan(each["base"])),
                Cell(percent(Decimal(each["share"]))),
                Cell(format_yuan(each["amount"])),
            )
        )
    return Sheet(
        Label("服务扣减", "SLA deductions"),
        (
            _NUMBER,
            Column(Label("服务 · 业务系统", "Service · system"), width=1),
            Column(Label("可用率", "Availability"), "right"),
            Column(Label("计扣基数", "Base, yuan"), "right"),
            Column(Label("比例", "Share"), "right"),
            _AMOUNT,
        ),
        tuple(rows),
    )


def _uncharged(document: Mapping[str, Any]) -> Sheet:
    names = document["names"]
    rows = []
    for each in document["uncharged"]:
        reason = _REASONS.get(each["reason"], Label(each["reason"], each["reason"]))
        what = (
            name_of(names, f"service:{each['service']}", code=each["service"]),
            name_of(names, f"meter:{each['service']}/{each['meter']}", code=each["meter"]),
        )
        rows.append(
            (
                Cell(" · ".join(filter(None, what)), each["resource"]),
                Cell(reason.zh, reason.en),
                Cell(shown(Fraction(each["quantity"])), f"{each['records']} 条"),
            )
        )
    return Sheet(
        Label("未计费的用量", "Use that is not charged"),
        (
            Column(Label("服务 · 计量项", "Service · meter"), width=1),
            Column(Label("原因", "Reason")),
            Column(Label("数量", "Quantity"), "right"),
        ),
        tuple(rows),
    )


def _days(period: Mapping[str, str]) -> str:
    """First and last day of a period, Shanghai."""
    first = parse_instant(period["start"]).astimezone(SHANGHAI)
    last = parse_instant(period["end"]).astimezone(SHANGHAI) - timedelta(microseconds=1)
    return f"{first:%m-%d} – {last:%m-%d}"
