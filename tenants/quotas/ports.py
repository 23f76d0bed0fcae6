"""What quotas ask of others; ``wiring`` binds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from foundation.store import Scope, Transaction
from foundation.values.month import Month


class Spending(Protocol):
    """What was really charged, by month, from issued statements: shown beside what a yearly budget counts."""

    def __call__(
        self, transaction: Transaction, scope: Scope, *, year: int, project: str, fund_source: str
    ) -> Mapping[Month, int]:
        """Fen by month; an empty ``project`` or ``fund_source`` means all inside the scope."""
        ...


def nothing_recorded(
    transaction: Transaction, scope: Scope, *, year: int, project: str, fund_source: str
) -> Mapping[Month, int]:
    """Until billing answers: no month has a figure, which is not the same as a figure of nothing."""
    del transaction, scope, year, project, fund_source
    return {}
