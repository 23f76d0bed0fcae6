"""The provider's own mark: which process it is, so that a resuming run can wait for it or end it."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_record(path: str) -> None:
    """Write pid and start time of this process; the pair names it even after the pid is used again."""
    content = json.dumps({"pid": os.getpid(), "started": started(os.getpid())})
    unready = Path(f"{path}.{os.getpid()}")
    unready.write_text(content, encoding="utf-8")
    unready.replace(path)


def started(pid: int) -> str:
    """The start time of a process in the kernel's ticks; "" where there is none, or no ``/proc``."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19]


def alive(path: str) -> int | None:
    """The pid on record if that very process still lives."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    pid = int(content["pid"])
    now = started(pid)
    return pid if now and now == content["started"] else None
