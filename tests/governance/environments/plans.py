"""An address plan in memory, and specs to start from."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from governance.environments import BlockWanted
from governance.environments.layout import lowest_free


@dataclass
class PlanInMemory:
    """Hands out the lowest free block of one pool."""

    pool: IPv4Network
    held: dict[str, IPv4Network] = field(default_factory=dict)
    asked: list[BlockWanted] = field(default_factory=list)

    def allot(self, wanted: BlockWanted) -> IPv4Network | None:
        self.asked.append(wanted)
        if wanted.environment not in self.held:
            block = lowest_free(self.pool, wanted.prefix, self.held.values())
            if block is None:
                return None
            self.held[wanted.environment] = block
        return self.held[wanted.environment]

    def block_of(self, environment: str) -> IPv4Network | None:
        return self.held.get(environment)
