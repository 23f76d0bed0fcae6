"""What billing asks of its siblings. ``wiring`` binds these; the values are billing's own or a lower floor's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from billing.statements.model import RootReference, ServiceAvailability
from foundation.store import Scope, Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.metering import RegisterEntry


class Register(Protocol):
    """The resource register 资源台账 (``tenants``)."""

    def entries(self, transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
        """Every entry inside the scope that was open at some instant of ``interval``."""
        ...


@dataclass(frozen=True, slots=True)
class SliMonth:
    """One agency's counted minutes of a month by service, and the signed roots they rest on."""

    availability: tuple[ServiceAvailability, ...]
    roots: tuple[RootReference, ...]


class SliEvidence(Protocol):
    """The availability evidence (``monitoring``)."""

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: Collection[str] | None = None
    ) -> SliMonth:
        """What is sealed; a service without evidence is left out. ``names`` are the roots of the sealed versions a
        recorded statement rests on; without them each day's newest."""
        ...
