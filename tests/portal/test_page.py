"""The health page: right words, in both languages, readable without colour, escaped, without a script."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from foundation.work.runs import RunState
from portal.page import health_page
from wiring.health import Health, Reason, WorkerStands

AT = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
WELL = Health(
    at=AT, program="1.2", schema="0002", workers=(WorkerStands("guanyun", "host (pid 7)", "1.2", True),), runs={}
)


class Text(HTMLParser):
    """What a screen reader would find: texts, and which of them are marked as English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.english: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self._open.append((tag, ("lang", "en") in attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(english for _, english in self._open):
            self.english.append(data)


def test_all_is_well_is_said_in_both_languages() -> None:
    page = health_page(WELL)
    assert '<html lang="zh-CN">' in page
    assert "一切正常" in page
    assert '<span class="en" lang="en">All is well</span>' in page
    assert "2026-11-21 03:00:00" in page  # Shanghai


@pytest.mark.parametrize(
    ("changed", "zh", "todo"),
    [
        ({"workers": ()}, "没有执行进程在运行", "guanyun up"),
        ({"runs": {RunState.PARKED: 3}}, "3 个等人决定", "guanyun work ls --state parked"),
        ({"dead_letters": 2}, "2 个等人决定", "guanyun outbox dead"),
        ({"due_late": 4, "due_late_by": timedelta(hours=2)}, "4 项迟了,最久 2 小时", "guanyun due ls"),
        ({"calendar_missing": 2027}, "2027 年日历尚未载入", "guanyun calendar load"),
        ({"paused_kinds": ("deployment.apply",)}, "deployment.apply", "guanyun work resume --kind"),
        ({"events_waiting": 9, "events_oldest": timedelta(minutes=6)}, "9 个待送达,最久 6 分钟", "guanyun outbox ls"),
        ({"away": Reason("store.unavailable", "数据库不可用:gone", "away")}, "数据库不可用:gone", "guanyun doctor"),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(changed: dict[str, object], zh: str, todo: str) -> None:
    page = health_page(replace(WELL, **changed))  # type: ignore[arg-type]
    assert zh in page
    assert todo in page
    assert "一切正常" not in page


def test_with_the_database_away_nothing_is_told_as_well() -> None:
    page = health_page(replace(WELL, away=Reason("store.unavailable", "不可用", "away")))
    assert "✔" not in page
    assert page.count("? 未知") + page.count("</span> 未知") == 4


def test_every_state_is_a_sign_and_a_word_beside_its_colour() -> None:
    page = health_page(replace(WELL, runs={RunState.PARKED: 1}))
    for row in re.findall(r'<tr class="\w+">.*?</tr>', page):
        assert re.search(r'aria-hidden="true">[✔!✖?]</span> [一-鿿]+ <span lang="en">\w+</span>', row), row


def test_what_comes_from_the_rows_is_escaped() -> None:
    evil = '<script>alert("x")</script>'
    page = health_page(replace(WELL, workers=(WorkerStands(evil, evil, evil, True),), paused_kinds=(evil,)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_document_is_well_formed_and_marks_its_english() -> None:
    away = replace(WELL, away=Reason("x", "不可用", "away"))
    for health in (WELL, away, replace(WELL, runs={RunState.PARKED: 1, RunState.PAUSED: 1}, dead_letters=1)):
        read = Text(health_page(health))
        assert not any(re.search("[一-鿿]", text) for text in read.english)
        assert "script" not in {tag for tag, _ in read.tags}
        assert not any(name.startswith("on") or name == "style" for _, attrs in read.tags for name in attrs)
        assert all(not str(attrs.get("href", "")).startswith(("http", "//")) for _, attrs in read.tags)
        headings = [attrs for tag, attrs in read.tags if tag == "th"]
        assert all(attrs.get("scope") in {"col", "row"} for attrs in headings)


def test_what_needs_somebody_comes_first() -> None:
    page = health_page(replace(WELL, dead_letters=1, calendar_missing=2027))
    colours = re.findall(r'<tr class="(\w+)">', page)
    assert colours[:2] == ["act", "look"]
    assert set(colours[2:]) == {"well"}
