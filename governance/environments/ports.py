"""What reading a spec asks of others; ``wiring`` binds it to the address plan of ``tenants``."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Protocol

from governance.environments.model import Protection, Zone


@dataclass(frozen=True, slots=True)
class BlockWanted:
    """The addresses an environment asks the plan for: one block of length ``prefix``."""

    environment: str
    agency: str
    zone: Zone
    protection: Protection
    region: str
    prefix: int


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The plan has no such block: ``pools`` are those for the region, zone and level, ``largest`` the length of the
    largest block free in them (None: nothing a network could be made of)."""

    pools: tuple[str, ...] = ()
    largest: int | None = None


class AddressPlan(Protocol):
    """The address plan 地址规划 as a spec sees it."""

    def allot(self, wanted: BlockWanted) -> IPv4Network | NoRoom:
        """The block the environment has, or the lowest free one, now its own."""
        ...

    def block_of(self, environment: str) -> IPv4Network | None:
        """The block an environment has; None where it has none, or there is no such environment."""
        ...
