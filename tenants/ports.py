"""What tenants asks of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from foundation.store import Transaction
from foundation.values.instant import Interval
from governance.environments import EnvironmentSpec

Breakdown = Sequence[Mapping[str, Any]]
"""The lines of an estimate as plain JSON values, kept with the request as they were."""


class Estimator(Protocol):
    """What an environment would cost, by the very code that bills."""

    def __call__(self, transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Breakdown]:
        """Fen for one whole calendar month at the prices in force at ``at``, and the lines they add up from."""
        ...


class ItemEstimator(Protocol):
    """What so many of one plan of a service would cost, by the very code that bills."""

    def __call__(
        self, transaction: Transaction, agency: str, service: str, plan: str, quantity: int, at: datetime
    ) -> tuple[int, Breakdown] | None:
        """As ``Estimator``; None where the service has no monthly price."""
        ...


@dataclass(frozen=True, slots=True)
class MeasuredUse:
    """How much of what an environment holds was used on an average over ``interval``: a share of one, with the
    evidence it rests on (roots, digests)."""

    share: Decimal
    interval: Interval
    cites: tuple[str, ...] = ()


class Measurements(Protocol):
    """What monitoring knows. None means no evidence, and is never read as zero use or as nothing idle."""

    def idle(self, transaction: Transaction, agency: str, at: datetime) -> Sequence[str] | None:
        """The agency's holdings (resources of the register) that are idle by the rule in force."""
        ...

    def use(self, transaction: Transaction, environment: str, interval: Interval) -> MeasuredUse | None:
        """How much of the environment was used."""
        ...


class NoMeasurements:
    """Nothing is measured yet."""

    def idle(self, transaction: Transaction, agency: str, at: datetime) -> Sequence[str] | None:
        """No evidence."""
        return None

    def use(self, transaction: Transaction, environment: str, interval: Interval) -> MeasuredUse | None:
        """No evidence."""
        return None


class NoItemPrices:
    """Service items that nobody prices: each goes to a person."""

    def __call__(
        self, transaction: Transaction, agency: str, service: str, plan: str, quantity: int, at: datetime
    ) -> tuple[int, Breakdown] | None:
        """Not known."""
        return None


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports a request is worked on with."""

    estimator: Estimator
    items: ItemEstimator = field(default_factory=NoItemPrices)
    measurements: Measurements = field(default_factory=NoMeasurements)
