"""Who holds a lease: a process, named so that whoever sees the same machine can prove it dead."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its id and start time in clock ticks since boot, so that a reused id is not mistaken for it."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """The process that has this id now; ``started`` is empty when it has already gone."""
        return cls(pid, _started(pid) or "")

    @property
    def alive(self) -> bool:
        """Whether that very process still runs; a zombie does not."""
        return bool(self.started) and _started(self.pid) == self.started


def this_process() -> str:
    """This process as a lease names its holder: host, id, start time, and where that id means this process."""
    process = Process.of(os.getpid())
    return f"{socket.gethostname()} {process.pid} {process.started} {_where()}"


def died(holder: str) -> bool:
    """Whether the holder was a process that could be seen from here, and lives no more."""
    match holder.rsplit(" ", 3):
        case [_, pid, started, where] if pid.isdigit() and where == _where():
            return not Process(int(pid), started).alive
    return False


def in_words(holder: str) -> str:
    """The holder as a person reads it: host and process id."""
    match holder.rsplit(" ", 3):
        case [host, pid, _, _] if pid.isdigit():
            return f"{host} (pid {pid})"
    return holder


def _where() -> str:
    """This boot of this machine, and the namespace that process ids are counted in: a container has its own."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"


def _started(pid: int) -> str | None:
    try:
        # The command name is in parentheses and may hold anything, so the fields are counted from its end.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in {"Z", "X"} else started
