"""Quotas, budgets and what takes from them, as frozen values; pure.

A quota is a key (any subset of region, agency, project, service, fund source) and a dimension. Inside, quantities are
whole millionths and money is whole fen, so that the database itself can add and compare them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from foundation.values.errors import InvalidValue
from foundation.values.money import QUANTITY, Rational, exact, format_yuan, shares
from foundation.values.month import Month

FEN_A_MONTH = "fen_month"
FEN_A_YEAR = "fen_year"
MONEY = frozenset({FEN_A_MONTH, FEN_A_YEAR})
COUNT = re.compile(r"count\.[a-z0-9][a-z0-9_.-]{0,50}")
"""A number of things, such as ``count.instance``."""

_QUANTUM = 10**6
_WORDS = {
    "vcpu": ("vCPU", "vCPU"),
    "memory_gb": ("内存 GB", "memory GB"),
    "storage_gb": ("存储 GB", "storage GB"),
    "addresses": ("地址数", "addresses"),
    FEN_A_MONTH: ("每月金额(元)", "yuan a month"),
    FEN_A_YEAR: ("全年金额(元)", "yuan a year"),
}
FIELDS = ("region", "agency", "project", "service", "fund_source")


class UseState(StrEnum):
    """What a use is to a quota: asked for, granted, over (some of its year was used), or never came to be."""

    RESERVED = "reserved"
    HELD = "held"
    ENDED = "ended"
    RELEASED = "released"


def check_dimension(dimension: str) -> str:
    """The dimension; raises ``InvalidValue`` where there is none of that name."""
    if dimension not in _WORDS and not COUNT.fullmatch(dimension):
        raise InvalidValue(field="dimension", found=dimension, expected=f"one of {sorted(_WORDS)} or count.…")
    return dimension


def dimension_words(dimension: str) -> tuple[str, str]:
    """What people call it, in Chinese and English."""
    if dimension in _WORDS:
        return _WORDS[dimension]
    thing = dimension.partition(".")[2]
    return f"{thing} 个数", f"number of {thing}"


def to_units(dimension: str, amount: Decimal | int) -> int:
    """The whole number kept for an amount: fen as they are, other quantities in millionths."""
    if dimension in MONEY:
        if amount != int(amount):
            raise InvalidValue(field=dimension, found=str(amount), expected="whole fen")
        return int(amount)
    return int(exact(amount, QUANTITY, field=dimension) * _QUANTUM)


def units_text(dimension: str, units: int) -> str:
    """How a person reads a kept number: yuan, or the plain quantity."""
    if dimension in MONEY:
        return format_yuan(units)
    whole, rest = divmod(abs(units), _QUANTUM)
    tail = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if units < 0 else ''}{whole:,}{tail}"


@dataclass(frozen=True, slots=True)
class QuotaKey:
    """What a quota is about. An empty field means any; ``period`` is the calendar year of a yearly budget."""

    dimension: str
    period: str = ""
    region: str = ""
    agency: str = ""
    project: str = ""
    service: str = ""
    fund_source: str = ""

    @property
    def id(self) -> str:
        """The one text of the key, made from its parts and from nothing else."""
        named = [f"{field}={_escaped(getattr(self, field))}" for field in FIELDS if getattr(self, field)]
        return "|".join([f"{self.dimension}{'@' if self.period else ''}{self.period}", *named])

    @classmethod
    def parse(cls, id_: str) -> QuotaKey:
        """The key of an ``id``."""
        head, *named = id_.split("|")
        dimension, _, period = head.partition("@")
        fields = {field: _plain(value) for field, _, value in (part.partition("=") for part in named)}
        return cls(dimension, period, **fields)

    def words(self) -> tuple[str, str]:
        """The key as a person reads it, in Chinese and English."""
        zh, en = dimension_words(self.dimension)
        named = [f"{getattr(self, field)}" for field in FIELDS if getattr(self, field)]
        year_zh, year_en = (f"{self.period} 年", f"{self.period} ") if self.period else ("", "")
        whose = "/".join(named)
        return f"{whose or '全部'} {year_zh}{zh}", f"{year_en}{en} of {whose or 'all'}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("|", "%7C").replace("=", "%3D")


def _plain(text: str) -> str:
    return text.replace("%3D", "=").replace("%7C", "|").replace("%25", "%")


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one dimension: ``amount`` is a quantity, or fen a month (a year's fen follow from them)."""

    dimension: str
    amount: Decimal | int
    service: str = ""
    fund_source: str = ""


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What a request would take, all of it, for one agency's project in one region (empty: the only one)."""

    agency: str
    project: str
    amounts: tuple[Amount, ...]
    region: str = ""

    def with_money(self, monthly: int, funds: Mapping[str, Rational], *, service: str = "") -> QuotaUse:
        """The use with ``monthly`` fen of a service split over fund sources by their shares, to the last fen."""
        sources = sorted(funds)
        parts = shares(monthly, [funds[source] for source in sources]) if monthly else ()
        money = (
            Amount(FEN_A_MONTH, fen, service=service, fund_source=source)
            for source, fen in zip(sources, parts, strict=False)
        )
        return replace(self, amounts=(*self.amounts, *money))


@dataclass(frozen=True, slots=True)
class UseLine:
    """One line of a use as it is kept: ``units`` whole, ``growth`` more than what it takes the place of.

    Months count as year × 12 + month − 1; ``until_month`` is the first one it is no longer used in.
    """

    subject: str
    agency: str
    region: str
    project: str
    service: str
    fund_source: str
    dimension: str
    units: int
    growth: int
    state: UseState
    replaces: str
    since: datetime
    from_month: int
    until_month: int | None = None

    @property
    def what(self) -> tuple[str, ...]:
        """What two lines must share for one to take the other's place."""
        return (self.dimension, self.region, self.agency, self.project, self.service, self.fund_source)

    def keys(self, years: Iterable[str]) -> tuple[QuotaKey, ...]:
        """Every key that covers the line; of money also those of the years."""
        found = list(_subsets(self, QuotaKey(self.dimension)))
        if self.dimension == FEN_A_MONTH:
            for year in years:
                found.extend(_subsets(self, QuotaKey(FEN_A_YEAR, year)))
        return tuple(found)

    def counted(self, key: QuotaKey) -> tuple[int, int]:
        """What the line takes from a key that covers it: (reserved, held)."""
        months = 1
        if key.dimension == FEN_A_YEAR:
            months = months_in(int(key.period), self.from_month, self.until_month)
        elif self.state is UseState.ENDED:
            return 0, 0
        match self.state:
            case UseState.RESERVED:
                return self.growth * months, 0
            case UseState.HELD | UseState.ENDED:
                return 0, self.units * months
            case _:
                return 0, 0


def months_in(year: int, from_month: int, until_month: int | None) -> int:
    """How many months of the year lie in [from_month, until_month)."""
    start, end = max(year * 12, from_month), (year + 1) * 12
    return max(0, min(end, end if until_month is None else until_month) - start)


def month_number(instant: datetime) -> int:
    """The Shanghai month of an instant, as year × 12 + month − 1."""
    month = Month.of(instant)
    return month.year * 12 + month.number - 1


def _subsets(line: UseLine, bare: QuotaKey) -> Iterable[QuotaKey]:
    named = [field for field in FIELDS if getattr(line, field)]
    for size in range(len(named) + 1):
        for chosen in combinations(named, size):
            yield replace(bare, **{field: getattr(line, field) for field in chosen})


@dataclass(frozen=True, slots=True)
class Standing:
    """A quota at an instant, as its reader may see it, in whole units.

    ``limit`` is what is in force (None: none is), temporary extras among it; ``delegated`` of that was handed to the
    levels below; ``reserved`` and ``held`` are counted, None where a shared quota's use is not the reader's to know;
    ``own`` is what the reader's own subjects take. ``asked`` is what somebody wants now.
    """

    key: QuotaKey
    limit: int | None
    delegated: int
    reserved: int | None
    held: int | None
    own: int
    asked: int = 0
    fits: bool = True

    @property
    def over(self) -> bool:
        """Whether more is in use than may be: the limit was lowered, or a temporary quota ended."""
        used = None if self.reserved is None or self.held is None else self.reserved + self.held
        return self.limit is not None and used is not None and used > self.limit
