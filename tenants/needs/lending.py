"""The temporary quota, taken from the quotas themselves: what is lent counts like what anybody else holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from foundation.store import Transaction
from tenants.quotas import Amount, QuotaUse, hold, release, reserve


class QuotaLoan:
    """``TemporaryQuota`` over ``tenants.quotas``: held from the day it is allowed, released on its last.

    ``use`` names the quotas' dimensions (``vcpu``, ``memory_gb``). Raises ``QuotaExceeded`` where a quota has not so
    much left: the bureau then publishes a temporary addition first.
    """

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
        """Hold ``use`` for ``subject``."""
        amounts = tuple(Amount(dimension, amount) for dimension, amount in sorted(use.items()))
        reserve(transaction, subject, QuotaUse(agency, "", amounts), at)
        hold(transaction, subject, at)

    def take_back(self, transaction: Transaction, *, subject: str, at: datetime) -> None:
        """Release what ``subject`` holds."""
        release(transaction, subject, at)
