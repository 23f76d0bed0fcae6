"""Processes of a dead run are found again and ended; a living stranger with the same id is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundation.work import Process
from infra.engine.errors import EngineStillRunning
from infra.engine.processes import PREVIEW, RunRecord, Runs, end_engine, end_run

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


def test_a_process_that_reuses_the_id_is_left_alone() -> None:
    with running(OBEYS) as process:
        assert end_engine(Process(process.pid, "1"), environment="env") == "gone"
        assert process.poll() is None


def test_a_zombie_is_gone() -> None:
    with running("print('up')") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not Process.of(process.pid).alive


def test_a_run_is_recorded_with_its_engine_and_then_forgotten(runs: Runs) -> None:
    runs.begin("env", "apply").with_engine(os.getpid())
    me = Process.of(os.getpid())
    (found,) = runs.recorded("env")
    assert (found.purpose, found.driver, found.engine) == ("apply", me, me)
    found.remove()
    assert list(runs.recorded("env")) == []
    assert found.again() is None


def test_a_preview_somebody_waits_for_is_not_left_behind_and_any_other_run_is(runs: Runs) -> None:
    runs.begin("env", PREVIEW)
    apply = runs.begin("env", "apply")
    dead = RunRecord(runs.folder / "env" / "run_dead.json", PREVIEW, Process(os.getpid(), "1"))
    dead.save()
    assert {run.path.name for run in runs.left_behind("env")} == {apply.path.name, "run_dead.json"}


def test_a_record_cut_short_is_passed_over(runs: Runs) -> None:
    runs.begin("env", "apply").path.write_text('{"purpose": "app')
    assert runs.left_behind("env") == ()


def of_driver(run: RunRecord, driver: Process) -> RunRecord:
    """The run as if another process had begun it."""
    other = RunRecord(run.path, run.purpose, driver, run.engine)
    other.save()
    return other


def test_the_engine_of_a_dead_driver_is_ended_and_the_run_forgotten(runs: Runs) -> None:
    said: list[str] = []
    with running(OBEYS) as engine:
        run = of_driver(runs.begin("env", "apply").with_engine(engine.pid), Process(os.getpid(), "1"))
        end_run(run, environment="env", report=said.append)
    assert said == [f"engine {engine.pid}: interrupted"]
    assert list(runs.recorded("env")) == []


def test_a_living_driver_is_waited_for_until_it_lets_go_and_its_next_engine_is_ended_too(runs: Runs) -> None:
    said: list[str] = []
    with running(OBEYS) as first, running(OBEYS) as second:
        run = runs.begin("env", "apply").with_engine(first.pid)

        def drive() -> None:
            first.wait()
            run.with_engine(second.pid)
            second.wait()
            run.remove()

        driver = threading.Thread(target=drive)
        driver.start()
        end_run(run, environment="env", report=said.append)
        driver.join()
    assert said == [f"engine {first.pid}: interrupted", f"engine {second.pid}: interrupted"]
    assert list(runs.recorded("env")) == []


def test_a_driver_that_does_not_let_go_is_named_and_not_killed(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.engine.processes._RELEASE_SECONDS", 0.1)
    with running(OBEYS) as driver:
        run = of_driver(runs.begin("env", "apply"), Process.of(driver.pid))
        with pytest.raises(EngineStillRunning, match=str(driver.pid)):
            end_run(run, environment="env")
        assert driver.poll() is None
    assert run.again() is not None
