"""The database's own refusals: an entry of the register is closed or corrected once, and never changed otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

from foundation.store.append_only import FUNCTION

REASON = "entries of the register are only closed"
ONCE = ("closed", "superseded_from")
"""What may be set once, from nothing to an instant."""


def keep_unchanged(table: Table) -> None:
    """Have the wall made with ``table``."""
    for dialect in ("sqlite", "postgresql"):
        for statement in wall_statements(table.name, [column.name for column in table.columns], dialect=dialect):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def wall_statements(table: str, columns: Sequence[str], *, dialect: str) -> Sequence[str]:
    """The statements that make the wall, for a migration; it goes with its table."""
    fixed = [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns if name not in ONCE]
    once = [f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in ONCE]
    changed = " OR ".join([*fixed, *once])
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_only_closed BEFORE UPDATE ON {table} WHEN {changed} {refuse}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_only_closed BEFORE UPDATE ON {table} "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {FUNCTION}('{REASON}')",
        *(
            f"CREATE OR REPLACE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {FUNCTION}('{REASON}')"
            for verb, each in (("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
        ),
    ]
