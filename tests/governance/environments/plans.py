"""An address plan in memory, and specs to start from."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from governance.environments import BlockWanted, NoRoom
from governance.environments.layout import lowest_free


@dataclass
class PlanInMemory:
    """Hands out the lowest free block of one pool."""

    pool: IPv4Network
    held: dict[str, IPv4Network] = field(default_factory=dict)
    asked: list[BlockWanted] = field(default_factory=list)

    def allot(self, wanted: BlockWanted) -> IPv4Network | NoRoom:
        self.asked.append(wanted)
        if wanted.environment not in self.held:
            block = lowest_free(self.pool, wanted.prefix, self.held.values())
            if block is None:
                free = (prefix for prefix in range(wanted.prefix, 29) if self._free(prefix))
                return NoRoom(("pool",), next(free, None))
            self.held[wanted.environment] = block
        return self.held[wanted.environment]

    def _free(self, prefix: int) -> bool:
        return lowest_free(self.pool, prefix, self.held.values()) is not None

    def block_of(self, environment: str) -> IPv4Network | None:
        return self.held.get(environment)
