"""The default channel: one JSON file a notice, for whoever carries them on."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from foundation.evidence import canonical_bytes
from foundation.work.notices.model import Notice


@dataclass(frozen=True, slots=True)
class FileNotifier:
    """Writes ``<folder>/<notice id>.json``, whole or not at all; the same notice again is the same file."""

    folder: Path
    channel: str = "file"

    def notify(self, notice: Notice) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path, partial = self.folder / f"{notice.id}.json", self.folder / f".{notice.id}.{os.getpid()}.part"
        with partial.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(canonical_bytes(asdict(notice)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # the name too must outlive a power cut before the mark says it is delivered
        finally:
            os.close(folder)
