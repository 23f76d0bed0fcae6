"""What the shape of a catalogue or price file alone cannot say, as findings on its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from governance.catalogue.model import FieldKind, ServiceKind
from governance.metering import MeterKind
from governance.sla import CALCULATORS
from governance.yaml_documents import FieldPath, Problems

if TYPE_CHECKING:
    from governance.catalogue.reading import CatalogueForm, PricesForm, _Field, _Line, _Service

_BOUNDED = {FieldKind.TEXT, FieldKind.INTEGER, FieldKind.DECIMAL}


def check_catalogue(form: CatalogueForm, problems: Problems) -> None:
    """Codes once, plans where they belong, meters and promises that can be kept, questions that can be answered."""
    each_once(problems, ("services",), [each.code for each in form.services], "code")
    plans: list[str] = []
    for index, service in enumerate(form.services):
        here: FieldPath = ("services", index)
        each_once(problems, (*here, "plans"), [each.code for each in service.plans], "code", before=plans)
        plans.extend(each.code for each in service.plans)
        each_once(problems, (*here, "meters"), [each.code for each in service.meters], "code")
        each_once(problems, (*here, "form"), [each.code for each in service.form], "code")
        _check_service(problems, here, service)
        for number, field in enumerate(service.form):
            _check_field(problems, (*here, "form", number), field)


def _check_service(problems: Problems, here: FieldPath, service: _Service) -> None:
    if service.plans and service.kind is not ServiceKind.RESOURCE:
        problems.add(
            (*here, "plans"),
            found=len(service.plans),
            expected="none",
            zh="只有资源类服务有规格",
            en="only a resource service has plans",
        )
    if (service.sla is None) != (service.calculator is None):
        problems.add(
            (*here, "calculator"),
            found=service.calculator or "",
            expected="an SLA with its calculator, or neither",
            zh="服务等级与可用性算法须同时写明",
            en="an SLA names its calculator, and a calculator its SLA",
        )
    elif service.calculator is not None and service.calculator not in CALCULATORS:
        known = ", ".join(CALCULATORS)
        problems.add(
            (*here, "calculator"),
            found=service.calculator,
            expected=known,
            zh=f"没有可用性算法 {service.calculator},现有:{known}",
            en=f"there is no calculator {service.calculator}; there are: {known}",
        )
    for number, meter in enumerate(service.meters):
        if (meter.attribute is not None) != (meter.kind is MeterKind.LEVEL):
            problems.add(
                (*here, "meters", number, "attribute"),
                found=meter.attribute or "",
                expected="of a level meter the attribute it is charged from, otherwise nothing",
                zh="占用量计量项须写明取自哪个属性,其他计量项不写",
                en="a level meter names the attribute it is charged from, another names none",
            )


def _check_field(problems: Problems, here: FieldPath, field: _Field) -> None:
    each_once(problems, (*here, "choices"), [each.code for each in field.choices], "code")
    if bool(field.choices) != (field.kind is FieldKind.CHOICE):
        problems.add(
            (*here, "choices"),
            found=len(field.choices),
            expected="choices of a choice field, of no other",
            zh="选项类申请项须列出选项,其他不列",
            en="a choice field lists its choices, another lists none",
        )
    bounds = [each for each in (field.minimum, field.maximum) if each is not None]
    if (bounds and field.kind not in _BOUNDED) or bounds != sorted(bounds):
        problems.add(
            (*here, "minimum" if field.minimum is not None else "maximum"),
            found=" … ".join(map(str, bounds)),
            expected="of a number or text: a minimum that is not above the maximum",
            zh="只有数和文字有上下限,下限不得大于上限",
            en="only numbers and texts have bounds, and the minimum is not above the maximum",
        )


def check_lists(form: PricesForm, problems: Problems) -> None:
    """Ids once, one citation each, an end after the start, a cost basis that adds up."""
    each_once(problems, ("lists",), [each.id for each in form.lists], "id")
    each_once(problems, ("notices",), [each.number for each in form.notices], "number")
    for index, price_list in enumerate(form.lists):
        here: FieldPath = ("lists", index)
        cites = price_list.cites
        if (cites.contract is None) == (cites.notice is None):
            problems.add(
                (*here, "cites"),
                found=cites.contract or "",
                expected="a contract or a notice",
                zh="须引用一份合同或一份通知,二者择一",
                en="cite either a contract or a notice",
            )
        if price_list.end is not None and price_list.end <= price_list.start:
            problems.add(
                (*here, "end"),
                found=price_list.end.isoformat(),
                expected=f"after {price_list.start.isoformat()}",
                zh="止期须晚于起期",
                en="the end comes after the start",
            )
        priced = [f"{each.service}/{each.meter}" for each in price_list.prices]
        each_once(problems, (*here, "prices"), priced, "meter")
        for number, line in enumerate(price_list.prices):
            _check_basis(problems, (*here, "prices", number), line)


def _check_basis(problems: Problems, here: FieldPath, line: _Line) -> None:
    total = sum(each.amount for each in line.basis)
    if line.basis and total != line.price:
        problems.add(
            (*here, "basis"),
            found=total,
            expected=str(line.price),
            zh=f"成本项合计 {total} 元,与单价 {line.price} 元不符",
            en=f"the cost items add up to {total} yuan, the price is {line.price}",
        )


def each_once(
    problems: Problems, path: FieldPath, codes: Sequence[str], field: str, *, before: Sequence[str] = ()
) -> None:
    """A finding for every code that stood already, here or in ``before``."""
    seen = set(before)
    for index, code in enumerate(codes):
        if code in seen:
            problems.add(
                (*path, index, field),
                found=code,
                expected="each once",
                zh=f"{code} 重复",
                en=f"{code} stands here twice",
            )
        seen.add(code)
