"""What tenants asks of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from foundation.store import Transaction
from governance.environments import EnvironmentSpec

Breakdown = Sequence[Mapping[str, Any]]
"""The lines of an estimate as plain JSON values, kept with the request as they were."""


class Estimator(Protocol):
    """What an environment would cost, by the very code that bills."""

    def __call__(self, transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Breakdown]:
        """Fen for one whole calendar month at the prices in force at ``at``, and the lines they add up from."""
        ...
