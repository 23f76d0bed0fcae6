"""Reading an uploaded workbook: every byte of it is parsed in a confined child process, never in this one."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from foundation.documents.limits import Limits
from foundation.documents.problems import Problem, finding
from foundation.documents.reader import EXIT_OUT_OF_MEMORY, EXIT_OUTPUT_FULL
from foundation.values.findings import Finding

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook's values: rows by sheet name, in the workbook's order.

    Row ``i`` of a sheet is the spreadsheet's row ``i + 1``, and column 0 is its column A. An empty cell is None; dates
    are ISO 8601 text. Numbers are what the sheet kept: they count machines and megabytes, never money.
    """

    file: str
    sheets: Mapping[str, tuple[Row, ...]]


def read_workbook(
    path: Path, limits: Limits | None = None, *, sheets: Iterable[str] | None = None
) -> tuple[Workbook | None, tuple[Finding, ...]]:
    """Read an .xlsx file; on any finding there is no workbook. Never raises for what a file contains.

    ``sheets`` names those wanted, in any case; the others are still inspected, but their rows are not brought over.
    """
    bounds = limits or Limits()
    wanted = None if sheets is None else sorted({name.casefold() for name in sheets})
    outcome = _read(path, bounds, wanted)
    if isinstance(outcome, list):
        return None, tuple(finding(problem, path.name) for problem in outcome)
    return Workbook(file=path.name, sheets=outcome), ()


def _read(path: Path, limits: Limits, wanted: list[str] | None) -> dict[str, tuple[Row, ...]] | list[Problem]:
    try:
        # asked before opening: opening a pipe would wait for its writer
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return [Problem("unreadable", found="not a regular file")]
        if status.st_size == 0:
            return [Problem("empty", found="0 bytes")]
        if status.st_size > limits.file_bytes:
            return [Problem("too-large", found=f"{status.st_size} B", expected=f"{limits.file_bytes} B")]
        with path.open("rb") as source, tempfile.TemporaryFile() as answer:
            problem = _run(source, answer, limits, wanted)
            answer.seek(0)
            return [problem] if problem else _parse(answer)
    except FileNotFoundError:
        return [Problem("missing", found="nothing")]
    except OSError as error:
        return [Problem("unreadable", found=error.strerror or type(error).__name__)]


def _run(source: IO[bytes], answer: IO[bytes], limits: Limits, wanted: list[str] | None) -> Problem | None:
    """Start the reader as a new program (never a fork of this one), and say how it failed, if it did."""
    command = [sys.executable, "-m", "foundation.documents.reader", limits.to_text(), json.dumps(wanted)]
    # a small environment: what parses a stranger's file gets no credential of ours
    environment = {key: os.environ[key] for key in ("PYTHONPATH", "PATH") if key in os.environ}
    process = subprocess.Popen(
        command,
        stdin=source,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        env={**environment, "PYTHONUTF8": "1"},
        cwd="/",
    )
    try:
        status = process.wait(limits.wall_seconds)
    except subprocess.TimeoutExpired:
        return Problem("reader-stopped", found=f"{limits.wall_seconds} s", expected=f"{limits.wall_seconds} s")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return _failure(status, limits)


def _failure(status: int, limits: Limits) -> Problem | None:
    if status == 0:
        return None
    if status == EXIT_OUTPUT_FULL:
        return Problem("too-large", found="text", expected=f"{limits.output_bytes} B")
    if status == EXIT_OUT_OF_MEMORY:
        return Problem("out-of-memory", found="more", expected=f"{limits.memory_bytes} B")
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        return Problem("reader-stopped", found=f"{limits.processor_seconds} s", expected="less processor time")
    return Problem("reader-died", found=signal.Signals(-status).name if status < 0 else f"exit {status}")


def _parse(answer: IO[bytes]) -> dict[str, tuple[Row, ...]] | list[Problem]:
    sheets: dict[str, tuple[Row, ...]] = {}
    problems: list[Problem] = []
    name, rows = "", list[Row]()
    # machine rooms repeat names: one string for each text keeps memory near the file's own size
    seen: dict[Cell, Cell] = {}
    for line in answer:
        value: Any = json.loads(line)
        if isinstance(value, list):
            rows.append(tuple(seen.setdefault(cell, cell) if isinstance(cell, str) else cell for cell in value))
            continue
        if name:
            sheets[name] = tuple(rows)
        if "problem" in value:
            problems.append(Problem(**value["problem"]))
        name, rows = value.get("sheet", ""), []
        if "end" in value:
            return problems or sheets
    return [Problem("reader-died", found="no end")]
