"""Reads a file of quotas or budgets. Days are Shanghai's; ``until`` is the first day after; yuan stand in quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding
from foundation.values.instant import SHANGHAI, format_instant, parse_instant
from foundation.values.money import QUANTITY, fen
from governance.yaml_documents import Code, ExactDecimal, Form, Problems, Text, read_form
from tenants.quotas.model import FEN_A_MONTH, FEN_A_YEAR, MONEY, QuotaKey, check_dimension, to_units

Quantity = Annotated[ExactDecimal, Field(ge=0, max_digits=QUANTITY[0] - 2, decimal_places=QUANTITY[1])]
Yuan = Annotated[ExactDecimal, Field(ge=0, decimal_places=2, max_digits=18)]


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """One limit of a document: so many ``units`` for a key; a share of ``parent`` (a key's id) where not empty."""

    key: QuotaKey
    units: int
    parent: str = ""


@dataclass(frozen=True, slots=True)
class QuotaDocument:
    """配额或预算文件: limits over [``starts``, ``ends``) on a document number; ``temporary`` ones come on top.

    A temporary quota (急用) has an end and a reason, and its papers follow.
    """

    id: str
    basis: str
    starts: datetime
    ends: datetime | None
    lines: tuple[QuotaLine, ...]
    temporary: bool = False
    reason: str = ""


class _Whose(Form):
    region: Code | None = None
    agency: Code | None = None
    project: Code | None = None
    service: Code | None = None


class _Quota(_Whose):
    limits: Annotated[dict[str, Quantity], Field(min_length=1)]
    share_of: _Whose | None = None


class _Fund(_Whose):
    fund_source: Text | None = None


class _Budget(_Fund):
    year: Annotated[int, Field(ge=2000, le=2999)] | None = None
    yuan: Yuan | None = None
    yuan_a_month: Yuan | None = None
    share_of: _Fund | None = None


class _Document(Form):
    id: Code
    basis: Text
    first_day: date
    end_day: date | None = None
    temporary: bool = False
    reason: Annotated[str, Field(max_length=500)] = ""
    quotas: list[_Quota] = Field(default_factory=list)
    budgets: list[_Budget] = Field(default_factory=list)


def read_quotas(path: Path) -> tuple[QuotaDocument | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no document."""
    form, findings = read_form(path, _Document, _check)
    if form is None:
        return None, findings
    return (
        QuotaDocument(
            id=form.id,
            basis=form.basis,
            starts=_midnight(form.first_day),
            ends=None if form.end_day is None else _midnight(form.end_day),
            lines=tuple(line for _, line in _lines(form)),
            temporary=form.temporary,
            reason=form.reason,
        ),
        (),
    )


def to_document(document: QuotaDocument) -> dict[str, Any]:
    """The document as plain JSON values, which its digest is taken of."""
    return {
        "id": document.id,
        "basis": document.basis,
        "starts": format_instant(document.starts),
        "ends": None if document.ends is None else format_instant(document.ends),
        "temporary": document.temporary,
        "reason": document.reason,
        "lines": [{"key": _plain_key(line.key), "units": line.units, "parent": line.parent} for line in document.lines],
    }


def from_document(found: dict[str, Any]) -> QuotaDocument:
    """The document out of its plain JSON values."""
    return QuotaDocument(
        id=found["id"],
        basis=found["basis"],
        starts=parse_instant(found["starts"]),
        ends=None if found["ends"] is None else parse_instant(found["ends"]),
        lines=tuple(QuotaLine(QuotaKey(**line["key"]), line["units"], line["parent"]) for line in found["lines"]),
        temporary=found["temporary"],
        reason=found["reason"],
    )


def _plain_key(key: QuotaKey) -> dict[str, str]:
    return {name: getattr(key, name) for name in QuotaKey.__slots__ if name == "dimension" or getattr(key, name)}


def _lines(form: _Document) -> Sequence[tuple[tuple[str | int, ...], QuotaLine]]:
    found: list[tuple[tuple[str | int, ...], QuotaLine]] = []
    for index, quota in enumerate(form.quotas):
        for dimension, amount in sorted(quota.limits.items()):
            key = _key(quota, dimension)
            parent = "" if quota.share_of is None else _key(quota.share_of, dimension).id
            at = ("quotas", index, "limits", dimension)
            found.append((at, QuotaLine(key, to_units(dimension, amount), parent)))
    for index, budget in enumerate(form.budgets):
        for dimension, yuan in ((FEN_A_MONTH, budget.yuan_a_month), (FEN_A_YEAR, budget.yuan)):
            if yuan is None:
                continue
            period = str(budget.year) if dimension == FEN_A_YEAR and budget.year else ""
            key = replace(_key(budget, dimension), period=period)
            parent = "" if budget.share_of is None else replace(_key(budget.share_of, dimension), period=period).id
            found.append((("budgets", index), QuotaLine(key, fen(Decimal(yuan)), parent)))
    return found


def _key(whose: _Whose, dimension: str) -> QuotaKey:
    return QuotaKey(dimension, **{name: value for name in _FIELDS if (value := getattr(whose, name, None)) is not None})


_FIELDS = ("region", "agency", "project", "service", "fund_source")


def _check(form: _Document, problems: Problems) -> None:
    for path, found, expected, zh in (*_wrong_dates(form), *_wrong_quotas(form), *_wrong_budgets(form)):
        problems.add(path, found=found, expected=expected, zh=zh, en=expected)
    if problems.findings:
        return
    seen: set[str] = set()
    for path, line in _lines(form):
        if line.key.id in seen:
            problems.add(path, found=line.key.id, expected="each quota once", zh="同一配额重复", en="a repeated quota")
        if line.parent == line.key.id:
            expected = "a share of another quota"
            problems.add(path, found=line.parent, expected=expected, zh="不能是自身的份额", en=expected)
        seen.add(line.key.id)


_Wrong = tuple[tuple[str | int, ...], object, str, str]


def _wrong_dates(form: _Document) -> Iterable[_Wrong]:
    if form.end_day is not None and form.end_day <= form.first_day:
        yield ("end_day",), form.end_day, f"a day after {form.first_day}", "结束日不晚于开始日"
    if form.temporary and (form.end_day is None or not form.reason):
        yield ("temporary",), "", "a temporary quota has an end day and a reason", "临时配额须有结束日和原因"
    if not form.quotas and not form.budgets:
        yield (), "", "at least one quota or budget", "至少一项配额或预算"


def _wrong_quotas(form: _Document) -> Iterable[_Wrong]:
    for index, quota in enumerate(form.quotas):
        for dimension in quota.limits:
            if dimension in MONEY or not _known(dimension):
                yield ("quotas", index, "limits", dimension), dimension, "a dimension such as vcpu", "没有这个配额维度"


def _wrong_budgets(form: _Document) -> Iterable[_Wrong]:
    for index, budget in enumerate(form.budgets):
        if (budget.yuan is None) == (budget.yuan_a_month is None):
            yield ("budgets", index), "", "either yuan (of a year) or yuan_a_month", "全年金额与每月金额须且只须一项"
        if (budget.yuan is None) != (budget.year is None):
            yield ("budgets", index, "year"), budget.year, "a year with yuan, and only there", "全年金额须写明年度"


def _known(dimension: str) -> bool:
    try:
        check_dimension(dimension)
    except InvalidValue:
        return False
    return True


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
