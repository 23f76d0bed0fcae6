"""Subnets laid out inside an environment's addresses: the same wish gives the same networks, always."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class Laid:
    """``placed`` by name; ``left`` are the names that found no room."""

    placed: Mapping[str, IPv4Network]
    left: tuple[str, ...]


def lay_out(within: IPv4Network, wanted: Mapping[str, int], standing: Mapping[str, IPv4Network]) -> Laid:
    """A network of its prefix length for each name in ``wanted``, none overlapping.

    A name in ``standing`` keeps its network where that fits the wish, so that a later wish moves nothing; the rest
    take the lowest free place, larger ones first, those of one size in the order of ``wanted``. Networks of
    ``standing`` that nobody wishes for are taken all the same.
    """
    placed = {
        name: standing[name]
        for name, prefix in wanted.items()
        if name in standing and standing[name].prefixlen == prefix and standing[name].subnet_of(within)
    }
    taken = [network for name, network in standing.items() if name not in wanted] + list(placed.values())
    left: list[str] = []
    for name, prefix in sorted(wanted.items(), key=lambda one: one[1]):
        if name in placed:
            continue
        network = lowest_free(within, prefix, taken)
        if network is None:
            left.append(name)
            continue
        placed[name] = network
        taken.append(network)
    return Laid({name: placed[name] for name in wanted if name in placed}, tuple(left))


def lowest_free(within: IPv4Network, prefix: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The lowest network of that length inside ``within`` that overlaps none of ``taken``."""
    if not within.prefixlen <= prefix <= 32:
        return None
    size, at = 1 << (32 - prefix), int(within.network_address)
    for each in sorted(taken, key=lambda network: int(network.network_address)):
        if int(each.broadcast_address) < at:
            continue
        if int(each.network_address) >= at + size:
            break
        at = -(-(int(each.broadcast_address) + 1) // size) * size  # behind it, at the next boundary
    return IPv4Network((at, prefix)) if at + size - 1 <= int(within.broadcast_address) else None


def prefix_for(prefixes: Iterable[int]) -> int:
    """The length of the smallest block that holds networks of these lengths, laid out larger ones first."""
    addresses = sum(1 << (32 - prefix) for prefix in prefixes)
    return 32 - max(addresses - 1, 0).bit_length()
