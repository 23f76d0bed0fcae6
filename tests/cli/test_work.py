"""``guanyun work``: what an operator sees and decides, and what an agency does not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from foundation.store import open_store
from foundation.work.runs import Job, enqueue
from foundation.work.runs.tables import run_table, runs
from governance.authority import machine_scope
from wiring.application import open_unchecked
from wiring.kinds import APPLY, kinds
from wiring.settings import Settings

InProcess = Callable[..., int]
REASON = "现场断电 no power"


def waiting(home: Any, agency: str = "hrss", key: str = "1", **values: Any) -> str:
    """A run of the agency, standing as ``values`` say."""
    opened = open_unchecked(Settings(home=home.folder))
    office = opened.office
    with opened.store.transaction() as transaction:
        job = Job(APPLY, {"environment": "e", "digest": "d"}, f"{agency}-{key}", agency=agency, subject="environment:e")
        id_, _ = enqueue(transaction, job, kinds=kinds(opened), clock=office.clocks.real, ids=office.ids)
        if values:
            transaction.write(runs.update(machine_scope()).where(run_table.c.id == id_).values(**values))
    opened.store.close()
    return id_


def listed(capsys: pytest.CaptureFixture[str], in_process: InProcess, *words: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert in_process("work", "ls", "--json", *words) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_open_runs_are_listed_and_ended_ones_when_asked_for(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    home.log_in("wang.fang")
    first, second = waiting(home), waiting(home, "housing")
    ended = waiting(home, key="2", state="succeeded")
    assert [row["id"] for row in listed(capsys, in_process)] == [second, first]
    assert [row["id"] for row in listed(capsys, in_process, "--all")] == [ended, second, first]
    assert [row["id"] for row in listed(capsys, in_process, "--state", "succeeded")] == [ended]
    assert [row["id"] for row in listed(capsys, in_process, "--agency", "hrss")] == [first]
    assert listed(capsys, in_process, "--kind", "usage.collect") == []


def test_an_agency_sees_only_its_own_and_decides_nothing(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    own, other = waiting(home), waiting(home, "housing")
    home.log_in("chen.jing")
    assert [row["id"] for row in listed(capsys, in_process, "--all")] == [own]
    assert in_process("work", "show", own) == 0
    assert in_process("work", "show", other) == 2
    assert "[work.unknown-run]" in capsys.readouterr().err
    assert in_process("work", "cancel", own, "--because", REASON) == 6
    assert in_process("outbox", "ls") == 6
    assert in_process("outbox", "dead") == 6


def test_without_a_login_nothing_is_shown(home: Any, in_process: InProcess) -> None:
    id_ = waiting(home)
    assert [in_process("work", *words) for words in (["ls"], ["show", id_], ["follow", id_])] == [6, 6, 6]


def test_a_parked_run_says_why_and_its_steps_what_became_of_them(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    home.log_in("wang.fang")
    id_ = waiting(home, state="parked", reason="work.outcome-unknown", reason_zh="结果不明", reason_en="not known")
    assert in_process("work", "show", id_) == 0
    shown = capsys.readouterr().out
    assert "结果不明 · not known" in shown
    assert in_process("work", "show", id_, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["reason"], told["steps"]) == ("parked", "work.outcome-unknown", [])
    assert in_process("work", "follow", id_) == 5


def test_deciding_twice_changes_nothing(home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]) -> None:
    home.log_in("wang.fang")
    id_ = waiting(home)
    for words in (["pause", id_, "--because", REASON], ["resume", id_], ["cancel", id_, "--because", REASON]):
        capsys.readouterr()
        assert in_process("work", *words) == 0
        assert "nothing changed" not in capsys.readouterr().out
        assert in_process("work", *words) == 0
        assert "nothing changed" in capsys.readouterr().out
    assert in_process("work", "retry", id_) == 0
    assert listed(capsys, in_process)[0]["state"] == "queued"


def test_a_kind_is_paused_and_resumed(home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]) -> None:
    home.log_in("wang.fang")
    assert in_process("work", "pause", "--kind", APPLY, "--because", REASON) == 0
    assert in_process("work", "resume", "--kind", APPLY) == 0
    assert in_process("work", "pause", "--kind", "nobody.knows", "--because", REASON) == 2
    assert "[work.unknown-kind]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["pause", "--because", "x"],
        ["pause", "run_1", "--kind", APPLY, "--because", "x"],
        ["resume"],
        ["cancel", "run_1"],
        ["ls", "--state", "sleeping"],
        ["resolve", "run_1", "--step", "pay", "--because", "x"],
        ["resolve", "run_1", "--step", "pay", "--happened", "--because", "x", "--outcome", "{"],
    ],
)
def test_what_cannot_be_understood_says_how_it_is_written(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    home.log_in("wang.fang")
    assert in_process("work", *words) == 2
    assert re.search(r"\[(cli\.usage|values\.invalid)\]", capsys.readouterr().err)


def test_a_step_whose_outcome_is_known_cannot_be_resolved(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    home.log_in("wang.fang")
    id_ = waiting(home, state="parked")
    for word in ("--happened", "--not-happened"):
        assert in_process("work", "resolve", id_, "--step", "pay", word, "--because", REASON) == 2
        assert "[work.wrong-state]" in capsys.readouterr().err


@pytest.mark.real
def test_ctrl_c_stops_watching_and_not_the_run(home: Any) -> None:
    home.log_in("wang.fang")
    id_ = waiting(home)
    watching = subprocess.Popen(
        [sys.executable, "-P", "-m", "cli", "work", "follow", id_],
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert watching.stderr is not None
        heard = ""
        until = time.monotonic() + 30
        while "no worker is running" not in heard and time.monotonic() < until:
            heard += watching.stderr.readline()
        assert f"{id_} 排队 queued" in heard
        os.kill(watching.pid, signal.SIGINT)
        out, err = watching.communicate(timeout=20)
    finally:
        watching.kill()
    assert watching.returncode == 130
    assert f"guanyun work follow {id_}" in err
    assert "Traceback" not in out + err
    store = open_store(f"sqlite:///{home.database}")
    with store.reading() as transaction:
        asked = runs.select(machine_scope(), run_table.c.state).where(run_table.c.id == id_)
        assert transaction.value(asked) == "queued"
    store.close()
