"""The handed-out folder: signed roots and heads that the reader keeps, so that the past cannot be rewritten.

One file a root, named by what it is about. A file once written is never replaced by another content.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from foundation.evidence.canonical import canonical_bytes, read_canonical
from foundation.evidence.errors import HandedOutDiffers
from foundation.evidence.signatures import KeyRing, Signed, open_signed, signed_from_document


def hand_out(folder: Path, name: str, signed: Signed) -> bool:
    """Write ``<name>.json`` whole or not at all; False if it stands already, an error if with another body."""
    folder.mkdir(parents=True, exist_ok=True)
    path, data = folder / f"{name}.json", canonical_bytes(asdict(signed))
    if path.exists():
        standing = signed_from_document(read_canonical(path.read_bytes(), what=path.name), what=path.name)
        if standing.body != signed.body:
            raise HandedOutDiffers(name=path.name)
        return False
    partial = folder / f".{name}.part"
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return True


def read_handed_out(folder: Path, ring: KeyRing, *, owner: str) -> Mapping[str, Mapping[str, Any]]:
    """Every body by name, each checked against the reader's keys; ``owner`` as in ``open_signed``."""
    bodies: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        signed = signed_from_document(read_canonical(path.read_bytes(), what=path.name), what=path.name)
        bodies[path.stem] = open_signed(signed, ring, owner=owner, what=path.name)
    return bodies
