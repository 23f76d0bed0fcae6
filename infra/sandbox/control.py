"""Start, look at, stop and empty the sandbox, from another process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.errors import SandboxDidNotStart, SandboxJournalBroken, SandboxPortTaken
from infra.sandbox.home import HELD, JOURNAL_BROKEN, PORT_TAKEN, Home, Running

_START_SECONDS = 120.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    """``endpoint`` and ``pid`` are there while it runs; ``life`` changes with each reset."""

    running: bool
    endpoint: str | None = None
    pid: int | None = None
    requests_replayed: int = 0
    life: str = ""


def up(home: Path, port: int | None = None) -> SandboxStatus:
    """Start the sandbox, or find it running; returns when it answers.

    ``port``: only that one (``SandboxPortTaken``); otherwise the one of last time if free, else any.
    """
    place = Home(home.resolve())
    place.folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if not place.held():
            _start(place, port, deadline)
        running = place.running()
        if running is not None:
            return _status(running)
        time.sleep(0.02)
    raise SandboxDidNotStart(reason="time-out", log=place.log)


def status(home: Path) -> SandboxStatus:
    """Whether the sandbox of this home runs, and where."""
    return _status(Home(home.resolve()).running())


def down(home: Path) -> SandboxStatus:
    """Stop it, if it runs; what was acknowledged stays for the next start."""
    place = Home(home.resolve())
    deadline = time.monotonic() + _START_SECONDS
    while place.held() and time.monotonic() < deadline:
        running = place.running()
        if running is not None:
            _stop(place, running)
        time.sleep(0.02)
    return SandboxStatus(running=False)


def reset(home: Path) -> SandboxStatus:
    """Empty the cloud: another life begins, with other ids and no marker. Runs again if it ran."""
    place = Home(home.resolve())
    running = place.running()
    down(home)
    place.journal.unlink(missing_ok=True)
    return up(home, running.port) if running else SandboxStatus(running=False)


def _status(running: Running | None) -> SandboxStatus:
    if running is None:
        return SandboxStatus(running=False)
    return SandboxStatus(
        running=True,
        endpoint=f"http://127.0.0.1:{running.port}",
        pid=running.pid,
        requests_replayed=running.requests_replayed,
        life=running.life,
    )


def _start(place: Home, port: int | None, deadline: float) -> None:
    """Start the process in a session of its own and wait until it is ready or has ended."""
    command = [sys.executable, "-m", "infra.sandbox.server", str(place.folder)] + ([str(port)] if port else [])
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=_surroundings(),
        )
    ready = _wait(lambda: process.poll() is not None or _is(place.running(), process.pid), deadline)
    ended = process.poll()
    if ended == PORT_TAKEN:
        raise SandboxPortTaken(port=port)
    if ended == JOURNAL_BROKEN:
        raise SandboxJournalBroken(path=place.journal, line="?")
    # Held: another `up` was quicker; ours waits for that one.
    if ended not in (None, HELD) or not ready:
        raise SandboxDidNotStart(reason=f"exit status {ended}" if ended is not None else "time-out", log=place.log)


def _surroundings() -> dict[str, str]:
    """The environment of the process: nothing in it that would make another cloud of the same journal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return kept | {"PYTHONPATH": path, "PYTHONHASHSEED": "0"}  # see infra.sandbox.determinism


def _is(running: Running | None, pid: int) -> bool:
    return running is not None and running.pid == pid


def _stop(place: Home, running: Running) -> None:
    for name in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(running.pid, name)
        except ProcessLookupError:
            return
        if _wait(lambda: not place.held(), time.monotonic() + _STOP_SECONDS):
            return


def _wait(done: Callable[[], bool], deadline: float) -> bool:
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.02)
    return False
