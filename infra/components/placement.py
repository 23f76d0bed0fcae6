"""Where an environment is built: the facts of the cloud that a spec does not name."""

from __future__ import annotations

import dataclasses
from typing import Any

from foundation.values.errors import InvalidValue
from infra.components.ground import Ground

BACKUP_SELECTION = "backup-selection"
"""Choosing by tags what is backed up."""


@dataclasses.dataclass(frozen=True, slots=True)
class HubPlace:
    """The hub network that environments are joined to: its transit gateway, and the networks of shared services."""

    transit_gateway_id: str
    shared_cidrs: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Placement:
    """One cloud region as a component needs it.

    ``partition`` and ``account`` go into resource names; ``zones`` are the region's availability zones, which a
    spec counts by index; ``permissions_boundary`` is the ARN of the policy that bounds every role made here.
    ``hub`` and ``agency_key`` (the ARN of the agency's key) are the landing zone's, where there is one; without a key
    an environment makes its own.

    ``agency_account`` is the agency's own account for this zone and level, vended by the landing zone; "" where it has
    none and everything lies in ``account``.

    ``lacks`` names what this cloud cannot do and a component then leaves out with a warning, such as
    ``BACKUP_SELECTION``; whoever reads the placement asks the cloud.
    """

    partition: str
    account: str
    zones: tuple[str, ...]
    permissions_boundary: str
    hub: HubPlace | None = None
    agency_key: str = ""
    lacks: tuple[str, ...] = ()
    agency_account: str = ""

    def zone(self, index: int) -> str:
        """The availability zone a spec's index means; indexes go round, so that a small region still serves."""
        if not self.zones or index < 0:
            raise InvalidValue(field="zone_index", found=str(index), expected="0 or more, in a region with zones")
        return self.zones[index % len(self.zones)]

    def on(self, ground: Ground) -> Placement:
        """The same region, for an environment that stands on a landing zone."""
        hub = HubPlace(ground.transit_gateway_id, ground.shared_cidrs) if ground.transit_gateway_id else None
        return dataclasses.replace(self, hub=hub, agency_key=ground.agency_key, agency_account=ground.account)

    def document(self) -> dict[str, Any]:
        """As plain JSON values; what has its default is left out."""
        later = {"hub", "agency_key", "lacks", "agency_account"}
        return {name: value for name, value in dataclasses.asdict(self).items() if value or name not in later}


def placement_from_document(document: dict[str, Any]) -> Placement:
    """Read what ``document`` wrote."""
    hub = document.get("hub")
    place = HubPlace(hub["transit_gateway_id"], tuple(hub["shared_cidrs"])) if hub else None
    lists = {"zones": tuple(document["zones"]), "lacks": tuple(document.get("lacks", ()))}
    return Placement(**{**document, **lists, "hub": place})
