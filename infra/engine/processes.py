"""Which processes an engine run consists of, written down so that a later run can end what was left behind.

A run is three processes: the driver (ours, which waits), the engine (the Pulumi CLI) and the provider it starts. A
killed engine leaves a provider that may still create; a killed driver leaves both.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.values.ids import Ids
from foundation.work import Process
from infra.engine.errors import EngineStillRunning

PREVIEW = "preview"
"""The purpose of a run that creates nothing."""

_INTERRUPT_SECONDS = 10.0
_EXIT_SECONDS = 3.0
_POLL_SECONDS = 0.02


def wait_until_gone(process: Process, seconds: float) -> bool:
    """Whether the process ended within ``seconds``."""
    deadline = time.monotonic() + seconds
    while process.alive:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def end_engine(process: Process, *, environment: str) -> str:
    """End a Pulumi CLI: SIGINT first, which lets it finish its step and save; SIGKILL when that does not help.

    Returns ``gone``, ``interrupted`` or ``killed``.
    """
    if not process.alive:
        return "gone"
    _signal(process, signal.SIGINT)
    if wait_until_gone(process, _INTERRUPT_SECONDS):
        return "interrupted"
    return _kill(process, environment)


def end_provider(process: Process, *, environment: str) -> str:
    """Wait for a provider whose engine is dead, which exits by itself; SIGKILL when it does not."""
    if not process.alive:
        return "gone"
    if wait_until_gone(process, _EXIT_SECONDS):
        return "exited"
    return _kill(process, environment)


def _kill(process: Process, environment: str) -> str:
    _signal(process, signal.SIGKILL)
    if not wait_until_gone(process, _EXIT_SECONDS):
        raise EngineStillRunning(environment=environment, process=process.pid)
    return "killed"


def _signal(process: Process, number: signal.Signals) -> None:
    try:
        if process.alive:
            os.kill(process.pid, number)
    except ProcessLookupError:
        return


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The file of one engine run; the provider writes its own beside it."""

    path: Path
    purpose: str
    driver: Process
    engine: Process | None = None

    @property
    def provider_path(self) -> Path:
        """Where the provider leaves its id and start time."""
        return self.path.with_suffix(".provider")

    @property
    def folder(self) -> Path:
        """The run's own files: what its program reads, a plan that nobody keeps."""
        return self.path.with_suffix(".files")

    @property
    def provider(self) -> Process | None:
        """The provider, once it has started."""
        return _read_process(_read(self.provider_path))

    def with_engine(self, pid: int) -> RunRecord:
        """The same run with its engine, written to the file."""
        run = RunRecord(self.path, self.purpose, self.driver, Process.of(pid))
        run.save()
        return run

    def save(self) -> None:
        """Write the file in one step."""
        engine = None if self.engine is None else {"pid": self.engine.pid, "started": self.engine.started}
        driver = {"pid": self.driver.pid, "started": self.driver.started}
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps({"purpose": self.purpose, "driver": driver, "engine": engine}))
        temporary.replace(self.path)

    def remove(self) -> None:
        """Forget the run."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.provider_path.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Runs:
    """All recorded engine runs under one folder, a folder an environment."""

    folder: Path
    ids: Ids

    def begin(self, environment: str, purpose: str) -> RunRecord:
        """Record that this process is about to start an engine."""
        folder = self.folder / environment
        folder.mkdir(parents=True, exist_ok=True)
        run = RunRecord(folder / f"{self.ids('run')}.json", purpose, Process.of(os.getpid()))
        run.save()
        return run

    def recorded(self, environment: str) -> Iterator[RunRecord]:
        """Runs that have not been forgotten, oldest name first."""
        folder = self.folder / environment
        for path in sorted(folder.glob("*.json")):
            content = _read(path)
            driver = _read_process(content.get("driver"))
            if driver is not None:
                yield RunRecord(path, str(content.get("purpose", "")), driver, _read_process(content.get("engine")))

    def left_behind(self, environment: str) -> tuple[RunRecord, ...]:
        """Runs nobody waits for; and every run that may create, because the caller holds the environment's lease."""
        return tuple(run for run in self.recorded(environment) if run.purpose != PREVIEW or not run.driver.alive)


def end_run(run: RunRecord, *, environment: str, report: Callable[[str], None] | None = None) -> None:
    """End whatever of a run still lives, engine first, and forget it."""
    for role, process, end in (("engine", run.engine, end_engine), ("provider", run.provider, end_provider)):
        if process is not None:
            outcome = end(process, environment=environment)
            if report is not None:
                report(f"{role} {process.pid}: {outcome}")
    # A provider that started while its engine was being ended has written its record by now.
    late = run.provider
    if late is not None:
        end_provider(late, environment=environment)
    run.remove()


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _read_process(content: object) -> Process | None:
    if not isinstance(content, dict) or not isinstance(content.get("pid"), int):
        return None
    return Process(content["pid"], str(content.get("started", "")))
