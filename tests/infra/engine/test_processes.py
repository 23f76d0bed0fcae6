"""Processes of a dead run are found again and ended; a living stranger with the same id is not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundation.work import Process
from infra.engine.processes import PREVIEW, RunRecord, Runs, end_engine, end_provider, end_run

OBEYS = "import time; print('up', flush=True); time.sleep(60)"
IGNORES = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@contextmanager
def running(program: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, stderr=-3) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def numbered() -> Iterator[str]:
    yield from (str(number) for number in range(100))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    numbers = numbered()
    return Runs(tmp_path, lambda prefix: f"{prefix}_{next(numbers)}")


def test_an_engine_that_obeys_is_interrupted_and_not_killed() -> None:
    with running(OBEYS) as process:
        assert end_engine(Process.of(process.pid), environment="env") == "interrupted"
        assert process.wait() == -signal.SIGINT


def test_an_engine_that_does_not_obey_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.engine.processes._INTERRUPT_SECONDS", 0.1)
    with running(IGNORES) as process:
        assert end_engine(Process.of(process.pid), environment="env") == "killed"


def test_a_provider_that_does_not_exit_by_itself_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.engine.processes._EXIT_SECONDS", 0.1)
    with running(IGNORES) as process:
        assert end_provider(Process.of(process.pid), environment="env") == "killed"


def test_a_process_that_reuses_the_id_is_left_alone() -> None:
    with running(OBEYS) as process:
        assert end_engine(Process(process.pid, "1"), environment="env") == "gone"
        assert process.poll() is None


def test_a_zombie_is_gone() -> None:
    with running("print('up')") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not Process.of(process.pid).alive


def test_a_run_is_recorded_with_its_engine_and_provider_and_then_forgotten(runs: Runs) -> None:
    run = runs.begin("env", "apply").with_engine(os.getpid())
    me = Process.of(os.getpid())
    run.provider_path.write_text(json.dumps({"pid": me.pid, "started": me.started}))
    (found,) = runs.recorded("env")
    assert (found.purpose, found.driver, found.engine, found.provider) == ("apply", me, me, me)
    found.remove()
    assert list(runs.recorded("env")) == []


def test_a_preview_somebody_waits_for_is_not_left_behind_and_any_other_run_is(runs: Runs) -> None:
    runs.begin("env", PREVIEW)
    apply = runs.begin("env", "apply")
    dead = RunRecord(runs.folder / "env" / "run_dead.json", PREVIEW, Process(os.getpid(), "1"))
    dead.save()
    assert {run.path.name for run in runs.left_behind("env")} == {apply.path.name, "run_dead.json"}


def test_a_record_cut_short_is_passed_over(runs: Runs) -> None:
    runs.begin("env", "apply").path.write_text('{"purpose": "app')
    assert runs.left_behind("env") == ()


def test_ending_a_run_ends_engine_and_provider_and_says_so(runs: Runs) -> None:
    said: list[str] = []
    with running(OBEYS) as engine:
        run = runs.begin("env", "apply").with_engine(engine.pid)
        run.provider_path.write_text(json.dumps({"pid": 2**22 + 1, "started": "1"}))
        end_run(run, environment="env", report=said.append)
    assert said == [f"engine {engine.pid}: interrupted", f"provider {2**22 + 1}: gone"]
    assert list(runs.recorded("env")) == []
