"""The ``Cloud`` port over the provider's clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.values.ids import Ids
from infra.cloud import CloudIdentity, ensure_marker, read_identity
from infra.provider.clients import Clients
from infra.provider.sweep import sweep


@dataclass(frozen=True)
class ProviderCloud:
    """The cloud behind ``clients``; ``ids`` makes the marker."""

    clients: Clients
    ids: Ids

    def identity(self) -> CloudIdentity:
        """See ``Cloud``."""
        return read_identity(self.clients)

    def mark(self) -> CloudIdentity:
        """See ``Cloud``."""
        return ensure_marker(self.clients, self.ids)

    def sweep(self, environment: str) -> Mapping[str, frozenset[str]]:
        """See ``Cloud``."""
        return sweep(self.clients, environment)
