"""``guanyun due`` and ``guanyun calendar``: what is due when, and which years are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from foundation.work.due import DueRule, EveryDay, put_rule
from governance.authority import machine_scope
from governance.calendar import calendar_at
from wiring.application import open_unchecked
from wiring.settings import Settings

InProcess = Callable[..., int]
NOTICE = """\
calendar:
  year: 2027
  document_number: 国办发明电〔2026〕1号
  issued_on: 2026-11-10
  holidays:
    - {name: 元旦, first_day: 2027-01-01, last_day: 2027-01-03}
    - {name: 春节, first_day: 2027-02-05, last_day: 2027-02-12}
    - {name: 劳动节, first_day: 2027-05-01, last_day: 2027-05-05}
    - {name: 国庆节, first_day: 2027-10-01, last_day: 2027-10-07}
  make_up_days: [2027-02-14]
"""


def put(home: Any, *rules: DueRule) -> None:
    opened = open_unchecked(Settings(home=home.folder))
    with opened.store.transaction() as transaction:
        for rule in rules:
            now = opened.office.clocks.real()
            put_rule(transaction, machine_scope(), rule, calendar=calendar_at(transaction), now=now)
    opened.store.close()


def test_rules_are_listed_in_words_and_an_agency_sees_its_own(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    own = DueRule("remind", "notice.remind", EveryDay(time(9)), agency="hrss")
    put(home, own, DueRule("close", "usage.close", EveryDay(time(1))))
    home.log_in("wang.fang")
    assert in_process("due", "ls", "--json") == 0
    names = {row["name"] for row in json.loads(capsys.readouterr().out)}
    assert {"remind", "close"} <= names
    assert in_process("due", "ls") == 0
    assert "每天 09:00 · every day at 09:00" in capsys.readouterr().out
    home.log_in("chen.jing")
    assert in_process("due", "ls", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["late"], row["awaiting_year"]) == ("remind", False, None)
    assert in_process("due", "show", "remind", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert in_process("due", "show", "close") == 2
    assert "[work.unknown-due-rule]" in capsys.readouterr().err


def test_a_year_is_loaded_once_by_the_bureau_and_shown(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "calendar-2027.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    home.log_in("chen.jing")
    assert in_process("calendar", "load", file) == 6
    capsys.readouterr()
    home.log_in("zhang.min", "publish")
    assert in_process("calendar", "load", file) == 0
    assert "is loaded" in capsys.readouterr().out
    assert in_process("calendar", "load", file) == 0
    assert "was loaded before" in capsys.readouterr().out
    assert in_process("calendar", "show", "--json") == 0
    by_year = {row["year"]: row for row in json.loads(capsys.readouterr().out)}
    assert by_year[2027]["document_number"] == "国办发明电〔2026〕1号"
    assert by_year[2027]["account"] == "zhang.min"
    assert by_year[2026]["version"] is None


def test_a_calendar_file_with_mistakes_lists_them_all(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(NOTICE.replace("2027-02-14", "2027-02-15, 2027-05-01"), encoding="utf-8")
    home.log_in("zhang.min", "publish")
    assert in_process("calendar", "load", file) == 2
    told = capsys.readouterr().err
    assert "already-working" in told
    assert "both" in told
