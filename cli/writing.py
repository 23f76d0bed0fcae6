"""Files a command leaves: whole or not at all."""

from __future__ import annotations

from pathlib import Path


def write_file(out: Path, data: bytes) -> None:
    """Write ``data`` beside the file and move it into its place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".part")
    partial.write_bytes(data)
    partial.replace(out)
