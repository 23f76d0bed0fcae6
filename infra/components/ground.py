"""The ground that a landing zone gives an environment: the hub it joins, its agency's key, its agency's account."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from governance.environments import EnvironmentSpec


@dataclasses.dataclass(frozen=True, slots=True)
class Ground:
    """What an environment stands on; each empty where the landing zone has none for it.

    ``transit_gateway_id`` and ``shared_cidrs`` are the hub's, ``agency_key`` the ARN of the agency's key, ``account``
    the agency's own for the environment's zone and protection level. ``unseen_hub`` is a hub that there is, and which
    the environment's account does not see: it is planned without, and says so.
    """

    transit_gateway_id: str = ""
    shared_cidrs: tuple[str, ...] = ()
    agency_key: str = ""
    account: str = ""
    unseen_hub: str = ""

    def document(self) -> dict[str, Any]:
        """As plain JSON values; ``unseen_hub`` only where there is one."""
        told = {**dataclasses.asdict(self), "shared_cidrs": list(self.shared_cidrs)}
        return {name: value for name, value in told.items() if value or name != "unseen_hub"}


NO_GROUND = Ground()
"""Of an environment that stands alone."""


def ground_from_document(document: Mapping[str, Any]) -> Ground:
    """Read what ``document`` wrote; nothing is a ground without anything."""
    return Ground(**{**document, "shared_cidrs": tuple(document.get("shared_cidrs", ()))})


@dataclasses.dataclass(frozen=True, slots=True)
class Grounded:
    """An environment's spec on its ground: what an engine builds of it. The approval is of the spec alone."""

    spec: EnvironmentSpec
    ground: Ground

    @property
    def environment(self) -> str:
        """The environment's name."""
        return self.spec.environment

    @property
    def agency(self) -> str:
        """Whose it is."""
        return self.spec.agency
