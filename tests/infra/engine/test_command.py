"""Which Pulumi CLI is used, what it is told, and how it is stopped."""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from pathlib import Path

import pytest
from pulumi._version import version as sdk_version
from pulumi.automation.errors import CommandError
from semver import VersionInfo

from foundation.work import Process
from infra.engine.command import CommandLine, EngineCommand, cache_path, clean, locate
from infra.engine.errors import EngineMissing
from infra.engine.processes import Runs


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs", lambda prefix: f"{prefix}_1")


def command(path: Path, runs: Runs) -> EngineCommand:
    return EngineCommand(CommandLine(path, VersionInfo(3)), runs.begin("env", "apply"), "env")


def test_a_cli_of_the_sdk_s_minor_on_path_is_used(tmp_path: Path) -> None:
    on_path = script(tmp_path / "bin" / "pulumi", f"echo v{sdk_version.major}.{sdk_version.minor}.7")
    found = locate({"PATH": str(on_path.parent)}, cache=tmp_path / "cache")
    assert (found.path, found.version.patch) == (on_path, 7)


@pytest.mark.parametrize("said", ["v3.100.0", "v4.259.0", "pulumi", ""])
def test_another_version_on_path_is_passed_over_for_the_built_one(tmp_path: Path, said: str) -> None:
    on_path = script(tmp_path / "bin" / "pulumi", f"echo {said}")
    built = script(cache_path(tmp_path / "cache"), f"echo v{sdk_version}")
    assert locate({"PATH": str(on_path.parent)}, cache=tmp_path / "cache").path == built


def test_without_any_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing) as raised:
        locate({"PATH": ""}, cache=tmp_path)
    assert "make setup" in raised.value.text("zh")
    assert "make setup" in raised.value.text("en")


def test_the_built_cli_lies_by_the_hash_of_what_it_was_built_from(tmp_path: Path) -> None:
    go_sum = tmp_path / "go.sum"
    go_sum.write_bytes(b"module v1 h1:abc\n")
    key = hashlib.sha256(b"module v1 h1:abc\n").hexdigest()[:16]
    assert cache_path(tmp_path, go_sum) == tmp_path / "pulumi" / key / "pulumi"


def test_a_person_s_own_settings_for_pulumi_or_a_cloud_do_not_reach_the_engine() -> None:
    assert clean({"PULUMI_SKIP_CHECKPOINTS": "1", "AWS_PROFILE": "mine", "LANG": "C"}) == {"LANG": "C"}


def test_output_and_failure_come_back(tmp_path: Path, runs: Runs) -> None:
    seen: list[str] = []
    engine = command(script(tmp_path / "pulumi", 'echo "$1 $2"; echo oh no >&2; exit 4'), runs)
    with pytest.raises(CommandError, match="oh no"):
        engine.run(["stack"], str(tmp_path), {}, on_output=seen.append)
    assert seen == ["--non-interactive stack"]


def test_a_driver_that_is_interrupted_interrupts_its_engine_once_and_forgets_the_run(
    tmp_path: Path, runs: Runs
) -> None:
    text = f"trap 'echo INT >> {tmp_path}/got; kill $child; exit 1' INT; sleep 60 & child=$!; wait"
    engine = command(script(tmp_path / "pulumi", text), runs)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.5, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        engine.run(["up"], str(tmp_path), {})
    assert (tmp_path / "got").read_text() == "INT\n"
    assert list(runs.recorded("env")) == []


def test_when_the_engine_was_killed_its_provider_is_gone_before_anything_goes_on(tmp_path: Path, runs: Runs) -> None:
    provider = 'sleep 60 >/dev/null 2>&1 & p=$!; set -- $(cut -d")" -f2 /proc/$p/stat); '
    record = 'echo "{\\"pid\\": $p, \\"started\\": \\"${20}\\"}" > "$RECORD"; kill -9 $$'
    run = runs.begin("env", "apply")
    engine = EngineCommand(CommandLine(script(tmp_path / "pulumi", provider + record), VersionInfo(3)), run, "env")
    seen: list[Process] = []

    def watch() -> None:
        while not seen:
            if run.provider is not None:
                seen.append(run.provider)
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with pytest.raises(CommandError):
        engine.run(["up"], str(tmp_path), {"RECORD": str(run.provider_path)})
    watcher.join(timeout=5)
    assert seen
    assert not seen[0].alive
