"""What packing asks of monitoring. ``wiring`` binds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from foundation.evidence import ProofStep
from foundation.store import Scope, Transaction
from foundation.values.month import Month


@dataclass(frozen=True, slots=True)
class SliDayEvidence:
    """One agency's part of a sealed SLI day: 1,440 states and the leaf hash of each service, salt, the way up.

    ``name`` is what the day's root was handed out as (``sli-2026-03-01.v1``).
    """

    name: str
    day: date
    version: int
    states: Mapping[str, str]
    leaves: Mapping[str, str]
    salt: str
    proof: tuple[ProofStep, ...]


class SliProofs(Protocol):
    """The sealed minutes of an agency's month (``monitoring``)."""

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: Collection[str]
    ) -> Sequence[SliDayEvidence]:
        """The sealed versions whose roots have these names."""
        ...
