"""Reading the address plan: pools with their figures, blocks, the networks departments brought, conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from foundation.store import Scope, Transaction
from foundation.values.findings import Finding
from governance.authority import View
from tenants.addresses.conflicts import Known, report
from tenants.addresses.model import Block, BlockState, Pool, Span
from tenants.addresses.tables import blocks, free_numbers, networks, pools, taken_numbers


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """A pool and how its addresses are used (of IPv6: networks of /64); all None for who sees one agency only."""

    pool: Pool
    size: int
    free: int | None
    held: int | None
    reserved: int | None
    imported: int | None
    resting: int | None


def pool_figures(view: View) -> Sequence[PoolFigures]:
    """Every published pool, by first address. How full it is would tell an agency of the others."""
    whole = view.scope.agencies is None
    free = free_numbers(view.transaction) if whole else {}
    taken = taken_numbers(view.transaction, view.scope) if whole else ()
    return [
        _figures(pool, taken, free.get(pool.id, 0) if whole else None)
        for pool in pools(view.transaction)
        if pool.published_at is not None
    ]


def address_blocks(transaction: Transaction, scope: Scope) -> Sequence[Block]:
    """The blocks in force inside the scope, in order."""
    return blocks(transaction, scope)


def department_networks(transaction: Transaction, scope: Scope) -> Sequence[RowMapping]:
    """The networks that departments brought, inside the scope, in order."""
    return networks(transaction, scope)


def address_conflicts(transaction: Transaction, scope: Scope) -> tuple[Finding, ...]:
    """Everything on record inside the scope that gets in each other's way."""
    known = [
        *(Known("pool", each.id, "", each.cidr, each.span) for each in pools(transaction) if each.published_at),
        *(Known("block", each.holder, each.agency or "", each.cidr, each.span) for each in blocks(transaction, scope)),
        *(
            Known("network", row["site"], row["agency"], row["cidr"], Span(row["first"], row["last"]))
            for row in networks(transaction, scope)
        ),
    ]
    return report(known)


def _figures(pool: Pool, taken: Sequence[RowMapping], free: int | None) -> PoolFigures:
    sums = dict.fromkeys(BlockState, 0)
    for row in taken:
        first, last = max(row["first"], pool.span.first), min(row["last"], pool.span.last)
        if first <= last:
            sums[BlockState(row["state"])] += last - first + 1
    if free is None:
        return PoolFigures(pool, pool.span.size, None, None, None, None, None)
    return PoolFigures(
        pool=pool,
        size=pool.span.size,
        free=free,
        held=sums[BlockState.HELD],
        reserved=sums[BlockState.RESERVED],
        imported=sums[BlockState.IMPORTED],
        resting=sums[BlockState.RESTING],
    )
