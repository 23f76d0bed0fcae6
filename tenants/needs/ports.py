"""What needs ask of others beyond ``tenants.ports``; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from foundation.store import Transaction
from tenants.needs.model import ItemUse
from tenants.ports import Breakdown


class ItemEstimator(Protocol):
    """What service items would cost, by the very code that bills."""

    def __call__(
        self, transaction: Transaction, agency: str, items: Sequence[ItemUse], at: datetime
    ) -> tuple[int, Breakdown]:
        """Fen a month at the prices in force for ``agency`` at ``at``, and the lines they add up from.

        Raises an error of the billing package where an item has no price.
        """
        ...


class TemporaryQuota(Protocol):
    """The quota that the urgent path lends."""

    def lend(
        self,
        transaction: Transaction,
        *,
        subject: str,
        agency: str,
        use: Mapping[str, int],
        at: datetime,
        until: datetime,
    ) -> None:
        """Let ``agency`` use so much more over [``at``, ``until``); raises the quotas' error where there is none."""
        ...

    def take_back(self, transaction: Transaction, *, subject: str, at: datetime) -> None:
        """End what was lent for ``subject``; nothing lent is no error."""
        ...
