"""The tables of the address plan: pools, what is free in them, blocks, and the networks departments brought.

That no two rows share an address is also the database's rule (``walls``, which this module brings along).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    case,
    delete,
    func,
    select,
)

from foundation.store import AgencyOwned, Instant, Scope, Transaction, metadata
from tenants.addresses import walls as _walls  # noqa: F401 - puts the walls up with the tables
from tenants.addresses.model import Block, BlockState, Pool, Span

Number = BigInteger().with_variant(Integer(), "sqlite")

pool_table = Table(
    "address_pool",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("region", String(60), nullable=False),
    Column("zone", String(40), nullable=False),
    Column("protection", String(40), nullable=False),
    Column("cidr", String(45), nullable=False, unique=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("rest_days", Integer, nullable=False),
    Column("basis", String(200), nullable=False),
    Column("published_at", Instant),
    CheckConstraint("first <= last", name="forward"),
)
gap_table = Table(
    "address_gap",
    metadata,
    Column("pool", ForeignKey("address_pool.id"), primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    CheckConstraint("first <= last", name="forward"),
)
block_table = AgencyOwned(
    Table(
        "address_allotment",
        metadata,
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("holder", String(120), nullable=False),
        Column("agency", ForeignKey("party.id"), index=True),  # a reservation may be nobody's yet
        Column("cidr", String(45), nullable=False),
        Column("first", BigInteger, nullable=False),
        Column("last", BigInteger, nullable=False),
        Column("state", String(10), nullable=False),
        Column("reason", String(300), nullable=False, server_default=""),
        Column("since", Instant),
        Column("free_from", Instant),
        Column("ended_at", Instant),
        CheckConstraint("first <= last", name="forward"),
    )
)
Index(
    "uq_address_allotment_holder",
    block_table.c.holder,
    unique=True,
    sqlite_where=block_table.c.ended_at.is_(None),
    postgresql_where=block_table.c.ended_at.is_(None),
)
Index(
    "ix_address_allotment_first",
    block_table.c.first,
    sqlite_where=block_table.c.ended_at.is_(None),
    postgresql_where=block_table.c.ended_at.is_(None),
)
Index(
    "ix_address_allotment_free_from",
    block_table.c.free_from,
    sqlite_where=block_table.c.ended_at.is_(None),
    postgresql_where=block_table.c.ended_at.is_(None),
)
network_table = AgencyOwned(
    Table(
        "address_network",
        metadata,
        Column("number", Number, primary_key=True, autoincrement=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("site", String(100), nullable=False),
        Column("cidr", String(45), nullable=False),
        Column("first", BigInteger, nullable=False),
        Column("last", BigInteger, nullable=False),
        Column("name", String(200), nullable=False),
        Column("file", String(200), nullable=False),
        Column("imported_at", Instant, nullable=False),
        Index("ix_address_network_agency", "agency", "cidr"),
    )
)


# pools and gaps


def pools(transaction: Transaction) -> Sequence[Pool]:
    """Every pool, by first address."""
    rows = transaction.rows(select(pool_table).order_by(pool_table.c.first))
    return [_pool(row) for row in rows]


def pools_over(transaction: Transaction, span: Span) -> Sequence[Pool]:
    """The pools that share an address with ``span``, by first address."""
    c = pool_table.c
    query = select(pool_table).where(c.first <= span.last, c.last >= span.first).order_by(c.first)
    return [_pool(row) for row in transaction.rows(query)]


def add_pool(transaction: Transaction, pool: Pool, *, basis: str) -> None:
    """Write a pool, new."""
    row = {name: getattr(pool, name) for name in Pool.__slots__}
    transaction.write(pool_table.insert().values(**row, basis=basis, first=pool.span.first, last=pool.span.last))


def remove_pool(transaction: Transaction, pool: str) -> None:
    """Take away a pool that nobody published, and its gaps."""
    transaction.write(delete(gap_table).where(gap_table.c.pool == pool))
    transaction.write(delete(pool_table).where(pool_table.c.id == pool, pool_table.c.published_at.is_(None)))


def lowest_free(transaction: Transaction, pool: Pool, within: Span, size: int) -> Span | None:
    """The lowest aligned block of ``size`` numbers free in the pool inside ``within``: one query over its gaps."""
    c, base = gap_table.c, pool.span.first
    first = case((c.first < within.first, within.first), else_=c.first)
    last = case((c.last > within.last, within.last), else_=c.last)
    start = base + (first - base + (size - 1)) // size * size
    query = (
        select(start.label("start"))
        .where(c.pool == pool.id, c.last >= within.first, c.first <= within.last, start + (size - 1) <= last)
        .order_by(c.first)
        .limit(1)
    )
    found = transaction.value(query)
    return None if found is None else Span(found, found + size - 1)


def add_gaps(transaction: Transaction, pool: str, spans: Sequence[Span]) -> None:
    """Say that these are free."""
    transaction.write(gap_table.insert(), [{"pool": pool, "first": each.first, "last": each.last} for each in spans])


def carve(transaction: Transaction, span: Span) -> None:
    """``span`` is taken: in every pool, what of it was free is so no more."""
    c = gap_table.c
    hit = transaction.rows(select(gap_table).where(c.first <= span.last, c.last >= span.first))
    for row in hit:
        transaction.write(delete(gap_table).where(c.pool == row["pool"], c.first == row["first"]))
        left = Span(row["first"], span.first - 1)
        right = Span(span.last + 1, row["last"])
        add_gaps(transaction, row["pool"], [each for each in (left, right) if each.first <= each.last])


def mend(transaction: Transaction, span: Span) -> None:
    """``span`` is free again, in every pool it lies in; it grows together with what is free beside it."""
    c = gap_table.c
    for pool in pools_over(transaction, span):
        first, last = max(span.first, pool.span.first), min(span.last, pool.span.last)
        beside = transaction.rows(select(gap_table).where(c.pool == pool.id, c.first <= last + 1, c.last >= first - 1))
        for row in beside:
            transaction.write(delete(gap_table).where(c.pool == pool.id, c.first == row["first"]))
            first, last = min(first, row["first"]), max(last, row["last"])
        add_gaps(transaction, pool.id, [Span(first, last)])


def gaps(transaction: Transaction, pool: str) -> Sequence[Span]:
    """What is free in a pool, in order."""
    rows = transaction.rows(select(gap_table).where(gap_table.c.pool == pool).order_by(gap_table.c.first))
    return [Span(row["first"], row["last"]) for row in rows]


def free_numbers(transaction: Transaction) -> dict[str, int]:
    """How much is free, by pool."""
    c = gap_table.c
    query = select(c.pool, func.sum(c.last - c.first + 1).label("free")).group_by(c.pool)
    return {row["pool"]: int(row["free"]) for row in transaction.rows(query)}


# blocks


def block_of(transaction: Transaction, scope: Scope, holder: str) -> Block | None:
    """The block a holder has now, a resting one too."""
    c = block_table.c
    row = transaction.row(block_table.select(scope).where(c.holder == holder, c.ended_at.is_(None)))
    return None if row is None else _block(row)


def blocks_over(transaction: Transaction, scope: Scope, span: Span) -> Sequence[Block]:
    """The blocks in force that share a number with ``span``, in order."""
    c = block_table.c
    query = block_table.select(scope).where(c.ended_at.is_(None), c.first <= span.last, c.last >= span.first)
    return [_block(row) for row in transaction.rows(query.order_by(c.first))]


def blocks(transaction: Transaction, scope: Scope) -> Sequence[Block]:
    """Every block in force inside the scope, in order."""
    query = block_table.select(scope).where(block_table.c.ended_at.is_(None)).order_by(block_table.c.first)
    return [_block(row) for row in transaction.rows(query)]


def due_blocks(transaction: Transaction, scope: Scope, at: datetime) -> Sequence[Block]:
    """The blocks whose rest or reservation is over at ``at``."""
    c = block_table.c
    query = block_table.select(scope).where(c.ended_at.is_(None), c.free_from <= at)
    return [_block(row) for row in transaction.rows(query.order_by(c.first))]


def taken_numbers(transaction: Transaction, scope: Scope) -> Sequence[RowMapping]:
    """State, first and last of every block in force, for figures."""
    c = block_table.c
    return transaction.rows(block_table.select(scope, c.state, c.first, c.last).where(c.ended_at.is_(None)))


def add_block(transaction: Transaction, block: Block, *, reason: str = "") -> None:
    """Write a block in force."""
    transaction.write(
        block_table.insert().values(
            holder=block.holder,
            agency=block.agency,
            cidr=block.cidr,
            first=block.span.first,
            last=block.span.last,
            state=block.state.value,
            reason=reason,
            since=block.since,
            free_from=block.free_from,
        )
    )


def change_block(transaction: Transaction, scope: Scope, holder: str, values: Mapping[str, Any]) -> None:
    """Change the block in force of a holder: its state, its end."""
    c = block_table.c
    transaction.write(block_table.update(scope).where(c.holder == holder, c.ended_at.is_(None)).values(**values))


# networks that departments brought


def add_network(transaction: Transaction, scope: Scope, row: Mapping[str, Any]) -> bool:
    """Record a department's network; False if it stands already (what is said of it is then as now told)."""
    c = network_table.c
    key = (c.agency == row["agency"]) & (c.site == row["site"]) & (c.cidr == row["cidr"])
    if transaction.write(network_table.update(scope).where(key).values(name=row["name"], file=row["file"])):
        return False
    transaction.write(network_table.insert().values(**row))
    return True


def networks(transaction: Transaction, scope: Scope) -> Sequence[RowMapping]:
    """Every network inside the scope, by first address."""
    c = network_table.c
    return transaction.rows(network_table.select(scope).order_by(c.first, c.last, c.agency, c.site))


def _pool(row: RowMapping) -> Pool:
    return Pool(**{name: row[name] for name in Pool.__slots__})


def _block(row: RowMapping) -> Block:
    fields = {name: row[name] for name in Block.__slots__}
    return Block(**{**fields, "state": BlockState(row["state"])})
