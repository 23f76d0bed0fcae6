"""What deployments ask of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from foundation.store import Transaction
from governance.environments import EnvironmentSpec
from infra.cloud import CloudIdentity
from infra.components import NO_GROUND, Ground, Spec


@dataclass(frozen=True, slots=True)
class ApprovedEnvironment:
    """What the bureau last approved for an environment: the spec, its digest, the estimate in fen a month.

    ``terminate``: the request asks that the environment be ended; the spec is then the one that runs. Of the landing
    zone ``request`` is the proposal; its ``spec`` then also has the networks that are joined by now, which the digest
    of what was approved does not cover.
    """

    request: str
    spec: Spec
    spec_digest: str
    monthly: int
    terminate: bool


class Approvals(Protocol):
    """Reads what stands approved."""

    def __call__(self, transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
        """The newest approval on the environment; None where there is none."""
        ...


class MonthlyCost(Protocol):
    """What a spec costs, by the very code that bills."""

    def __call__(self, transaction: Transaction, spec: Spec, at: datetime) -> int:
        """Fen for one whole calendar month at the prices in force at ``at``."""
        ...


class Grounds(Protocol):
    """What the landing zone gives an environment."""

    def __call__(self, transaction: Transaction, spec: EnvironmentSpec) -> Ground:
        """By what is applied of the landing zone; an empty ground without one. Raises ``RegionNotApplied``."""
        ...


def no_ground(transaction: Transaction, spec: EnvironmentSpec) -> Ground:
    """Where there is no landing zone."""
    return NO_GROUND


class Available(Protocol):
    """What of a ground can be had in this cloud; asked outside of transactions."""

    def __call__(self, ground: Ground, spec: EnvironmentSpec) -> Ground:
        """The ground, without what the environment's account does not get to see."""
        ...


def as_given(ground: Ground, spec: EnvironmentSpec) -> Ground:
    """Where everything can be had."""
    return ground


class Cloud(Protocol):
    """The cloud as the records see it: which one it is, and what it holds of an environment."""

    def identity(self) -> CloudIdentity:
        """The cloud that answers now; raises ``CloudUnreachable``."""
        ...

    def mark(self) -> CloudIdentity:
        """The same, with a marker written into the cloud if it had none."""
        ...

    def sweep(self, environment: str, places: Iterable[tuple[str, str]] = ()) -> Mapping[str, frozenset[str]]:
        """Cloud ids of all that carries the environment's tag or name, by type token.

        In the default place, and in each of ``places``: (account, region).
        """
        ...
