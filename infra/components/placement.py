"""Where an environment is built: the facts of the cloud that a spec does not name."""

from __future__ import annotations

import dataclasses
from typing import Any

from foundation.values.errors import InvalidValue


@dataclasses.dataclass(frozen=True, slots=True)
class Placement:
    """One cloud region as a component needs it.

    ``partition`` and ``account`` go into resource names; ``zones`` are the region's availability zones, which a
    spec counts by index; ``permissions_boundary`` is the ARN of the policy that bounds every role made here.
    """

    partition: str
    account: str
    zones: tuple[str, ...]
    permissions_boundary: str

    def zone(self, index: int) -> str:
        """The availability zone a spec's index means; indexes go round, so that a small region still serves."""
        if not self.zones or index < 0:
            raise InvalidValue(field="zone_index", found=str(index), expected="0 or more, in a region with zones")
        return self.zones[index % len(self.zones)]

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)


def placement_from_document(document: dict[str, Any]) -> Placement:
    """Read what ``document`` wrote."""
    return Placement(**{**document, "zones": tuple(document["zones"])})
