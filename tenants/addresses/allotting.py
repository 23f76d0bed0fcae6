"""Handing out blocks: the lowest free one, a chosen one, and taking them back.

One lock for the whole plan (the installation's row), because a chosen block may lie in any pool or in none; held for
a few statements. The database refuses an overlap besides (``walls``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network

from sqlalchemy import select

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.environments import Protection, Zone
from governance.installation import installation_table
from tenants.addresses.model import (
    Block,
    BlockState,
    Network,
    Pool,
    Span,
    free_between,
    network_of,
    parse_network,
    size_of,
    span_of,
)
from tenants.addresses.tables import (
    add_block,
    add_gaps,
    add_pool,
    block_of,
    blocks_over,
    carve,
    change_block,
    due_blocks,
    lowest_free,
    mend,
    pools,
    pools_over,
)
from tenants.errors import AddressesUsedUp, AddressOutOfZone, AddressTaken


def allot_block(
    transaction: Transaction,
    pool: str,
    prefix: int,
    *,
    environment: str,
    agency: str,
    zone: Zone | None = None,
    protection: Protection | None = None,
    at: datetime | None = None,
) -> IPv4Network:
    """The environment's block: the one it has, or the lowest free one of ``pool`` (a pool's id, or a CIDR range).

    With ``zone`` and ``protection`` only pools published for them are drawn from; with ``at``, blocks whose rest is
    over by then are free again. Raises ``AddressesUsedUp``.
    """
    _lock(transaction, at)
    there = _standing(transaction, environment)
    if there is not None:
        return _ipv4(there.cidr)
    published = next((each for each in pools(transaction) if each.id == pool), None)
    within = parse_network(published.cidr if published else pool, field="pool")
    candidates = [published] if published else _pools_within(transaction, within)
    fitting = [each for each in candidates if _serves(each, zone, protection)]
    block = _take_lowest(transaction, fitting, within, prefix, f"environment:{environment}", agency, at)
    if block is None:
        raise AddressesUsedUp(pool=pool, prefix=prefix)
    return _ipv4(block.cidr)


def allot_from_plan(
    transaction: Transaction,
    prefix: int,
    *,
    zone: Zone,
    protection: Protection,
    environment: str,
    agency: str,
    at: datetime,
    region: str = "",
) -> IPv4Network:
    """The environment's block: the one it has, or the lowest free one of the pools published for the region, zone and
    level. Raises ``AddressesUsedUp``."""
    _lock(transaction, at)
    there = _standing(transaction, environment)
    if there is not None:
        return _ipv4(there.cidr)
    for pool in pools(transaction):
        network = parse_network(pool.cidr)
        if pool.published_at is None or pool.region != region or not isinstance(network, IPv4Network):
            continue
        if _serves(pool, zone, protection):
            block = _take_lowest(transaction, [pool], network, prefix, f"environment:{environment}", agency, at)
            if block is not None:
                return _ipv4(block.cidr)
    raise AddressesUsedUp(pool=f"{region} {zone} {protection}".strip(), prefix=prefix)


def claim_block(
    transaction: Transaction,
    block: str,
    *,
    environment: str,
    agency: str,
    zone: Zone | None = None,
    protection: Protection | None = None,
    at: datetime | None = None,
    runs: bool = False,
) -> bool:
    """Put a block somebody chose into the plan; False if it stands there. The block it had before is given back.

    An environment that ``runs`` keeps what it runs in until it runs in the other (``settle_block``): the other is held
    besides, or is part of it. Raises ``AddressTaken`` if it overlaps another's, ``AddressOutOfZone`` where ``zone``
    and ``protection`` are told and it lies in a pool published for others.
    """
    _lock(transaction, at)
    wanted = parse_network(block, field="cidr")
    span, holder, scope = span_of(wanted), f"environment:{environment}", machine_scope()
    there = block_of(transaction, scope, holder)
    moving = block_of(transaction, scope, _moving(environment))
    if there is not None and there.cidr == str(wanted) and there.state is BlockState.HELD:
        if moving is not None:
            _free(transaction, moving, at)  # it does not move after all
        return False
    if moving is not None and moving.cidr == str(wanted):
        return False
    if any(other.holder not in (holder, _moving(environment)) for other in blocks_over(transaction, scope, span)):
        raise AddressTaken(block=block, environment=environment)
    _check_place(transaction, block, span, zone, protection)
    if moving is not None:
        _free(transaction, moving, at)
    if there is not None and runs and there.span.covers(span):
        return False
    if there is not None and runs and not there.span.overlaps(span):
        holder = _moving(environment)
    elif there is not None:
        _give_way(transaction, there, span, at)
    _take(transaction, Block(holder, agency, str(wanted), BlockState.HELD, at, None))
    return True


def _check_place(
    transaction: Transaction, block: str, span: Span, zone: Zone | None, protection: Protection | None
) -> None:
    for pool in pools_over(transaction, span):
        if pool.published_at is not None and not _serves(pool, zone, protection):
            raise AddressOutOfZone(block=block, pool=pool.id, zone=pool.zone, protection=pool.protection)


def settle_block(transaction: Transaction, environment: str, cidr: str, at: datetime) -> None:
    """The environment runs in ``cidr`` by now: what it ran in before rests, or is free where it overlaps."""
    _lock(transaction, at)
    scope, wanted = machine_scope(), parse_network(cidr, field="cidr")
    there = block_of(transaction, scope, f"environment:{environment}")
    if there is None or there.cidr == str(wanted):
        return
    moving = block_of(transaction, scope, _moving(environment))
    _give_way(transaction, there, span_of(wanted), at)
    if moving is not None and moving.cidr == str(wanted):
        change_block(transaction, scope, moving.holder, {"holder": there.holder})
    elif not blocks_over(transaction, scope, span_of(wanted)):
        _take(transaction, replace(there, cidr=str(wanted), since=at))


def _moving(environment: str) -> str:
    return f"move:{environment}"


def release_block(transaction: Transaction, environment: str, at: datetime) -> bool:
    """The environment is gone: its block rests as long as its pool says, then it is free. False if it has none."""
    _lock(transaction, at)
    moving = block_of(transaction, machine_scope(), _moving(environment))
    if moving is not None:
        _free(transaction, moving, at)
    there = block_of(transaction, machine_scope(), f"environment:{environment}")
    if there is None or there.state is BlockState.RESTING:
        return False
    rest(transaction, there, at)
    return True


def give_back_block(transaction: Transaction, environment: str, at: datetime | None = None) -> bool:
    """Nothing was ever built in the environment's block (the request was refused): it is free at once."""
    _lock(transaction, at)
    there = block_of(transaction, machine_scope(), f"environment:{environment}")
    if there is None or there.state is BlockState.RESTING:
        return False
    _free(transaction, there, at)
    return True


def take_named(
    transaction: Transaction, pool: str, prefix: int, *, holder: str, agency: str | None, at: datetime, until: datetime
) -> Block:
    """The lowest free block of a pool, reserved for ``holder`` until ``until``; raises ``AddressesUsedUp``."""
    _lock(transaction, at)
    chosen = [each for each in pools(transaction) if each.id == pool]
    block = None
    if chosen:
        network = parse_network(chosen[0].cidr)
        block = _take_lowest(transaction, chosen, network, prefix, holder, agency, at, until=until)
    if block is None:
        raise AddressesUsedUp(pool=pool, prefix=prefix)
    return block


def rest(transaction: Transaction, block: Block, at: datetime) -> None:
    """Give a block back: for the rest its pools ask for nobody gets it."""
    days = max((pool.rest_days for pool in pools_over(transaction, block.span)), default=0)
    if days == 0:
        _free(transaction, block, at)
        return
    values = {"state": BlockState.RESTING.value, "free_from": at + timedelta(days=days)}
    change_block(transaction, machine_scope(), block.holder, values)


def free_due(transaction: Transaction, at: datetime) -> Sequence[Block]:
    """Make free what rested long enough, and reservations that ended; returns those blocks."""
    due = due_blocks(transaction, machine_scope(), at)
    for block in due:
        _free(transaction, block, at)
    return due


def take_network(transaction: Transaction, holder: str, agency: str, network: Network, at: datetime) -> None:
    """A department's own network lies in the plan: nobody else gets its addresses."""
    _take(transaction, Block(holder, agency, str(network), BlockState.IMPORTED, at, None))


def lock_plan(transaction: Transaction) -> None:
    """Wait for every other change of the plan. SQLite has one writer at a time in any case."""
    transaction.row(select(installation_table.c.id).with_for_update())


def _lock(transaction: Transaction, at: datetime | None) -> None:
    lock_plan(transaction)
    if at is not None:
        free_due(transaction, at)


def _standing(transaction: Transaction, environment: str) -> Block | None:
    """The block the environment has; one that rests is its again."""
    holder = f"environment:{environment}"
    there = block_of(transaction, machine_scope(), holder)
    if there is not None and there.state is BlockState.RESTING:
        change_block(transaction, machine_scope(), holder, {"state": BlockState.HELD.value, "free_from": None})
    return there


def _pools_within(transaction: Transaction, within: Network) -> list[Pool]:
    """The pools a range draws from; where none is there, one that nobody published is made for it."""
    found = pools_over(transaction, span_of(within))
    if found:
        return list(found)
    pool = Pool(f"range-{within}", "", "", "", str(within), 0)
    add_pool(transaction, pool, basis="")
    open_gaps(transaction, pool)
    return [pool]


def open_gaps(transaction: Transaction, pool: Pool) -> None:
    """A new pool: what is free in it is what no block covers."""
    taken = blocks_over(transaction, machine_scope(), pool.span)
    add_gaps(transaction, pool.id, free_between(pool.span, (block.span for block in taken)))


def _serves(pool: Pool, zone: Zone | None, protection: Protection | None) -> bool:
    if pool.published_at is None:
        return True
    return zone in {None, pool.zone} and protection in {None, pool.protection}


def _take_lowest(
    transaction: Transaction,
    candidates: Sequence[Pool],
    within: Network,
    prefix: int,
    holder: str,
    agency: str | None,
    at: datetime | None,
    *,
    until: datetime | None = None,
) -> Block | None:
    size = size_of(within, prefix)
    if size == 0:
        return None
    for pool in candidates:
        if size > pool.span.size:
            continue
        found = lowest_free(transaction, pool, span_of(within), size)
        if found is not None:
            state = BlockState.HELD if until is None else BlockState.RESERVED
            block = Block(holder, agency, str(network_of(found, within)), state, at, until)
            _take(transaction, block)
            return block
    return None


def _give_way(transaction: Transaction, old: Block, new: Span, at: datetime | None) -> None:
    """An environment moves: what it leaves rests under another name, unless it moves within its own addresses."""
    if at is None or old.span.overlaps(new):
        _free(transaction, old, at)
        return
    moved = replace(old, holder=f"moved:{old.holder.partition(':')[2]}:{old.cidr}")
    change_block(transaction, machine_scope(), old.holder, {"holder": moved.holder})
    rest(transaction, moved, at)


def _take(transaction: Transaction, block: Block) -> None:
    carve(transaction, block.span)
    add_block(transaction, block)


def _free(transaction: Transaction, block: Block, at: datetime | None) -> None:
    ended = at or block.since
    if ended is None:
        # Written before instants were told: it was never in force by any clock, and its end is told by no other.
        ended = transaction.value(select(installation_table.c.created_at))
    change_block(transaction, machine_scope(), block.holder, {"ended_at": ended})
    mend(transaction, block.span)


def _ipv4(cidr: str) -> IPv4Network:
    return IPv4Network(cidr)
