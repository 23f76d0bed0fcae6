"""The sandbox's memory: every request that changes the cloud, on disk before it is carried out.

One line is one request, ``<sha256 of the JSON, 16 digits> <JSON>``; the first line names the *life* of the sandbox.
A last line that was torn by a crash was never answered, so it is dropped; a damaged line before it stops the start.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from foundation.values.instant import format_instant, parse_instant
from infra.errors import SandboxJournalBroken


@dataclass(frozen=True, slots=True)
class Entry:
    """One changing request. ``number`` counts from 1 and seeds what the cloud draws at random for it."""

    number: int
    at: datetime
    environ: dict[str, str]
    original_headers: dict[str, str]
    body: bytes


class Journal:
    """An open journal. Not safe for two processes: the sandbox's lock keeps it to one."""

    def __init__(self, path: Path, life: str, entries: int, stream: IO[bytes]) -> None:
        self.path = path
        self.life = life
        self.entries = entries
        self._stream = stream

    @classmethod
    def open(cls, path: Path, new_life: str) -> Self:
        """Open or begin the journal at ``path``; ``new_life`` names the sandbox's life if this begins it."""
        intact = 0
        life = new_life
        count = 0
        if path.exists():
            for line, end in _lines(path):
                life = line["life"] if count == 0 and "life" in line else life
                count += "number" in line
                intact = end
        stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
        stream.truncate(intact)
        stream.seek(intact)
        journal = cls(path, life, count, stream)
        if intact == 0:
            journal._write({"life": life})
            _sync_folder(path.parent)
        return journal

    def append(self, at: datetime, environ: dict[str, str], original_headers: dict[str, str], body: bytes) -> Entry:
        """Write one request down; it is on disk when this returns."""
        entry = Entry(self.entries + 1, at, environ, original_headers, body)
        self._write(
            {
                "number": entry.number,
                "at": format_instant(at),
                "environ": environ,
                "headers": original_headers,
                "body": base64.b64encode(body).decode(),
            }
        )
        self.entries = entry.number
        return entry

    def replay(self) -> Iterator[Entry]:
        """Every request, in order."""
        for line, _ in _lines(self.path):
            if "number" in line:
                yield Entry(
                    line["number"],
                    parse_instant(line["at"]),
                    line["environ"],
                    line["headers"],
                    base64.b64decode(line["body"]),
                )

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):
            self._stream.close()

    def _write(self, content: dict[str, object]) -> None:
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()
        self._stream.write(_digest(text) + b" " + text + b"\n")
        os.fsync(self._stream.fileno())


def _lines(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    end = 0
    with path.open("rb") as stream:
        for index, line in enumerate(stream, start=1):
            digest, _, text = line.rstrip(b"\n").partition(b" ")
            if not line.endswith(b"\n") or digest != _digest(text):
                if stream.read(1):
                    raise SandboxJournalBroken(path=path, line=index)
                return
            end += len(line)
            yield json.loads(text), end


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
