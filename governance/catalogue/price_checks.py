"""What a price list must hold to against the catalogue, the contract it cites and the versions already published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import format_instant
from governance.catalogue.model import Meter, PriceLine, PriceList, PriceUnit, PriceVersion, Service
from governance.metering import SUMMED, MeterKind

UNIT_OF = {
    MeterKind.LEVEL: PriceUnit.PER_MONTH,
    MeterKind.DELTA: PriceUnit.PER_UNIT,
    MeterKind.COUNT: PriceUnit.PER_UNIT,
}
"""What a price of a meter is for. A kind that is not here cannot be charged by billing yet, and is not priced."""


def check_prices(price_list: PriceList, offered: Iterable[Service]) -> tuple[Finding, ...]:
    """Every line prices a meter that is offered, in the unit its kind is charged by, and its cost adds up."""
    meters = {(service.code, meter.code): meter for service in offered for meter in service.meters}
    findings: list[Finding] = []
    for index, line in enumerate(price_list.lines):
        meter = meters.get((line.service, line.meter))
        if meter is None:
            findings.append(
                _finding(
                    price_list,
                    f"prices[{index}].meter",
                    f"{line.service}/{line.meter}",
                    "a meter of the catalogue",
                    f"目录中没有计量项 {line.service}/{line.meter}",
                    f"the catalogue has no meter {line.service}/{line.meter}",
                )
            )
        elif meter.kind not in SUMMED:
            findings.append(_not_rated(price_list, index, line, meter))
        elif line.unit is not UNIT_OF[meter.kind]:
            findings.append(_wrong_unit(price_list, index, line, meter))
        findings += _basis_findings(price_list, index, line)
    return tuple(findings)


def check_proposal(price_list: PriceList) -> tuple[Finding, ...]:
    """What the operator owes besides: the cost basis of every price, and what the same costs elsewhere."""
    findings: list[Finding] = []
    for index, line in enumerate(price_list.lines):
        what = f"{line.service}/{line.meter}"
        if not line.basis:
            findings.append(
                _finding(
                    price_list,
                    f"prices[{index}].basis",
                    "",
                    "cost items that add up to the price",
                    f"{what} 的价格建议须附成本构成",
                    f"a proposed price of {what} comes with its cost items",
                )
            )
        if not line.comparison:
            findings.append(
                _finding(
                    price_list,
                    f"prices[{index}].comparison",
                    "",
                    "what the same costs elsewhere",
                    f"{what} 的价格建议须附比价",
                    f"a proposed price of {what} comes with a comparison",
                )
            )
    return tuple(findings)


def fit_in(
    new: PriceVersion, standing: Sequence[PriceVersion], *, agreed_ends: Mapping[str, datetime] | None = None
) -> tuple[PriceVersion, PriceVersion | None] | None:
    """Put ``new`` among its meter's versions in its layer, which do not overlap: (new with its end, the one it ends).

    It ends the open version in force at its start, and without an end of its own runs until the next one starts. None
    where it would overlap: a version starts at the very same instant (that would be an edit), the next one starts
    before ``new``'s own end, or the one in force was published with an end of its own (``agreed_ends`` by id), which
    only an act of its own may shorten.
    """
    agreed = agreed_ends or {}
    if any(version.start == new.start for version in standing):
        return None
    following = min((version.start for version in standing if version.start > new.start), default=None)
    if new.end is not None and following is not None and following < new.end:
        return None
    held = next(
        (
            version
            for version in standing
            if version.start < new.start and (version.end is None or version.end > new.start)
        ),
        None,
    )
    if held is not None and held.end is not None and agreed.get(held.id) == held.end:
        return None
    fitted = new if new.end is not None else replace(new, end=following)
    return fitted, None if held is None else replace(held, end=new.start)


def versions_from(price_list: PriceList) -> tuple[PriceVersion, ...]:
    """The list as price versions with its own end; an id tells list, service and meter."""
    return tuple(
        PriceVersion(
            id=f"{price_list.id}/{line.service}/{line.meter}",
            service=line.service,
            meter=line.meter,
            unit=line.unit,
            price=line.price,
            start=price_list.start,
            end=price_list.end,
            includes_vat=price_list.includes_vat,
            vat_rate=price_list.vat_rate,
            cites=price_list.cites,
            place=price_list.place,
        )
        for line in price_list.lines
    )


def outside_term(price_list: PriceList, contract: str, term: str) -> Finding:
    """The list starts outside the term of the contract it cites."""
    start = format_instant(price_list.start)
    return _finding(
        price_list,
        "start",
        start,
        term,
        f"价格自 {start} 起,不在合同 {contract} 的期限内",
        f"the prices start at {start}, outside the term of contract {contract}",
    )


def no_notice(price_list: PriceList, number: str) -> Finding:
    """The list cites a notice that is not on record."""
    return _finding(
        price_list,
        "cites",
        number,
        "a notice on record",
        f"没有登记文号为 {number} 的通知",
        f"there is no notice {number} on record",
    )


def no_place(price_list: PriceList) -> Finding:
    """The list is for a place that is not there."""
    return _finding(
        price_list,
        "place",
        price_list.place,
        "a place on record",
        f"没有这个地方:{price_list.place}",
        f"there is no place {price_list.place}",
    )


def _basis_findings(price_list: PriceList, index: int, line: PriceLine) -> list[Finding]:
    total = sum(item.amount for item in line.basis)
    if not line.basis or total == line.price:
        return []
    return [
        _finding(
            price_list,
            f"prices[{index}].basis",
            str(total),
            str(line.price),
            f"成本项合计 {total} 元,与单价 {line.price} 元不符",
            f"the cost items add up to {total} yuan, the price is {line.price}",
        )
    ]


def _not_rated(price_list: PriceList, index: int, line: PriceLine, meter: Meter) -> Finding:
    return _finding(
        price_list,
        f"prices[{index}].meter",
        f"{line.service}/{line.meter} ({meter.kind})",
        " / ".join(sorted(SUMMED)),
        f"计量项 {line.service}/{line.meter} 为{meter.kind.zh}类,计费尚不能按此计算,不得定价",
        f"the meter {line.service}/{line.meter} is of kind {meter.kind}, which billing cannot rate yet: no price",
    )


def _wrong_unit(price_list: PriceList, index: int, line: PriceLine, meter: Meter) -> Finding:
    wanted = UNIT_OF[meter.kind]
    return _finding(
        price_list,
        f"prices[{index}].unit",
        line.unit,
        wanted,
        f"计量项 {line.service}/{line.meter} 按 {wanted} 计价",
        f"the meter {line.service}/{line.meter} is priced {wanted}",
    )


def _finding(price_list: PriceList, field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    place = Place(field=f"{price_list.id}.{field}")
    return Finding("governance.prices.invalid", Severity.ERROR, place, found, expected, zh, en)
