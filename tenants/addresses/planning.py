"""The address plan as a spec is read by it, inside one transaction: what it gives stands or falls with that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network

from foundation.store import Scope, Transaction
from governance.environments import BlockWanted, NoRoom
from tenants.addresses.allotting import allot_from_plan
from tenants.addresses.model import Pool, parse_network, size_of
from tenants.addresses.tables import block_of, lowest_free, pools
from tenants.errors import AddressesUsedUp

_SMALLEST = 28
"""The smallest network an AWS-compatible cloud makes."""


@dataclass(frozen=True, slots=True)
class PlanAtHand:
    """governance's ``AddressPlan`` for whoever sees ``scope``: of other agencies' blocks it tells nothing."""

    transaction: Transaction
    scope: Scope
    at: datetime

    def allot(self, wanted: BlockWanted) -> IPv4Network | NoRoom:
        """See ``AddressPlan``. Without a region it is the plan's only one, where it has one."""
        region = wanted.region or _only_region(pools(self.transaction))
        try:
            return allot_from_plan(
                self.transaction,
                wanted.prefix,
                zone=wanted.zone,
                protection=wanted.protection,
                environment=wanted.environment,
                agency=wanted.agency,
                at=self.at,
                region=region,
            )
        except AddressesUsedUp:
            return self._room(wanted, region)

    def block_of(self, environment: str) -> IPv4Network | None:
        """See ``AddressPlan``; None of an environment outside the scope."""
        block = block_of(self.transaction, self.scope, f"environment:{environment}")
        network = None if block is None else parse_network(block.cidr)
        return network if isinstance(network, IPv4Network) else None

    def _room(self, wanted: BlockWanted, region: str) -> NoRoom:
        place = (region, wanted.zone.value, wanted.protection.value)
        fitting = [
            pool
            for pool in pools(self.transaction)
            if pool.published_at is not None
            and (pool.region, pool.zone, pool.protection) == place
            and isinstance(parse_network(pool.cidr), IPv4Network)
        ]
        prefixes = range(wanted.prefix + 1, _SMALLEST + 1)
        largest = next((prefix for prefix in prefixes if any(self._free(pool, prefix) for pool in fitting)), None)
        return NoRoom(tuple(pool.id for pool in fitting), largest)

    def _free(self, pool: Pool, prefix: int) -> bool:
        size = size_of(parse_network(pool.cidr), prefix)
        return size > 0 and lowest_free(self.transaction, pool, pool.span, size) is not None


def _only_region(published: Sequence[Pool]) -> str:
    known = {pool.region for pool in published if pool.published_at is not None}
    return known.pop() if len(known) == 1 else ""
