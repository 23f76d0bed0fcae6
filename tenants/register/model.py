"""What the register is told of, and the pure difference between that and its open entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from foundation.values.instant import format_instant
from governance.metering import RegisterEntry
from tenants.errors import RegisterOutOfOrder


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as a deployment's end tells of it.

    ``id`` is stable over replacements (``environment/kind/name``); ``attributes`` are its own exact numbers
    (``size_gb``), the plan's come from the catalogue. ``plan`` is empty for what is not charged by itself.
    """

    id: str
    cloud_id: str
    kind: str
    name: str
    agency: str
    system: str
    project: str
    fund_source: str
    environment: str
    plan: str
    attributes: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Changes:
    """What the register must do: entries to open, entries to close."""

    opened: tuple[RegisterEntry, ...]
    closed: tuple[RegisterEntry, ...]


def resource_of(payload: Mapping[str, Any], document: Mapping[str, Any]) -> Resource:
    """Read one of the ``resources`` of a ``deployment.ended`` event, whose ``payload`` says whose they are."""
    return Resource(
        id=str(document["resource"]),
        cloud_id=str(document["cloud_id"]),
        kind=str(document["kind"]),
        name=str(document["name"]),
        agency=str(payload["agency"]),
        system=str(payload["system"]),
        project=str(payload["project"]),
        fund_source=str(payload["fund_source"]),
        environment=str(payload["environment"]),
        plan=str(document["plan"]),
        attributes={str(key): Decimal(value) for key, value in document["attributes"].items()},
    )


def to_open(open_now: Iterable[RegisterEntry], wanted: Sequence[RegisterEntry]) -> Changes:
    """Each wanted entry that is not open in just this form opens at its instant; what stood in its place closes then.

    No gap and no overlap: the closing and the opening share the instant.
    """
    standing = {entry.resource: entry for entry in open_now}
    opened, closed = [], []
    for entry in wanted:
        there = standing.get(entry.resource)
        if there is not None and replace(there, opened=entry.opened) == entry:
            continue
        if there is not None:
            closed.append(close(there, entry.opened))
        opened.append(entry)
    return Changes(tuple(opened), tuple(closed))


def close(entry: RegisterEntry, instant: datetime) -> RegisterEntry:
    """The entry, ended at ``instant``; an instant before its opening raises ``RegisterOutOfOrder``."""
    if instant < entry.opened:
        raise RegisterOutOfOrder(
            resource=entry.resource, opened=format_instant(entry.opened), instant=format_instant(instant)
        )
    return replace(entry, closed=instant)
