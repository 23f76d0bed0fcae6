"""The levels of government and the places that have them: data, loaded, never a constant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, ForeignKey, Integer, String, Table, select

from foundation.store import Transaction, metadata
from governance.errors import NotFound
from governance.parties.model import Level, Place

level_table = Table(
    "level",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("rank", Integer, nullable=False, unique=True),
    Column("zh", String(40), nullable=False),
    Column("en", String(40), nullable=False),
)
place_table = Table(
    "place",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("level", ForeignKey(level_table.c.id), nullable=False),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("superior", ForeignKey("place.id")),
)


def add_level(transaction: Transaction, level: Level) -> bool:
    """Load a level; False if the same one stands already."""
    return transaction.insert_once(level_table, {name: getattr(level, name) for name in Level.__slots__}, what="level")


def levels(transaction: Transaction) -> Sequence[Level]:
    """Every level, the highest first."""
    return [Level(**row) for row in transaction.rows(select(level_table).order_by(level_table.c.rank))]


def add_place(transaction: Transaction, place: Place) -> bool:
    """Load a place, its superior before it; False if the same one stands already."""
    return transaction.insert_once(place_table, {name: getattr(place, name) for name in Place.__slots__}, what="place")


def places(transaction: Transaction) -> Sequence[Place]:
    """Every place, by id."""
    return [Place(**row) for row in transaction.rows(select(place_table).order_by(place_table.c.id))]


def place_of(transaction: Transaction, place: str) -> Place:
    """The place with that id; raises ``NotFound``."""
    row = transaction.row(select(place_table).where(place_table.c.id == place))
    if row is None:
        raise NotFound(what_zh="这个地方:", what_en="place", key=place)
    return Place(**row)


def places_above(transaction: Transaction, place: str | None) -> Sequence[str]:
    """The place and those it lies in, the nearest first; of none, none."""
    chain: list[str] = []
    while place is not None and place not in chain:
        chain.append(place)
        place = place_of(transaction, place).superior
    return chain
