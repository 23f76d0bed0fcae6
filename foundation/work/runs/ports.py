"""What work asks of the floors above, bound in ``wiring``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from foundation.store import Transaction
from foundation.work.runs.model import Json, Run

OnPoint = Callable[[str], None]
"""Hears the name of every point at which a kill would leave something different behind: logs listen, and so does the
drill that kills there."""


class RunAudit(Protocol):
    """Writes the audit entry of what befell a run, in the transaction of the fact.

    ``event`` is ``succeeded``, ``failed``, ``parked`` or ``cancelled``.
    """

    def __call__(self, transaction: Transaction, event: str, run: Run, facts: Mapping[str, Json]) -> None: ...
