"""What settling asks of rooms above or beside billing. ``wiring`` binds these."""

from __future__ import annotations

from typing import Protocol

from foundation.store import Transaction
from foundation.values.month import Month


class Grades(Protocol):
    """The assessment's published result (``supervision``)."""

    def published(self, transaction: Transaction, contract: str, month: Month) -> tuple[int, str] | None:
        """(points from 0 to 100, digest of the publication) of the contract's month, or nothing."""
        ...
