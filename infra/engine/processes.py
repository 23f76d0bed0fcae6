"""Which processes an engine run consists of, written down so that a later run can end what was left behind.

A run is two processes: the driver (ours, which waits, and in which programs and the provider live) and the engine (the
Pulumi CLI). A killed engine leaves a driver that lets go of the environment by itself; a killed driver leaves an engine
that can create nothing more, because its provider is gone.
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
_RELEASE_SECONDS = 100.0
"""Longer than a driver waits for calls to the cloud that a dead engine had begun."""
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
    """The file of one engine run."""

    path: Path
    purpose: str
    driver: Process
    engine: Process | None = None

    @property
    def folder(self) -> Path:
        """The run's own files: its project, what its program reads, a plan that nobody keeps."""
        return self.path.with_suffix(".files")

    def prepare(self, project: Path) -> None:
        """Make the run's folder, with the project file by which an engine is at home in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project, self.folder / "Pulumi.yaml")

    def with_engine(self, pid: int) -> RunRecord:
        """The same run with its engine, written to the file."""
        run = RunRecord(self.path, self.purpose, self.driver, Process.of(pid))
        run.save()
        return run

    def again(self) -> RunRecord | None:
        """The run as the file has it now; None once its driver has let go of it."""
        return _read_run(self.path)

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
        for path in sorted((self.folder / environment).glob("*.json")):
            run = _read_run(path)
            if run is not None:
                yield run

    def left_behind(self, environment: str) -> tuple[RunRecord, ...]:
        """Runs nobody waits for; and every run that may create, because the caller holds the environment's lease."""
        return tuple(run for run in self.recorded(environment) if run.purpose != PREVIEW or not run.driver.alive)


def end_run(run: RunRecord, *, environment: str, report: Callable[[str], None] | None = None) -> None:
    """End a run's engine, wait until a driver that still lives has let go of the environment, and forget the run.

    A driver may have calls to the cloud under way, and other environments in hand: it is never killed. Raises
    ``EngineStillRunning`` where it does not let go.
    """
    deadline = time.monotonic() + _RELEASE_SECONDS
    ended: set[int] = set()
    now: RunRecord | None = run
    while now is not None:
        engine = now.engine
        if engine is not None and engine.pid not in ended:
            ended.add(engine.pid)
            outcome = end_engine(engine, environment=environment)
            if report is not None:
                report(f"engine {engine.pid}: {outcome}")
        if not now.driver.alive:
            now.remove()
            return
        if time.monotonic() > deadline:
            raise EngineStillRunning(environment=environment, process=now.driver.pid)
        time.sleep(_POLL_SECONDS)
        now = now.again()


def _read_run(path: Path) -> RunRecord | None:
    content = _read(path)
    driver = _read_process(content.get("driver"))
    if driver is None:
        return None
    return RunRecord(path, str(content.get("purpose", "")), driver, _read_process(content.get("engine")))


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
