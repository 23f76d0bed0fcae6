"""How far a ceremony is, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """Who of the three has confirmed and who is waited for, by account; ``closed_at`` None while it goes on.

    ``genesis``: the hash of the audit log's first entry, empty until there is one.
    """

    digest: str
    confirmed: tuple[str, ...]
    missing: tuple[str, ...]
    closed_at: datetime | None = None
    genesis: str = ""
