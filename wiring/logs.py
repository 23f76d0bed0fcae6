"""Logs of every process in one form: JSON lines, or coloured lines on a terminal; no secret ever, no traceback shown.

structlog and the standard library's loggers (dbos, uvicorn, apscheduler, sqlalchemy) go the same way. Where standard
error is a terminal a person reads it, so tracebacks go to the log file alone; anywhere else standard error *is* the
log (``guanyun up`` points it at the file, a service manager at its journal).
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MOST_BYTES = 10 * 1024 * 1024
"""A log file larger than this is put aside when its process starts."""
KEPT = 3
"""So many put-aside files are kept."""
_NAME = "guanyun"
"""Of the handlers that are ours."""
_NAMES_OF_SECRETS = re.compile(
    r"token|passw(or)?d|passphrase|secret|authorization|cookie|credential|api_?key|private_?key|session_?id",
    re.IGNORECASE,
)
_SECRETS_IN_TEXT = (
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s:/@]*:)\S+(?=@)", re.IGNORECASE), r"\1***"),
    (re.compile(r"\b((?:password|passwd|token|secret|api_?key)\s*[=:]\s*)[^\s,;&'\"]+", re.IGNORECASE), r"\1***"),
    (re.compile(r"\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), r"\1***"),
)
_QUIET = {"apscheduler": logging.WARNING, "sqlalchemy": logging.WARNING, "uvicorn.access": logging.WARNING}


def log_file(folder: Path, process: str) -> Path:
    """Where a process of this installation writes; ``folder`` is the work folder."""
    return folder / "logs" / f"{process}.log"


def configure(process: str, folder: Path, *, terminal: bool | None = None) -> Path:
    """Send everything this process logs to its place; returns the log file. Call it once, before work begins.

    ``terminal``: whether a person reads standard error (looked up unless said).
    """
    path = log_file(folder, process)
    if sys.stderr.isatty() if terminal is None else terminal:
        _install(_on_terminal(), process)
        beside = _lines(logging.FileHandler(prepare(path), encoding="utf-8"), process)
        beside.name = _NAME
        logging.getLogger().addHandler(beside)
    else:
        _install(_lines(logging.StreamHandler(sys.stderr), process), process)
    return path


def to_file_only(process: str, folder: Path) -> None:
    """For a command whose output is its answer: what is logged beside it goes to the file."""
    _install(_lines(logging.FileHandler(prepare(log_file(folder, process)), encoding="utf-8"), process), process)


def put_away() -> None:
    """Take back what ``configure`` or ``to_file_only`` installed, and close its file."""
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.name == _NAME]:
        root.removeHandler(old)
        if isinstance(old, logging.FileHandler):
            old.close()


def prepare(path: Path) -> Path:
    """Make the file for its owner only; a large one is put aside first (``worker.log.1`` is the newest)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > MOST_BYTES:
        for number in range(KEPT, 0, -1):
            older = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number}"))
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    return path


def last_lines(path: Path, many: int = 5) -> list[str]:
    """The last lines of a log as a person reads them: time, level, event, facts."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64 * 1024))
            found = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [_readable(line) for line in found[-many:]]


def _readable(line: str) -> str:
    try:
        read = json.loads(line)
    except ValueError:
        return line[:300]
    if not isinstance(read, dict):
        return line[:300]
    shown = {key: value for key, value in read.items() if key not in {"time", "level", "event", "process", "exception"}}
    facts = " ".join(f"{key}={value}" for key, value in shown.items())
    return f"{read.get('time', '')} {read.get('level', '')} {read.get('event', '')} {facts}".strip()[:400]


def without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop what is named like a secret, and mask what looks like one inside a text."""
    return {key: _clean(value) for key, value in event.items() if not _secret_name(key)}


def masked(text: str) -> str:
    """``text`` without the passwords and tokens it may hold."""
    for pattern, replacement in _SECRETS_IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _secret_name(key: object) -> bool:
    return isinstance(key, str) and _NAMES_OF_SECRETS.search(key) is not None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items() if not _secret_name(key)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else masked(str(value))


def _without_traceback(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """On a terminal the error's name is enough; its traceback stands in the file."""
    event.pop("stack_info", None)
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
    return event


def _shared(process: str) -> list[Processor]:
    def name(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        name,
    ]


def _lines(handler: logging.Handler, process: str) -> logging.Handler:
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(process), structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,  # text, without the values of local variables
                without_secrets,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    return handler


def _on_terminal() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared("console"),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_traceback,
                without_secrets,
                structlog.dev.ConsoleRenderer(timestamp_key="time"),
            ],
        )
    )
    return handler


def _install(handler: logging.Handler, process: str) -> None:
    root = logging.getLogger()
    put_away()  # a process may run several commands
    handler.name = _NAME
    root.addHandler(handler)
    logging.raiseExceptions = False  # a log that cannot be written (a full disk) must not show a traceback instead
    root.setLevel(logging.INFO)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    engine = logging.getLogger("dbos")
    for own in list(engine.handlers):  # DBOS was started in this process before its log was set up
        engine.removeHandler(own)
    engine.addHandler(logging.NullHandler())  # without any, DBOS installs its own and keeps its lines to itself
    engine.propagate = True
    structlog.configure(
        processors=[*_shared(process), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
