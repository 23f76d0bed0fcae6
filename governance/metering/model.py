"""Usage record 计量记录 and register entry, as frozen values. Source: DOMAIN §2, §3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from foundation.values.instant import Interval
from foundation.values.money import QUANTITY, exact


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """What one meter of one resource counted over [start, end).

    ``quantity`` has the meter's unit; of a ``level`` meter it is unit × seconds held. ``key`` makes the record
    idempotent: the same key with the same content counts once. ``source`` says which collector wrote it.
    """

    key: str
    agency: str
    resource: str
    meter: str
    interval: Interval
    quantity: Decimal
    source: str
    revision: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "quantity", exact(self.quantity, QUANTITY, field="quantity"))


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One line of the register 资源台账: a resource of an agency, open over [opened, closed).

    ``resource`` is stable for the life of the entry; ``cloud_id`` is what the cloud calls it. ``attributes`` are
    the plan's at opening (``vcpu``, ``memory_gb``) and the resource's own (``size_gb``), all exact.
    """

    resource: str
    cloud_id: str
    kind: str
    name: str
    agency: str
    system: str
    project: str
    fund_source: str
    environment: str
    service: str
    plan: str
    attributes: Mapping[str, Decimal]
    opened: datetime
    closed: datetime | None = None
