"""What every part of work needs, in one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from foundation.store import Scope, Store
from foundation.values.ids import Ids
from foundation.values.instant import Clock
from foundation.work.runs.kinds import Kinds
from foundation.work.runs.ports import OnPoint, RunAudit


def unheard(point: str) -> None:
    """The ``OnPoint`` of whoever does not listen."""


@dataclass(frozen=True)
class Workshop:
    """The records, the real clock, ids, the kinds this program knows, the machine's scope, and who is told."""

    store: Store
    clock: Clock
    ids: Ids
    kinds: Kinds
    scope: Scope
    audit: RunAudit
    on_point: OnPoint = field(default=unheard)
