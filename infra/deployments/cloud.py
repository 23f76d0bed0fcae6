"""The ``Cloud`` port over the provider's clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from foundation.values.ids import Ids
from infra.cloud import CloudIdentity, ensure_marker, read_identity
from infra.provider.clients import Clients
from infra.provider.clouds import Clouds, Place
from infra.provider.sweep import sweep_everywhere


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

    def sweep(self, environment: str, places: Iterable[tuple[str, str]] = ()) -> Mapping[str, frozenset[str]]:
        """See ``Cloud``."""
        return sweep_everywhere(self._clouds, environment, (Place(*one) for one in places))

    @cached_property
    def _clouds(self) -> Clouds:
        return self.clients.clouds or Clouds(self.clients)
