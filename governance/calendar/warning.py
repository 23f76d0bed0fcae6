"""The warning that next year's calendar is not loaded: from 1 November, every morning, until it is."""

from __future__ import annotations

from datetime import date, time

from foundation.store import Transaction
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import Clock
from foundation.values.month import shanghai_day
from foundation.values.working_days import WorkingCalendar
from foundation.work import Event, publish
from foundation.work.due import DueRule, EveryDay
from governance.calendar.tables import calendar_at

MISSING = "calendar.missing"
"""The event: its subject is ``calendar:<year>``."""
WARNING_KIND = "calendar.warn"
WARNING_RULE = DueRule(name="calendar.warn", kind=WARNING_KIND, rule=EveryDay(time(9)))
_WARNED_FROM = (11, 1)
"""The notice of a year is issued late in October or in November of the year before."""


def missing_warning(today: date, calendar: WorkingCalendar) -> int | None:
    """The year whose calendar should be loaded by ``today`` (a day in Shanghai) and is not; None if none is missing."""
    if today.year not in calendar.years:
        return today.year
    if (today.month, today.day) >= _WARNED_FROM and today.year + 1 not in calendar.years:
        return today.year + 1
    return None


def missing_finding(year: int) -> Finding:
    """The warning in words: what is missing, what it means, what to do."""
    return Finding(
        code="governance.calendar.missing",
        severity=Severity.WARNING,
        place=Place(field=f"calendar:{year}"),
        found="",
        expected=f"the calendar of {year}",
        zh=f"{year} 年工作日历尚未载入,跨入该年的期限都显示为等待:请由主管部门运行 guanyun calendar load 文件",
        en=f"the calendar of {year} is not loaded, deadlines that reach into it are awaiting it: "
        "the bureau runs guanyun calendar load FILE",
    )


def warn_if_missing(transaction: Transaction, *, real: Clock) -> int | None:
    """What ``WARNING_RULE`` does: announce ``calendar.missing`` where a year is missing; gives that year."""
    year = missing_warning(shanghai_day(real()), calendar_at(transaction))
    if year is not None:
        finding = missing_finding(year)
        publish(
            transaction,
            Event(MISSING, f"calendar:{year}", {"year": year, "zh": finding.zh, "en": finding.en}),
            clock=real,
        )
    return year
