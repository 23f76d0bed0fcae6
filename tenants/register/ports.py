"""What the register asks of others; ``wiring`` binds it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from foundation.store import Transaction
from foundation.values.month import Month


class ChargedFrom(Protocol):
    """From when on a correction may still be charged: before that, what was charged stands."""

    def __call__(self, transaction: Transaction, agency: str, at: datetime) -> datetime:
        """The start of the agency's first month whose statement is not issued, seen at ``at``."""
        ...


def this_month(transaction: Transaction, agency: str, at: datetime) -> datetime:
    """Without billing's word every month before this one counts as closed."""
    del transaction, agency
    return Month.of(at).interval.start
