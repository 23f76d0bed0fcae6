"""Rating values: what was held, what it costs, segments in, lines out. Source: DOMAIN §3.

These are billing's own, so that an offline verification needs neither catalogue nor register; the edge
(``billing.sources``) makes them of the governance values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from foundation.values.instant import Interval

RATING_SEMANTICS = 1
"""Printed on every statement. A change of what a line comes to is a new number, and the old code stays for it."""


class PriceUnit(StrEnum):
    """What a price is for: one unit held a whole calendar month, or one unit counted."""

    PER_MONTH = "per-month"
    PER_UNIT = "per-unit"


@dataclass(frozen=True, slots=True)
class Price:
    """A price version: yuan per unit of one meter of one service over [start, end), open where ``end`` is None."""

    id: str
    service: str
    meter: str
    unit: PriceUnit
    price: Decimal
    start: datetime
    end: datetime | None
    includes_vat: bool
    vat_rate: Decimal
    cites: str


@dataclass(frozen=True, slots=True)
class Holding:
    """What the register says of one resource over [opened, closed): for whom it is and what it is charged as."""

    resource: str
    agency: str
    system: str
    project: str
    fund_source: str
    service: str
    plan: str
    opened: datetime
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """One usage record as rating reads it; it belongs wholly to the price and the holding at its ``start``."""

    agency: str
    resource: str
    meter: str
    start: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """What one meter of one resource counted while one price version held.

    ``opened`` tells the register entry apart where a resource was registered twice; ``None`` where no entry of the
    register was open when the use was counted. ``price_version`` is empty where no price was in force.
    ``quantity`` is the exact sum (unit × seconds of a ``level`` meter) of ``records`` usage records.
    """

    agency: str
    resource: str
    opened: datetime | None
    meter: str
    price_version: str
    quantity: Decimal
    records: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: amount = quantity × price ÷ divisor in yuan, rounded half up to the fen, once.

    ``divisor`` is the seconds of the calendar month for a per-month price and 1 for a per-unit price. ``period`` is
    the part of the month in which the price version held. ``resources`` are the register's, sorted.
    """

    number: int
    system: str
    project: str
    fund_source: str
    service: str
    plan: str
    meter: str
    price_version: str
    price: Decimal
    price_unit: PriceUnit
    divisor: int
    quantity: Decimal
    amount: int
    includes_vat: bool
    vat_rate: Decimal
    period: Interval
    resources: tuple[str, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Uncharged:
    """Use that no line charges, shown so that nothing disappears.

    ``reason``: ``unregistered`` (no open register entry) or ``unpriced`` (no price version for this meter).
    """

    reason: str
    resource: str
    service: str
    meter: str
    quantity: Decimal
    records: int


@dataclass(frozen=True, slots=True)
class Rated:
    """The result of rating one agency's month."""

    lines: tuple[Line, ...]
    uncharged: tuple[Uncharged, ...]

    @property
    def charged(self) -> int:
        """Fen over all lines."""
        return sum(line.amount for line in self.lines)
