"""The request form 申请表 of a service: whether answers fit its questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from foundation.values.findings import Finding, Place, Severity
from governance.catalogue.documents import digits
from governance.catalogue.model import FieldKind, FormField, Service

_DIGITS = 40
"""More than any number on a form needs: what is longer is an accident or an attack."""


def check_form(service: Service, answers: Mapping[str, object]) -> tuple[Finding, ...]:
    """What is wrong with ``answers`` (field code → answer); empty where they fit the service's form.

    A number is a whole number, a decimal or its text, never a float; a date is ISO 8601 text; a choice its code. No
    answer is None, an empty text, or the field left out. ``place.field`` is ``form.CODE``.
    """
    fields = {field.code: field for field in service.form}
    findings = [
        _finding(service, code, str(answer), ", ".join(fields) or "none", "没有这一项", "the form does not ask this")
        for code, answer in answers.items()
        if code not in fields
    ]
    for field in service.form:
        answer = answers.get(field.code)
        if answer is None or (isinstance(answer, str) and not answer.strip()):
            if field.required:
                findings.append(
                    _finding(service, field.code, "", "an answer", f"{field.zh} 必填", f"{field.en}: required")
                )
            continue
        problem = _CHECKS[field.kind](field, answer)
        if problem is not None:
            expected, zh = problem
            findings.append(
                _finding(service, field.code, str(answer), expected, f"{field.zh}:须为{zh}", f"{field.en}: {expected}")
            )
    return tuple(findings)


Problem = tuple[str, str] | None
"""What was expected, in English and in Chinese."""


def _text(field: FormField, answer: object) -> Problem:
    if not isinstance(answer, str):
        return "a text", "文字"
    if _outside(field, Decimal(len(answer))):
        en, zh = _bounds(field)
        return f"a text of {en} characters", f"{zh} 个字的文字"
    return None


def _number(field: FormField, answer: object) -> Problem:
    whole = field.kind is FieldKind.INTEGER
    number = _decimal(answer)
    if number is None or (whole and number != number.to_integral_value()):
        return ("a whole number", "整数") if whole else ("a decimal, exact", "小数(文本)")
    if _outside(field, number):
        en, zh = _bounds(field)
        return f"a number of {en}", f"{zh} 的数"
    return None


def _choice(field: FormField, answer: object) -> Problem:
    codes = [choice.code for choice in field.choices]
    if answer in codes:
        return None
    return "one of " + ", ".join(codes), "以下之一:" + "、".join(f"{each.code}({each.zh})" for each in field.choices)


def _date(field: FormField, answer: object) -> Problem:
    if isinstance(answer, date):
        return None
    try:
        date.fromisoformat(str(answer))
    except ValueError:
        return "a date such as 2026-03-01", "日期,如 2026-03-01"
    return None


def _boolean(field: FormField, answer: object) -> Problem:
    if isinstance(answer, bool) or (isinstance(answer, str) and answer in {"true", "false"}):
        return None
    return "true or false", "是(true)或否(false)"


_CHECKS: Mapping[FieldKind, Callable[[FormField, object], Problem]] = {
    FieldKind.TEXT: _text,
    FieldKind.INTEGER: _number,
    FieldKind.DECIMAL: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.DATE: _date,
    FieldKind.BOOLEAN: _boolean,
}


def _decimal(answer: object) -> Decimal | None:
    if isinstance(answer, bool) or not isinstance(answer, int | str | Decimal) or len(str(answer)) > _DIGITS:
        return None
    try:
        number = Decimal(answer)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _DIGITS else None


def _outside(field: FormField, value: Decimal) -> bool:
    below = field.minimum is not None and value < field.minimum
    return below or (field.maximum is not None and value > field.maximum)


def _bounds(field: FormField) -> tuple[str, str]:
    least = None if field.minimum is None else digits(field.minimum)
    most = None if field.maximum is None else digits(field.maximum)
    if least is not None and most is not None:
        return f"{least} to {most}", f"{least} 到 {most}"
    if least is not None:
        return f"at least {least}", f"至少 {least}"
    return f"at most {most}", f"至多 {most}"


def _finding(service: Service, code: str, found: str, expected: str, zh: str, en: str) -> Finding:
    place, zh, en = Place(field=f"form.{code}"), f"{service.zh}:{zh}", f"{service.en}: {en}"
    return Finding(
        "governance.form.invalid",
        Severity.ERROR,
        place,
        found[:80],
        expected,
        f"{service.zh}:{zh}",
        f"{service.en}: {en}",
    )
