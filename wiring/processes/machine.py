"""One machine: ``guanyun up``, ``status``, ``down``. Started twice, nothing runs twice; what died is started again."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.work import Process
from infra.sandbox import down as stop_sandbox
from infra.sandbox import status as sandbox_status
from infra.sandbox import up as start_sandbox
from wiring.health import Reason
from wiring.logs import last_lines, log_file, prepare
from wiring.processes.asking import reasons_of
from wiring.processes.errors import NotStarted, NotStopped
from wiring.processes.records import ProcessRecord, living, read_record

if TYPE_CHECKING:
    from wiring.settings import Settings

SANDBOX, WORKER, PORTAL = "sandbox", "worker", "portal"
OURS = (WORKER, PORTAL)
_READY_SECONDS = 60.0
_STOP_SECONDS: Mapping[str, float] = {WORKER: 40.0, PORTAL: 15.0}
"""A worker waits up to 20 s for its flows to reach their next step."""
_DOES_NOT_RUN = Reason("process.down", "没有运行", "it does not run")
_DIED = Reason("process.died", "意外结束", "it ended unexpectedly")


@dataclass(frozen=True, slots=True)
class Runs:
    """How one process stands. ``new``: this call started or stopped it."""

    process: str
    running: bool
    pid: int | None = None
    since: str = ""
    address: str = ""
    reasons: tuple[Reason, ...] = ()
    new: bool = False

    @property
    def ready(self) -> bool:
        """Whether it runs and is ready."""
        return self.running and not self.reasons


Tell = Callable[[Runs], None]


def expected(settings: Settings) -> tuple[str, ...]:
    """What should run on this machine: the sandbox only where no cloud is configured."""
    return OURS if settings.aws_endpoint else (SANDBOX, *OURS)


def up(settings: Settings, tell: Tell) -> list[Runs]:
    """Start what does not run, in order, each when the one before is ready; ``tell`` hears each.

    Raises ``NotStarted`` of the first that ends or is not ready in time; what was started before it goes on.
    """
    found = []
    with _alone(settings):
        for process in expected(settings):
            runs = _sandbox_up(settings) if process == SANDBOX else _ours_up(settings, process)
            tell(runs)
            found.append(runs)
    return found


def status(settings: Settings) -> list[Runs]:
    """How each process stands that should run, and any other that does."""
    return [_look(settings, process) for process in (SANDBOX, *OURS) if _counts(settings, process)]


def down(settings: Settings, tell: Tell) -> list[Runs]:
    """Stop what runs, the portal first and the cloud last; what is killed loses nothing, only time."""
    found = []
    with _alone(settings):
        for process in (PORTAL, WORKER, SANDBOX):
            if _counts(settings, process):
                runs = _sandbox_down(settings) if process == SANDBOX else _ours_down(settings, process)
                tell(runs)
                found.append(runs)
    return found


def command(process: str) -> list[str]:
    """How a process is started: this very program under this very Python, whatever folder one stands in."""
    return [sys.executable, "-P", "-m", "cli", process]


def _counts(settings: Settings, process: str) -> bool:
    return process in expected(settings) or sandbox_status(settings.sandbox_folder).running


def _look(settings: Settings, process: str) -> Runs:
    if process == SANDBOX:
        found = sandbox_status(settings.sandbox_folder)
        if not found.running:
            return Runs(SANDBOX, running=False, reasons=(_DOES_NOT_RUN,))
        return Runs(SANDBOX, running=True, pid=found.pid, address=found.endpoint or "")
    record = living(settings.work_folder, process)
    if record is None:
        died = read_record(settings.work_folder, process) is not None
        return Runs(process, running=False, reasons=(_DIED if died else _DOES_NOT_RUN,))
    return _of(record, tuple(reasons_of(record.address)))


def _of(record: ProcessRecord, reasons: tuple[Reason, ...] = (), *, new: bool = False) -> Runs:
    return Runs(record.process, True, record.pid, record.since, record.address, reasons, new)


def _sandbox_up(settings: Settings) -> Runs:
    new = not sandbox_status(settings.sandbox_folder).running
    found = start_sandbox(settings.sandbox_folder)
    return Runs(SANDBOX, running=True, pid=found.pid, address=found.endpoint or "", new=new)


def _sandbox_down(settings: Settings) -> Runs:
    before = sandbox_status(settings.sandbox_folder)
    stop_sandbox(settings.sandbox_folder)
    return Runs(SANDBOX, running=False, pid=before.pid, new=before.running)


def _ours_up(settings: Settings, process: str) -> Runs:
    record, new, started = living(settings.work_folder, process), False, None
    if record is None:
        started, new = _start(settings, process), True
    deadline = time.monotonic() + _READY_SECONDS
    reasons: Sequence[Reason] = ()
    while time.monotonic() < deadline:
        ended = None if started is None else started.poll()
        if ended is not None:
            raise _not_started(settings, process, f"已结束,退出码 {ended}", f"it ended with exit code {ended}")
        record = living(settings.work_folder, process)
        if record is not None:
            reasons = reasons_of(record.address)
            if not reasons:
                return _of(record, new=new)
        elif started is None:
            started, new = _start(settings, process), True  # it ended while we asked it
        time.sleep(0.1)
    zh = ";".join(reason.zh for reason in reasons) or f"{_READY_SECONDS:.0f} 秒内没有应答"
    en = "; ".join(reason.en for reason in reasons) or f"no answer within {_READY_SECONDS:.0f} s"
    raise _not_started(settings, process, zh, en)


def _not_started(settings: Settings, process: str, zh: str, en: str) -> NotStarted:
    log = log_file(settings.work_folder, process)
    return NotStarted(process=process, because_zh=zh, because_en=en, log=log, usage=last_lines(log))


def _start(settings: Settings, process: str) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that no terminal's end is its end."""
    with prepare(log_file(settings.work_folder, process)).open("ab") as log:
        return subprocess.Popen(
            command(process),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=settings.home,
            env=os.environ | {"GUANYUN_HOME": str(settings.home.resolve())},
        )


def _ours_down(settings: Settings, process: str) -> Runs:
    record = living(settings.work_folder, process)
    if record is None:
        return Runs(process, running=False)
    own = Process(record.pid, record.started)
    for number, seconds in ((signal.SIGTERM, _STOP_SECONDS[process]), (signal.SIGKILL, 5.0)):
        if not own.alive:
            break
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            break
        if _wait(lambda: not own.alive, seconds):
            break
    else:
        raise NotStopped(process=process, pid=record.pid)
    return Runs(process, running=False, pid=record.pid, since=record.since, new=True)


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One ``up`` or ``down`` at a time: the second waits for the first."""
    settings.work_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock_file(settings.work_folder / "up.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock_file(path: Path) -> Path:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    return path
