"""Address pools and blocks as frozen values, on one number line; pure.

A block is [first, last] in whole numbers: an IPv4 address is its own number, an IPv6 network of at most /64 the signed
number of its first 64 bits. The two never meet: an IPv6 network that would is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from foundation.values.errors import InvalidValue

Network = IPv4Network | IPv6Network
_HALF = 1 << 63
_WHOLE = 1 << 64
_IPV4_END = 1 << 32


class BlockState(StrEnum):
    """``HELD`` by an environment; ``RESERVED`` by name until a day; ``IMPORTED`` where a department has it already;
    ``RESTING`` given back, not yet for others."""

    HELD = "held"
    RESERVED = "reserved"
    IMPORTED = "imported"
    RESTING = "resting"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The numbers from ``first`` to ``last``, both inside."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many: addresses, or networks of /64."""
        return self.last - self.first + 1

    def overlaps(self, other: Span) -> bool:
        """Whether they share a number."""
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: Span) -> bool:
        """Whether all of the other lies in it."""
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class Pool:
    """地址池: what one zone and protection level of a region may hand out; a released block rests ``rest_days``.

    Unpublished (``published_at`` None): somebody draws blocks from a range that no published pool covers.
    """

    id: str
    region: str
    zone: str
    protection: str
    cidr: str
    rest_days: int
    published_at: datetime | None = None

    @property
    def span(self) -> Span:
        """Its numbers."""
        return span_of(parse_network(self.cidr))


@dataclass(frozen=True, slots=True)
class Block:
    """A block in force: ``holder`` is ``environment:…``, ``reservation:…`` or ``network:…``; free from ``free_from``
    on where that is known."""

    holder: str
    agency: str | None
    cidr: str
    state: BlockState
    since: datetime | None
    free_from: datetime | None

    @property
    def span(self) -> Span:
        """Its numbers."""
        return span_of(parse_network(self.cidr))


def parse_network(text: str, *, field: str = "network") -> Network:
    """A network in CIDR form without host bits; raises ``InvalidValue``."""
    try:
        network = ip_network(text.strip())
        span_of(network)
    except ValueError as cause:
        raise InvalidValue(field=field, found=text[:60], expected=str(cause)[:120]) from cause
    return network


def span_of(network: Network) -> Span:
    """Its numbers; raises ``ValueError`` for IPv6 longer than /64 or among the lowest."""
    if isinstance(network, IPv4Network):
        return Span(int(network.network_address), int(network.broadcast_address))
    if network.prefixlen > 64:
        raise ValueError(f"{network} is smaller than /64")
    first, last = int(network.network_address) >> 64, int(network.broadcast_address) >> 64
    if first < _IPV4_END or first < _HALF <= last:
        raise ValueError(f"{network} is no network of the plan")
    return Span(first, last) if first < _HALF else Span(first - _WHOLE, last - _WHOLE)


def network_of(span: Span, like: Network) -> Network:
    """The network of these numbers, of the same family as ``like``."""
    bits = span.size.bit_length() - 1
    if isinstance(like, IPv4Network):
        return IPv4Network((span.first, 32 - bits))
    return IPv6Network(((span.first % _WHOLE) << 64, 64 - bits))


def size_of(network: Network, prefix: int) -> int:
    """How many numbers a block of length ``prefix`` takes inside ``network``; 0 where it is no part of it."""
    longest = 32 if isinstance(network, IPv4Network) else 64
    return 1 << (longest - prefix) if network.prefixlen <= prefix <= longest else 0


def free_between(whole: Span, taken: Iterable[Span]) -> tuple[Span, ...]:
    """What of ``whole`` none of the disjoint ``taken`` covers, in order."""
    free, at = [], whole.first
    for each in sorted(taken):
        if each.first > at:
            free.append(Span(at, min(each.first - 1, whole.last)))
        at = max(at, each.last + 1)
    if at <= whole.last:
        free.append(Span(at, whole.last))
    return tuple(free)
