"""``guanyun calendar``: which years' working days are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import languages, print_findings, say, show
from cli.reading import accepted

app = App(name="calendar", help="The working calendar 工作日历")


@app.command
def load(file: Path) -> None:
    """Load the official notice of one year; deadlines that awaited it are computed. For the bureau.

    Example: guanyun calendar load calendar-2027.yaml

    Parameters
    ----------
    file: the notice as YAML (docs/operating.md shows one)
    """
    from governance.calendar import load_year, read_notice

    notice = accepted(*read_notice(file))
    with application() as opened:
        new = load_year(opened.office, token(), notice)
    if new:
        say(
            f"{notice.year} 年日历已载入({notice.document_number})",
            f"the calendar of {notice.year} is loaded ({notice.document_number})",
        )
    else:
        say(
            f"{notice.year} 年日历早已载入,没有变化",
            f"the calendar of {notice.year} was loaded before",
        )


@app.command(name="show")
def show_(*, json: Json = False) -> None:
    """Show the years that are known: published with the program, or loaded by whom and when.

    Example: guanyun calendar show
    """
    from foundation.evidence import plain
    from foundation.values.month import shanghai_day
    from governance.authority import viewing
    from governance.calendar import calendar_at, loaded_years, missing_finding, missing_warning

    with application() as opened, viewing(opened.office, token()) as view:
        years = calendar_at(view.transaction).years
        loaded = {each.notice.year: each for each in loaded_years(view.transaction)}
        missing = missing_warning(shanghai_day(opened.office.clocks.real()), calendar_at(view.transaction))
    rows: list[dict[str, Any]] = []
    for year in sorted(years):
        by = loaded.get(year)
        words = {"zh": "随程序发布" if by is None else "已载入", "en": "published" if by is None else "loaded"}
        rows.append(
            {
                "year": year,
                "source": " ".join(words[language] for language in languages()),
                "version": None if by is None else by.version,
                "document_number": "" if by is None else by.notice.document_number,
                "account": "" if by is None else by.account,
                "recorded_at": None if by is None else plain(by.recorded_at),
                "holidays": len(years[year].holidays),
                "make_up_days": len(years[year].make_up_days),
            }
        )
    columns = {
        "year": "年 year",
        "source": "来源 source",
        "version": "版本 version",
        "document_number": "文号 document",
        "account": "账号 account",
        "recorded_at": "时间 at",
        "holidays": "放假天数 days off",
        "make_up_days": "调休天数 make-up days",
    }
    show(rows, columns, json=json)
    if missing is not None and not json:
        print_findings([missing_finding(missing)])
