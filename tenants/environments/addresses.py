"""The address plan: which CIDR block belongs to which environment, none overlapping another."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network

from sqlalchemy import select

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.installation import installation_table
from tenants.environments.tables import address_table, taken_blocks
from tenants.errors import AddressesUsedUp, AddressTaken


def next_free(pool: IPv4Network, taken: Iterable[IPv4Network], prefix: int) -> IPv4Network | None:
    """The lowest block of length ``prefix`` inside ``pool`` that overlaps none of ``taken``; None if there is none."""
    if prefix < pool.prefixlen:
        return None
    size = 1 << (32 - prefix)
    start, last = int(pool.network_address), int(pool.broadcast_address)
    for block in sorted(taken):
        first_taken, last_taken = int(block.network_address), int(block.broadcast_address)
        if last_taken < start:
            continue
        if first_taken >= start + size:
            break
        # The next multiple of the size after the block in the way.
        start = (last_taken // size + 1) * size
    return IPv4Network((start, prefix)) if start + size - 1 <= last else None


def allot_block(transaction: Transaction, pool: str, prefix: int, *, environment: str, agency: str) -> IPv4Network:
    """The environment's block: the one it has, or the next free one of ``pool``; raises ``AddressesUsedUp``."""
    taken = _locked_blocks(transaction)
    if environment in taken:
        return taken[environment]
    block = next_free(IPv4Network(pool), taken.values(), prefix)
    if block is None:
        raise AddressesUsedUp(pool=pool, prefix=prefix)
    _write(transaction, environment, agency, block)
    return block


def claim_block(transaction: Transaction, block: str, *, environment: str, agency: str) -> bool:
    """Put a block somebody chose into the plan; False if it stands there, ``AddressTaken`` if it overlaps another's."""
    wanted, taken = IPv4Network(block), _locked_blocks(transaction)
    if taken.get(environment) == wanted:
        return False
    if any(wanted.overlaps(other) for holder, other in taken.items() if holder != environment):
        raise AddressTaken(block=block, environment=environment)
    if environment not in taken:
        _write(transaction, environment, agency, wanted)
        return True
    moved = address_table.update(machine_scope()).where(address_table.c.environment == environment)
    transaction.write(moved.values(**_block_columns(wanted)))
    return True


def _locked_blocks(transaction: Transaction) -> dict[str, IPv4Network]:
    """Every block by environment, of every agency: an overlap is one whoever owns it.

    SQLite has one writer at a time; elsewhere the installation's one row is the lock of the whole plan.
    """
    transaction.row(select(installation_table.c.id).with_for_update())
    return {row["environment"]: IPv4Network(row["block"]) for row in taken_blocks(transaction, machine_scope())}


def _write(transaction: Transaction, environment: str, agency: str, block: IPv4Network) -> None:
    transaction.write(address_table.insert().values(environment=environment, agency=agency, **_block_columns(block)))


def _block_columns(block: IPv4Network) -> dict[str, str | int]:
    return {"block": str(block), "first": int(block.network_address), "last": int(block.broadcast_address)}
