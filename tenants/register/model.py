"""What the register is told of, and the pure difference between that and its open entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
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


class Because(StrEnum):
    """Why an entry was opened."""

    DEPLOYED = "deployed"
    TRANSFERRED = "transferred"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REORGANISED = "reorganised"
    CORRECTED = "corrected"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _BECAUSE_ZH[self]


_BECAUSE_ZH = {
    Because.DEPLOYED: "部署",
    Because.TRANSFERRED: "转移",
    Because.SUSPENDED: "暂停",
    Because.RESUMED: "恢复",
    Because.REORGANISED: "机构改革",
    Because.CORRECTED: "更正",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """What goes with an entry from its opening on.

    ``recorded_at`` is the business instant at which it was written, which may be after it opened. A ``suspended`` one
    keeps in ``full_attributes`` what it has again when resumed. ``corrects`` is the number of the entry it stands in
    for, ``decided`` the subject of the decision; it is charged from ``charged_from`` on (None: from its opening).
    """

    because: Because
    recorded_at: datetime
    suspended: bool = False
    full_attributes: Mapping[str, Decimal] | None = None
    corrects: int | None = None
    decided: str = ""
    charged_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it stands in the book. One with ``superseded_from`` was corrected: it says what was thought then."""

    number: int
    entry: RegisterEntry
    opening: Opening
    superseded_from: datetime | None = None

    @property
    def charged(self) -> RegisterEntry:
        """The entry over the time it is charged for."""
        ends = [end for end in (self.entry.closed, self.superseded_from) if end is not None]
        return replace(
            self.entry,
            opened=self.opening.charged_from or self.entry.opened,
            closed=min(ends) if ends else None,
        )

    @property
    def corrects(self) -> int | None:
        """The number of the entry that this one stands in for."""
        return self.opening.corrects


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last line of a page."""

    agency: str
    resource: str
    opened: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Query:
    """Which lines: in force ``at`` an instant (None: ever), of one agency, system, …; empty means any.

    ``charged`` leaves out what no service charges, ``corrected`` brings what was corrected since. ``after`` and
    ``limit`` make a page.
    """

    at: datetime | None = None
    agency: str = ""
    system: str = ""
    environment: str = ""
    service: str = ""
    resource: str = ""
    charged: bool = False
    corrected: bool = False
    after: Cursor | None = None
    limit: int | None = None


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
