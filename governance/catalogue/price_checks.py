"""What a price list must hold to against the catalogue, the contract it cites and the versions already published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import format_instant
from governance.catalogue.model import Meter, MeterKind, PriceLine, PriceList, PriceUnit, PriceVersion, Service

_UNIT_OF = {
    MeterKind.LEVEL: PriceUnit.PER_MONTH,
    MeterKind.DELTA: PriceUnit.PER_UNIT,
    MeterKind.COUNT: PriceUnit.PER_UNIT,
}


def check_prices(price_list: PriceList, offered: Iterable[Service]) -> tuple[Finding, ...]:
    """Every line prices a meter that is offered, in the unit its kind is charged by."""
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
        elif line.unit is not _UNIT_OF[meter.kind]:
            findings.append(_wrong_unit(price_list, index, line, meter))
    return tuple(findings)


def fit_in(new: PriceVersion, standing: Sequence[PriceVersion]) -> tuple[PriceVersion, PriceVersion | None] | None:
    """Put ``new`` among the versions of its meter, which do not overlap: (new with its end, the one it ends).

    It ends the version in force at its start, and runs until the next one starts. None if a version starts at the
    very same instant: that would be an edit.
    """
    if any(version.start == new.start for version in standing):
        return None
    following = min((version.start for version in standing if version.start > new.start), default=None)
    in_force = next(
        (
            version
            for version in standing
            if version.start < new.start and (version.end is None or version.end > new.start)
        ),
        None,
    )
    return replace(new, end=following), None if in_force is None else replace(in_force, end=new.start)


def versions_from(price_list: PriceList) -> tuple[PriceVersion, ...]:
    """The list as price versions without an end; an id tells list, service and meter."""
    return tuple(
        PriceVersion(
            id=f"{price_list.id}/{line.service}/{line.meter}",
            service=line.service,
            meter=line.meter,
            unit=line.unit,
            price=line.price,
            start=price_list.start,
            end=None,
            includes_vat=price_list.includes_vat,
            vat_rate=price_list.vat_rate,
            cites=price_list.cites,
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


def _wrong_unit(price_list: PriceList, index: int, line: PriceLine, meter: Meter) -> Finding:
    wanted = _UNIT_OF[meter.kind]
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
