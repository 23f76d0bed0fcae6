"""The three ways a transaction runs: alone, alongside other writers, or only reading."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from sqlalchemy.engine import Connection, Engine

OPTION: Final = "guanyun_way"


class Way(Enum):
    """How one transaction stands to the others.

    ``ALONE`` no other transaction that is alone runs at the same time: what it read stays true until it commits.
    ``ALONGSIDE`` others write too (PostgreSQL only): it locks the rows it relies on. ``READING`` one snapshot.
    """

    ALONE = "alone"
    ALONGSIDE = "alongside"
    READING = "reading"

    @property
    def alone(self) -> bool:
        """Whether nobody else writes meanwhile."""
        return self is Way.ALONE

    @property
    def writing(self) -> bool:
        """Whether it may change anything."""
        return self is not Way.READING


def connect(engine: Engine, way: Way) -> Connection:
    """A connection of the pool whose transactions run this way."""
    options: dict[str, Any] = {OPTION: way}
    if engine.dialect.name == "postgresql" and way is Way.READING:
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    connection = engine.connect()
    try:
        return connection.execution_options(**options)
    except BaseException:
        connection.close()
        raise


def way_of(connection: Connection) -> Way:
    """The way of a connection's transactions; one that does not say (a migration) is alone."""
    way: Way = connection.get_execution_options().get(OPTION, Way.ALONE)
    return way
