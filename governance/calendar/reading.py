"""Reads a calendar file: the official notice of one year, as its holidays and make-up working days.

calendar:
  year: 2026
  document_number: 国办发明电〔2025〕7号
  issued_on: 2025-11-04
  holidays:
    - {name: 元旦, first_day: 2026-01-01, last_day: 2026-01-03}
  make_up_days: [2026-01-04]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from governance.calendar.model import Holiday, Notice
from governance.yaml_documents import FieldPath, Form, Problems, Text, read_form

_LONGEST_HOLIDAY = 15
_REACHES_BACK_TO = (12, 25)
"""A notice may move the last days of the year before: the one for 2012 made 2011-12-31 a working day."""
_STATUTORY_DAYS = ((2025, 13), (2008, 11), (0, 10))
"""Days off a year by 全国年节及纪念日放假办法, from that year on (revised 2024, 2007, 1999); no notice has fewer."""
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Holidays on fixed days in each of those revisions."""
_SATURDAY = 5


class _Holiday(Form):
    name: Text
    first_day: date
    last_day: date


class _Calendar(Form):
    year: Annotated[int, Field(ge=2004, le=2200)]
    document_number: Text
    issued_on: date
    holidays: Annotated[list[_Holiday], Field(min_length=1, max_length=30)]
    make_up_days: Annotated[list[date], Field(max_length=60)]


class _Document(Form):
    calendar: _Calendar


def read_notice(path: Path) -> tuple[Notice | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no notice."""
    form, findings = read_form(path, _Document, _check)
    return (None, findings) if form is None else (_notice(form.calendar), ())


def _notice(form: _Calendar) -> Notice:
    return Notice(
        year=form.year,
        document_number=form.document_number,
        issued_on=form.issued_on,
        holidays=tuple(Holiday(each.name, each.first_day, each.last_day) for each in form.holidays),
        make_up_days=tuple(form.make_up_days),
    )


def _check(document: _Document, problems: Problems) -> None:
    form = document.calendar
    off: dict[date, str] = {}
    for path, holiday in _holidays(form, problems):
        for day in holiday.days:
            if day in off:
                problems.add(
                    path,
                    found=day,
                    expected="each day in one holiday",
                    zh=f"{day} 已列入{off[day]}",
                    en=f"{day} is listed already, under {off[day]}",
                    code="repeated",
                )
            off.setdefault(day, holiday.name)
    _check_make_up_days(form, off, problems)
    _check_complete(form, off, problems)


def _holidays(form: _Calendar, problems: Problems) -> Iterator[tuple[FieldPath, Holiday]]:
    """The holidays that are a stretch of days of this year at all."""
    for index, each in enumerate(form.holidays):
        path: FieldPath = ("calendar", "holidays", index)
        if not 0 <= (each.last_day - each.first_day).days < _LONGEST_HOLIDAY:
            problems.add(
                (*path, "last_day"),
                found=each.last_day,
                expected=f"{each.first_day} or up to {_LONGEST_HOLIDAY - 1} days later",
                zh="最后一天早于第一天,或假期过长",
                en="the last day lies before the first, or the holiday is too long",
            )
            continue
        own = [_check_year(form.year, each.first_day, (*path, "first_day"), problems)]
        own.append(_check_year(form.year, each.last_day, (*path, "last_day"), problems))
        if all(own):
            yield path, Holiday(each.name, each.first_day, each.last_day)


def _check_year(year: int, day: date, path: FieldPath, problems: Problems) -> bool:
    if day.year == year or (day.year == year - 1 and (day.month, day.day) >= _REACHES_BACK_TO):
        return True
    problems.add(
        path,
        found=day,
        expected=f"a day of {year}",
        zh=f"不是 {year} 年的日期",
        en=f"not a day of {year}",
        code="wrong-year",
    )
    return False


def _check_make_up_days(form: _Calendar, off: dict[date, str], problems: Problems) -> None:
    for index, day in enumerate(form.make_up_days):
        path: FieldPath = ("calendar", "make_up_days", index)
        if not _check_year(form.year, day, path, problems):
            continue
        if day in form.make_up_days[:index]:
            problems.add(path, found=day, expected="each day once", zh="日期重复", en="a repeated day", code="repeated")
        elif day in off:
            problems.add(
                path,
                found=day,
                expected="a day that is no holiday",
                zh=f"{day} 同时列为{off[day]}放假和调休上班",
                en=f"{day} is both a day off ({off[day]}) and a make-up working day",
                code="both",
            )
        elif day.weekday() < _SATURDAY:
            problems.add(
                path,
                found=day,
                expected="a Saturday or Sunday",
                zh=f"{day} 本来就是工作日,不是调休",
                en=f"{day} is an ordinary working day already",
                code="already-working",
            )


def _check_complete(form: _Calendar, off: dict[date, str], problems: Problems) -> None:
    own = [day for day in off if day.year == form.year]
    least = next(days for since, days in _STATUTORY_DAYS if form.year >= since)
    path: FieldPath = ("calendar", "holidays")
    if len(own) < least:
        problems.add(
            path,
            found=f"{len(own)} days",
            expected=f"at least {least}",
            zh=f"放假天数只有 {len(own)} 天,少于法定的 {least} 天:文件不完整",
            en=f"{len(own)} days off are fewer than the statutory {least}: the file is not complete",
            code="too-few",
        )
    for month, number in _ALWAYS_OFF:
        day = date(form.year, month, number)
        if day not in off:
            problems.add(
                path,
                found="",
                expected=str(day),
                zh=f"缺少法定节日 {day}",
                en=f"the statutory holiday {day} is missing",
                code="missing-holiday",
            )
