"""The second wall: the database itself refuses rows whose numbers overlap, whoever writes them.

PostgreSQL has exclusion constraints for it; SQLite, which has one writer at a time, is told by a trigger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from foundation.store import Wall, wall

APART = {
    "address_pool": "TRUE",
    "address_allotment": "ended_at IS NULL",
}
"""Tables whose rows [first, last] never overlap, and of which rows that holds."""

_VERBS: Mapping[str, str] = {"INSERT": "", "UPDATE": " AND other.rowid <> NEW.rowid"}


def up(dialect: str) -> Sequence[str]:
    """The statements that make the walls."""
    return [statement for table, counts in APART.items() for statement in _up(table, counts, dialect)]


def down(dialect: str) -> Sequence[str]:
    """The statements that take them away."""
    if dialect == "postgresql":
        return [f"ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS ex_{table}_apart" for table in APART]
    return [f"DROP TRIGGER IF EXISTS {table}_apart_{verb.lower()}" for table in APART for verb in _VERBS]


def _up(table: str, counts: str, dialect: str) -> Sequence[str]:
    if dialect == "postgresql":
        return [
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_apart EXCLUDE USING gist "
            f"(int8range(first, last, '[]') WITH &&) WHERE ({counts})"
        ]
    new, other = ("TRUE", "TRUE") if counts == "TRUE" else (f"NEW.{counts}", f"other.{counts}")
    return [
        f"CREATE TRIGGER {table}_apart_{verb.lower()} BEFORE {verb} ON {table} "  # noqa: S608 - our own words
        f"WHEN {new} AND EXISTS (SELECT 1 FROM {table} AS other WHERE {other} "
        f"AND other.first <= NEW.last AND other.last >= NEW.first{same}) "
        f"BEGIN SELECT RAISE(ABORT, 'blocks of {table} overlap'); END"
        for verb, same in _VERBS.items()
    ]


_ENDS = {(table, column) for table in APART for column in ("first", "last")}
wall(Wall("addresses-apart", frozenset({*_ENDS, ("address_allotment", "ended_at")}), up, down))
