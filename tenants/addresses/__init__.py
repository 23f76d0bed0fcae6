"""The address plan 地址规划: which addresses there are, for which zone and level, and who has which.

Owns pools and what is free in them, blocks (held, reserved, imported, resting), and the networks departments brought
with them. No two blocks in force overlap, whoever asks at the same time. Does not build networks, and knows of an
environment no more than its id and agency.
"""

from __future__ import annotations

from tenants.addresses.allotting import (
    allot_block,
    allot_from_plan,
    claim_block,
    give_back_block,
    release_block,
    settle_block,
)
from tenants.addresses.hearing import address_subscriber
from tenants.addresses.importing import FoundNetwork, Import, import_networks, read_networks
from tenants.addresses.model import Block, BlockState, Pool
from tenants.addresses.planning import PlanAtHand
from tenants.addresses.publishing import PoolsDocument, publish_pools, read_pools
from tenants.addresses.reading import (
    PoolFigures,
    address_blocks,
    address_conflicts,
    department_networks,
    pool_figures,
)
from tenants.addresses.reserving import give_back, reserve_block

__all__ = [
    "Block",
    "BlockState",
    "FoundNetwork",
    "Import",
    "PlanAtHand",
    "Pool",
    "PoolFigures",
    "PoolsDocument",
    "address_blocks",
    "address_conflicts",
    "address_subscriber",
    "allot_block",
    "allot_from_plan",
    "claim_block",
    "department_networks",
    "give_back",
    "give_back_block",
    "import_networks",
    "pool_figures",
    "publish_pools",
    "read_networks",
    "read_pools",
    "release_block",
    "reserve_block",
    "settle_block",
]
