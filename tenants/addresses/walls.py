"""The second wall: the database itself refuses rows whose numbers overlap, whoever writes them.

PostgreSQL has exclusion constraints for it; SQLite, which has one writer at a time, is told by a trigger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import DDL, Table, event

APART = {
    "address_pool": "TRUE",
    "address_allotment": "ended_at IS NULL",
}
"""Tables whose rows [first, last] never overlap, and of which rows that holds."""


def keep_apart(table: Table) -> None:
    """Have the wall made with ``table``."""
    for dialect in ("sqlite", "postgresql"):
        for statement in wall_statements(table.name, dialect=dialect):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def wall_statements(table: str, *, dialect: str) -> Sequence[str]:
    """The statements that make the wall of ``table``, for a migration; it goes with its table."""
    counts = APART[table]
    if dialect == "postgresql":
        return [
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_apart EXCLUDE USING gist "
            f"(int8range(first, last, '[]') WITH &&) WHERE ({counts})"
        ]
    new = "TRUE" if counts == "TRUE" else f"NEW.{counts}"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_apart_{verb.lower()} BEFORE {verb} ON {table} "  # noqa: S608 - our own words
        f"WHEN {new} AND EXISTS (SELECT 1 FROM {table} AS other WHERE {_other(counts)} "
        f"AND other.first <= NEW.last AND other.last >= NEW.first{same}) "
        f"BEGIN SELECT RAISE(ABORT, 'blocks of {table} overlap'); END"
        for verb, same in _VERBS.items()
    ]


_VERBS: Mapping[str, str] = {"INSERT": "", "UPDATE": " AND other.rowid <> NEW.rowid"}


def _other(counts: str) -> str:
    return "TRUE" if counts == "TRUE" else f"other.{counts}"
