"""Subnets just large enough for a batch, inside the address block the environment was given."""

from __future__ import annotations

from ipaddress import IPv4Network

from governance.environments import SubnetSpec

# What an AWS-compatible cloud keeps of every subnet, and the smallest and largest subnet it makes.
_KEPT_ADDRESSES = 5
_LONGEST_PREFIX = 28
_SHORTEST_PREFIX = 16


def subnet_prefix(machines: int) -> int:
    """The prefix length of the smallest subnet that holds so many machines."""
    needed = machines + _KEPT_ADDRESSES
    return min(_LONGEST_PREFIX, 32 - (needed - 1).bit_length())


def environment_prefix(machines: int, zones: int = 1) -> int:
    """The prefix length of the smallest address block for ``machines`` spread evenly over ``zones``."""
    return subnet_prefix(-(-machines // zones)) - (zones - 1).bit_length()


def subnets_for(cidr: IPv4Network, machines: int, zones: int) -> tuple[SubnetSpec, ...] | None:
    """One subnet a zone, from the start of ``cidr``, together holding ``machines``; None where they do not fit."""
    prefix = subnet_prefix(-(-machines // zones))
    if prefix < _SHORTEST_PREFIX or environment_prefix(machines, zones) < cidr.prefixlen:
        return None
    blocks = cidr.subnets(new_prefix=prefix)
    return tuple(SubnetSpec(f"zone-{index}", str(next(blocks)), index) for index in range(zones))
