"""What the creates of one deployment were answered: a line each, written as soon as the cloud has named what it made.

The engine's state is a copy of everything, so it is dear to write after every create, and a first apply writes it only
at its end. This file is what a run that was killed before knows of its creates: by it, and by one sweep for the creates
whose answer never came, the next run takes over what exists.
"""

from __future__ import annotations

import json
import os
from pathlib import Path


def note_birth(file: Path, *, kind: str, token: str, id: str) -> None:  # noqa: A002 - as it is called in the file
    """Add a line in one write: a kill leaves it whole, or absent."""
    # Begun on a line of its own: what a full disk cut before it hides nothing.
    line = "\n" + json.dumps({"kind": kind, "token": token, "id": id}, ensure_ascii=False) + "\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read_births(file: Path) -> dict[str, str]:
    """The ids by token, the last one of a token; lines that a full disk or a lost machine cut are left out."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    born: dict[str, str] = {}
    for line in lines:
        try:
            one = json.loads(line)
            born[str(one["token"])] = str(one["id"])
        except (ValueError, KeyError, TypeError):
            continue
    return born
