"""Identifiers as an argument, so that a test can name what it makes."""

from __future__ import annotations

import uuid
from typing import Protocol


class Ids(Protocol):
    """Makes identifiers that never repeat: ``prefix_`` and 32 hexadecimal digits."""

    def __call__(self, prefix: str) -> str: ...


def random_ids(prefix: str) -> str:
    """Identifiers from the machine's randomness; bound in ``wiring`` only."""
    return f"{prefix}_{uuid.uuid4().hex}"
