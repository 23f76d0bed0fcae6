"""The sandbox's home folder: which files it has, who holds it, what the running process says of itself.

Whoever holds the lock on ``lock`` *is* the sandbox; the kernel lets go of it at any death, so a stale pid is never
believed.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HELD, PORT_TAKEN, JOURNAL_BROKEN = 3, 4, 5
"""How the process ends when another one holds the home, the port asked for is taken, the journal is damaged."""

_TRIES = 20
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """What a sandbox that is ready says of itself."""

    pid: int
    port: int
    life: str
    requests_replayed: int


@dataclass(frozen=True, slots=True)
class Home:
    """The folder; every path the sandbox uses is here."""

    folder: Path

    @property
    def journal(self) -> Path:
        """The changing requests."""
        return self.folder / "journal"

    @property
    def log(self) -> Path:
        """What the process prints."""
        return self.folder / "sandbox.log"

    @property
    def port_file(self) -> Path:
        """The port of last time."""
        return self.folder / "port"

    @property
    def running_file(self) -> Path:
        """Written when ready, by the holder of the lock."""
        return self.folder / "running.json"

    def hold(self) -> int | None:
        """Take the lock for as long as this process lives, or nothing if another sandbox has it.

        Others who look (``held``) take it shared for an instant, so one failure is not yet an answer.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = self._lock_file()
        for _ in range(_TRIES):
            if _lock(descriptor, fcntl.LOCK_EX):
                return descriptor
            time.sleep(_PAUSE)
        os.close(descriptor)
        return None

    def held(self) -> bool:
        """Whether a sandbox lives here, ready or about to be."""
        if not self.folder.exists():
            return False
        descriptor = self._lock_file()
        try:
            return not _lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def still_ours(self, descriptor: int) -> bool:
        """Whether the lock that this process holds is still the one in the folder."""
        try:
            return (self.folder / "lock").stat().st_ino == os.fstat(descriptor).st_ino
        except FileNotFoundError:
            return False

    def _lock_file(self) -> int:
        return os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def running(self) -> Running | None:
        """What the sandbox said when it became ready; nothing while there is none."""
        if not self.held():
            return None
        try:
            return Running(**json.loads(self.running_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return None

    def announce(self, running: Running) -> None:
        """Say that the sandbox is ready, all at once."""
        self.port_file.write_text(str(running.port), encoding="utf-8")
        unready = self.running_file.with_suffix(".new")
        unready.write_text(json.dumps(asdict(running)), encoding="utf-8")
        unready.replace(self.running_file)

    def remembered_port(self) -> int:
        """The port of last time, or 0."""
        try:
            return int(self.port_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return 0


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
