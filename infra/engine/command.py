"""The Pulumi CLI: finding one in range, and running it so that it can be stopped and found again."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pulumi._version import version as sdk_version
from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from foundation.work import Process
from infra.engine.errors import EngineMissing
from infra.engine.processes import RunRecord, end_engine, end_run

_GO_SUM = Path(__file__).parents[2] / "tools" / "pulumi-cli" / "go.sum"
_OURS = ("PULUMI_", "AWS_")
"""Settings a person's shell may hold which would reach another cloud or weaken the engine; we set our own."""

_WANTED = f"{sdk_version.major}.{sdk_version.minor}"
"""In range is the SDK's own minor version: the two speak a protocol that is only tested together."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A Pulumi CLI that may be used."""

    path: Path
    version: VersionInfo


def cache_path(cache: Path, go_sum: Path = _GO_SUM) -> Path:
    """Where ``make setup`` puts the CLI it builds: a folder by the hash of what it was built from."""
    key = hashlib.sha256(go_sum.read_bytes()).hexdigest()[:16] if go_sum.exists() else "unknown"
    return cache / "pulumi" / key / "pulumi"


def default_cache(environ: Mapping[str, str]) -> Path:
    """The user's cache folder for Guanyun."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guanyun"


def locate(environ: Mapping[str, str] | None = None, *, cache: Path | None = None) -> CommandLine:
    """The CLI on PATH when it is in range, else the one ``make setup`` built; ``EngineMissing`` when neither is."""
    environ = os.environ if environ is None else environ
    on_path = shutil.which("pulumi", path=environ.get("PATH", ""))
    built = cache_path(default_cache(environ) if cache is None else cache)
    looked: list[str] = []
    for path in ([Path(on_path)] if on_path else []) + [built]:
        version = _version_of(path)
        if version is not None and (version.major, version.minor) == (sdk_version.major, sdk_version.minor):
            return CommandLine(path, version)
        looked.append(f"{path} ({version or 'absent'})")
    raise EngineMissing(wanted=_WANTED, looked=", ".join(looked))


def _version_of(path: Path) -> VersionInfo | None:
    """What ``pulumi version`` says; each new engine asks, because the file may have been replaced meanwhile."""
    try:
        said = subprocess.run(
            [path, "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env={**clean(os.environ), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        ).stdout
        return VersionInfo.parse(re.sub(r"^v", "", said.strip()))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anybody's settings for Pulumi or a cloud."""
    return {key: value for key, value in environ.items() if not key.startswith(_OURS)}


class EngineCommand(PulumiCommand):  # type: ignore[misc]
    """Runs the CLI for the Automation API, with each run recorded and in a session of its own.

    An own session, so that a Ctrl-C at the terminal reaches the driver alone: the engine then gets one SIGINT from
    us and stops cleanly, where two would make it stop at once with its lock left.
    """

    def __init__(self, line: CommandLine, run: RunRecord, environment: str) -> None:
        self.command = str(line.path)
        self.version = line.version
        self._run = run
        self._environment = environment

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], object] | None = None,
        on_error: Callable[[str], object] | None = None,
    ) -> CommandResult:
        """One CLI process; raises the Automation API's ``CommandError`` when it does not end with 0."""
        environ = {**clean(os.environ), **additional_env, "PULUMI_AUTOMATION_API": "true"}
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        run = self._run.with_engine(process.pid)
        try:
            stdout, stderr = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
            code = process.wait()
        except BaseException:
            engine = Process.of(process.pid)
            end_engine(engine, environment=self._environment)
            process.wait()
            end_run(run, environment=self._environment)
            raise
        result = CommandResult(stdout.text(), stderr.text(), code)
        if code < 0:
            # The provider of a killed engine may still be creating; nothing may go on before it is gone.
            end_run(run, environment=self._environment)
        if code != 0:
            raise create_command_error(result)
        return result


class _Reader:
    """Collects one stream in a thread, so that neither pipe can fill up."""

    def __init__(self, stream: IO[str] | None, on_line: Callable[[str], object] | None) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, on_line), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, on_line: Callable[[str], object] | None) -> None:
        if stream is None:
            return
        with stream:
            for line in stream:
                self._lines.append(line.rstrip())
                if on_line is not None:
                    on_line(line.rstrip())

    def text(self) -> str:
        """All of it; waits a little for a grandchild that holds the pipe open, and not for ever."""
        self._thread.join(timeout=2)
        return "\n".join(self._lines)
