"""What a running process says of itself: ``<process>.json`` in the work folder, from when it listens until it ends.

Only the holder of the process's lock writes it. The kernel lets go of the lock at any death.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from foundation.values.instant import format_instant
from foundation.work import Process
from wiring.processes.errors import AlreadyRuns


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process that listens on ``host``:``port``. ``started`` in clock ticks since boot, ``since`` an instant."""

    process: str
    pid: int
    started: str
    since: str
    host: str
    port: int

    @property
    def alive(self) -> bool:
        """Whether that very process still runs, and not another that was given its id."""
        return Process(self.pid, self.started).alive

    @property
    def address(self) -> str:
        """Where to ask it from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def record_file(folder: Path, process: str) -> Path:
    """Where a process of this work folder leaves its record."""
    return folder / f"{process}.json"


@contextmanager
def the_only_one(folder: Path, process: str) -> Iterator[None]:
    """Be the one process of this name in the home for as long as the block takes. Raises ``AlreadyRuns``."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / f"{process}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = read_record(folder, process)
            raise AlreadyRuns(
                process=process, pid="?" if other is None else other.pid, address="" if other is None else other.address
            ) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def recorded(folder: Path, process: str, *, host: str, port: int, now: datetime) -> Iterator[ProcessRecord]:
    """This process's record, for as long as the block takes, which must hold ``the_only_one``."""
    own = Process.of(os.getpid())
    record = ProcessRecord(process, own.pid, own.started, format_instant(now.replace(microsecond=0)), host, port)
    write_private(record_file(folder, process), json.dumps(asdict(record)))
    try:
        yield record
    finally:
        record_file(folder, process).unlink(missing_ok=True)


def read_record(folder: Path, process: str) -> ProcessRecord | None:
    """What was recorded, alive or not; None where there is nothing, or nothing that can be read."""
    try:
        return ProcessRecord(**json.loads(record_file(folder, process).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def living(folder: Path, process: str) -> ProcessRecord | None:
    """The record of a process that runs."""
    record = read_record(folder, process)
    return record if record is not None and record.alive else None


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
