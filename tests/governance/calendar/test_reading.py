"""A calendar file is read whole or not at all, and everything wrong in it is said with its line."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from foundation.values.working_days import WorkingYear, published_calendar
from governance.calendar import Notice, read_notice

GOOD = """\
calendar:
  year: 2027
  document_number: 测试用,不是正式通知
  issued_on: 2026-11-05
  holidays:
    - {name: 元旦, first_day: 2027-01-01, last_day: 2027-01-03}
    - {name: 春节, first_day: 2027-02-05, last_day: 2027-02-12}
    - {name: 劳动节, first_day: 2027-05-01, last_day: 2027-05-03}
    - {name: 国庆节, first_day: 2027-10-01, last_day: 2027-10-07}
  make_up_days:
    - 2027-02-14
    - 2027-10-09
"""


def read(folder: Path, text: str) -> tuple[Notice | None, list[tuple[int | None, str]]]:
    path = folder / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    notice, findings = read_notice(path)
    assert all(finding.place.file == "calendar.yaml" and finding.zh and finding.en for finding in findings)
    return notice, [(finding.place.row, finding.code.removeprefix("governance.document.")) for finding in findings]


def test_a_notice_is_read_as_it_was_published(tmp_path: Path) -> None:
    notice, findings = read(tmp_path, GOOD)
    assert findings == []
    assert notice is not None
    assert (notice.year, notice.issued_on) == (2027, date(2026, 11, 5))
    assert [holiday.name for holiday in notice.holidays] == ["元旦", "春节", "劳动节", "国庆节"]
    year = notice.working_year
    assert len(year.holidays) == 3 + 8 + 3 + 7
    assert year.make_up_days == {date(2027, 2, 14), date(2027, 10, 9)}


def test_a_notice_may_reach_into_the_last_days_of_the_year_before(tmp_path: Path) -> None:
    notice, findings = read(tmp_path, GOOD.replace("- 2027-02-14", "- 2026-12-26"))
    assert findings == []
    assert notice is not None
    assert date(2026, 12, 26) in notice.working_year.make_up_days


@pytest.mark.parametrize(
    ("old", "new", "findings"),
    [
        ("- 2027-02-14", "- 2026-02-14", [(11, "wrong-year")]),
        ("- 2027-02-14", "- 2026-12-20", [(11, "wrong-year")]),
        ("- 2027-02-14", "- 2028-02-14", [(11, "wrong-year")]),
        ("- 2027-02-14", "- 2027-02-15", [(11, "already-working")]),
        ("- 2027-02-14", "- 2027-02-06", [(11, "both")]),
        ("- 2027-02-14", "- 2027-10-09", [(12, "repeated")]),
        ("- 2027-02-14", "- 2027-02-30", [(11, "invalid")]),
        ("- 2027-02-14", "- soon", [(11, "invalid")]),
        ("last_day: 2027-02-12", "last_day: 2027-02-01", [(7, "invalid")]),
        ("last_day: 2027-02-12", "last_day: 2027-06-12", [(7, "invalid")]),
        ("last_day: 2027-02-12", "last_day: 2027-02-12, note: x", [(7, "invalid")]),
        ("first_day: 2027-05-01, last_day: 2027-05-03", "first_day: 2027-02-11, last_day: 2027-02-13",
         [(8, "repeated"), (8, "repeated"), (6, "missing-holiday")]),
        ("first_day: 2027-05-01, last_day: 2027-05-03", "first_day: 2026-05-01, last_day: 2026-05-03",
         [(8, "wrong-year"), (8, "wrong-year"), (6, "missing-holiday")]),
        ("first_day: 2027-02-05, last_day: 2027-02-12", "first_day: 2027-02-05, last_day: 2027-02-05",
         []),
        ("document_number: 测试用,不是正式通知\n", "document_number: ''\n", [(3, "invalid")]),
        ("year: 2027", "year: twenty", [(2, "invalid")]),
        ("year: 2027", "year: 1900", [(2, "invalid")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, findings: list[tuple[int, str]]
) -> None:
    notice, found = read(tmp_path, GOOD.replace(old, new))
    assert found == findings
    assert (notice is None) == bool(findings)


def test_a_file_with_too_few_days_is_not_complete(tmp_path: Path) -> None:
    text = "\n".join(line for line in GOOD.splitlines() if "春节" not in line and "元旦" not in line)
    notice, found = read(tmp_path, text)
    assert notice is None
    assert found == [(6, "too-few"), (6, "missing-holiday")]


def test_every_wrong_thing_is_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("- 2027-02-14", "- 2027-02-15\n    - 2027-02-06").replace("2027-10-07", "2027-09-07")
    _, found = read(tmp_path, text)
    assert {code for _, code in found} == {"already-working", "both", "invalid", "missing-holiday"}


@pytest.mark.parametrize("text", ["", "calendar: 5", "[", "calendar: {year: 2027}"])
def test_what_is_no_calendar_at_all_is_a_finding(tmp_path: Path, text: str) -> None:
    notice, found = read(tmp_path, text)
    assert notice is None
    assert found


@pytest.mark.parametrize("year", sorted(published_calendar().years))
def test_every_published_year_passes_as_a_file(tmp_path: Path, year: int) -> None:
    """The checks know no more than the notices of twenty years allow, and lose no day of them."""
    published = published_calendar().years[year]
    days = sorted(published.holidays)
    stretches = [
        [day for _, day in group] for _, group in groupby(enumerate(days), lambda each: each[1] - timedelta(each[0]))
    ]
    lines = [
        "calendar:",
        f"  year: {year}",
        "  document_number: 测试用",
        f"  issued_on: {year - 1}-12-01",
        "  holidays:",
    ]
    lines += [f"    - {{name: 假日, first_day: {each[0]}, last_day: {each[-1]}}}" for each in stretches]
    lines += [f"  make_up_days: [{', '.join(map(str, sorted(published.make_up_days)))}]"]
    notice, findings = read(tmp_path, "\n".join(lines))
    assert findings == []
    assert notice is not None
    assert notice.working_year == WorkingYear(year, published.holidays, published.make_up_days)
