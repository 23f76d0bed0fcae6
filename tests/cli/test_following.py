"""A run while somebody watches: a line a change, and an answer that stays alone on standard output."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

import cli.following
from cli.following import length_in_words, live
from foundation.work.runs import Run, RunState
from foundation.work.runs.model import Asked

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
RUN = Run(
    **dict.fromkeys(Run.__dataclass_fields__, ""),  # type: ignore[arg-type]
)
RUN = replace(
    RUN,
    id="run_1",
    state=RunState.QUEUED,
    asked=Asked.NOTHING,
    done=0,
    total=0,
    started_at=NOW - timedelta(seconds=30),
    updated_at=NOW,
)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What goes to standard error."""
    stream = io.StringIO()
    monkeypatch.setattr(cli.following, "errors", Console(file=stream, width=200))
    return stream


def test_elsewhere_than_on_a_terminal_each_change_is_one_line(heard: io.StringIO) -> None:
    running = replace(RUN, state=RunState.RUNNING, done=1, total=4, note="subnet a")
    with live("hrss", lambda: NOW) as tell:
        for run in (RUN, RUN, running, running, replace(running, done=2), replace(running, state=RunState.PARKED)):
            tell(run)
    assert heard.getvalue().splitlines() == [
        "hrss 排队 queued",
        "hrss 进行中 running 1/4 subnet a 约剩 left about 1 min 30 s",
        "hrss 进行中 running 2/4 subnet a 约剩 left about 30 s",
        "hrss 待人工 parked 1/4 subnet a",
    ]


def test_on_a_terminal_there_is_one_live_line_that_ends_with_the_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(cli.following, "errors", Console(file=stream, width=160, force_terminal=True))
    with live("hrss", lambda: NOW) as tell:
        tell(replace(RUN, state=RunState.RUNNING, done=1, total=4, note="subnet [a]"))
    told = stream.getvalue()
    assert "hrss" in told
    assert "1/4" in told
    assert "subnet [a]" in told
    assert told.rstrip().endswith(("\x1b[?25h", "\x1b[2K"))


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(seconds=61), "1 min 01 s"),
        (timedelta(hours=26, minutes=5), "26 h 05 min"),
    ],
)
def test_a_length_is_told_as_people_say_it(length: timedelta, words: str) -> None:
    assert length_in_words(length) == words


def test_what_is_logged_in_the_foreground_is_not_in_the_answer(
    home: Any, in_process: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No worker runs: the command works itself, and its log goes to a file."""
    import json

    from cli.following import seen_through
    from foundation.values.month import Month
    from wiring.application import open_application
    from wiring.asking import ask_to_collect
    from wiring.settings import Settings

    opened = open_application(Settings(home=home.folder))
    asked = ask_to_collect(opened, home.log_in("wang.fang"), Month.parse("2026-01"))
    seen_through(opened, asked, title="2026-01")
    opened.store.close()
    told = capsys.readouterr()
    assert told.out == ""
    assert "成功 succeeded" in told.err
    lines = (home.folder / "work" / "logs" / "command.log").read_text(encoding="utf-8").splitlines()
    assert "work.run-ended" in {json.loads(line)["event"] for line in lines}
