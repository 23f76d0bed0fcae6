"""How an engine is started, what comes back, and how it is stopped."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from semver import VersionInfo

from infra.engine.command import CommandLine
from infra.engine.processes import RunRecord, Runs
from infra.engine.running import CommandFailed, run_engine


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs", lambda prefix: f"{prefix}_1")


@pytest.fixture
def run(tmp_path: Path, runs: Runs) -> RunRecord:
    project = tmp_path / "Pulumi.yaml"
    project.write_text("name: guanyun\n")
    run = runs.begin("env", "apply")
    run.prepare(project)
    return run


def cli(folder: Path, text: str) -> CommandLine:
    path = folder / "pulumi"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return CommandLine(path, VersionInfo(3))


def test_an_engine_runs_in_its_run_s_folder_with_what_it_is_told(tmp_path: Path, run: RunRecord) -> None:
    line = cli(tmp_path, 'echo "$1 $2 $TOLD"; pwd; cat Pulumi.yaml')
    said = run_engine(line, ["stack"], environ={"TOLD": "this"}, run=run, environment="env")
    assert said.splitlines() == ["--non-interactive stack this", str(run.folder), "name: guanyun"]


def test_a_person_s_settings_do_not_reach_it(tmp_path: Path, run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert run_engine(cli(tmp_path, 'echo "<$AWS_PROFILE>"'), [], environ={}, run=run, environment="env") == "<>\n"


def test_a_failure_keeps_its_lines_of_error(tmp_path: Path, run: RunRecord) -> None:
    line = cli(tmp_path, "echo fine; echo 'error: oh no' >&2; exit 4")
    with pytest.raises(CommandFailed) as failure:
        run_engine(line, [], environ={}, run=run, environment="env")
    assert (failure.value.code, str(failure.value)) == (4, "error: oh no")


def test_an_engine_that_was_killed_says_so(tmp_path: Path, run: RunRecord) -> None:
    with pytest.raises(CommandFailed) as failure:
        run_engine(cli(tmp_path, "kill -9 $$"), [], environ={}, run=run, environment="env")
    assert (failure.value.code, str(failure.value)) == (-9, "exit -9: ")


def test_a_running_engine_is_on_record(tmp_path: Path, run: RunRecord) -> None:
    line = cli(tmp_path, f'while ! grep -q "\\"engine\\": {{" {run.path}; do sleep 0.01; done; echo $$')
    said = run_engine(line, [], environ={}, run=run, environment="env")
    recorded = run.again()
    assert recorded is not None
    assert recorded.engine is not None
    assert recorded.engine.pid == int(said)
    assert recorded.driver.pid == os.getpid()


def test_a_driver_that_is_interrupted_interrupts_its_engine_once(tmp_path: Path, run: RunRecord) -> None:
    line = cli(tmp_path, f"trap 'echo INT >> {tmp_path}/got; kill $child; exit 1' INT; sleep 60 & child=$!; wait")
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.5, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_engine(line, ["up"], environ={}, run=run, environment="env")
    assert (tmp_path / "got").read_text() == "INT\n"
