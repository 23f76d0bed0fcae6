"""An import in a few numbers, for the head of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foundation.values.findings import Finding
from takeover.rooms.model import Room


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """Counts of one import; ``findings`` maps each code to how many there are."""

    machines: int
    movable: int
    hosts: int
    machines_on_unknown_hosts: int
    findings: Mapping[str, int]


def summarise(room: Room | None, findings: Iterable[Finding]) -> RoomSummary:
    """Count a room and its findings; without a room only the findings count."""
    counts = dict(sorted(Counter(finding.code for finding in findings).items()))
    if room is None:
        return RoomSummary(0, 0, 0, 0, counts)
    known = {host.name for host in room.hosts}
    return RoomSummary(
        machines=len(room.machines),
        movable=sum(machine.movable for machine in room.machines),
        hosts=len(room.hosts),
        machines_on_unknown_hosts=sum(bool(machine.host) and machine.host not in known for machine in room.machines),
        findings=counts,
    )
