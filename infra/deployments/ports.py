"""What deployments ask of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from foundation.store import Transaction
from governance.environments import EnvironmentSpec
from infra.cloud import CloudIdentity


@dataclass(frozen=True, slots=True)
class ApprovedEnvironment:
    """What the bureau last approved for an environment: the spec, its digest, the estimate in fen a month.

    ``terminate``: the request asks that the environment be ended; the spec is then the one that runs.
    """

    request: str
    spec: EnvironmentSpec
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

    def __call__(self, transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> int:
        """Fen for one whole calendar month at the prices in force at ``at``."""
        ...


class Cloud(Protocol):
    """The cloud as the records see it: which one it is, and what it holds of an environment."""

    def identity(self) -> CloudIdentity:
        """The cloud that answers now; raises ``CloudUnreachable``."""
        ...

    def mark(self) -> CloudIdentity:
        """The same, with a marker written into the cloud if it had none."""
        ...

    def sweep(self, environment: str) -> Mapping[str, frozenset[str]]:
        """Cloud ids of all that carries the environment's tag or name, by type token."""
        ...
