"""The database's own refusals: an entry of the register is closed or corrected once, and never changed otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table

from foundation.store import Wall, wall
from foundation.store.append_only import FUNCTION, append_only_statements

REASON = "entries of the register are only closed"
ONCE = ("closed", "superseded_from")
"""What may be set once, from nothing to an instant."""


def keep_unchanged(table: Table) -> None:
    """Have the wall put up with ``table``."""
    name, columns = table.name, [column.name for column in table.columns]
    fixed = [f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns if column not in ONCE]
    once = [f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})" for column in ONCE]
    changed = " OR ".join([*fixed, *once])

    def up(dialect: str) -> Sequence[str]:
        if dialect == "sqlite":
            refuse = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
            return [
                f"CREATE TRIGGER {name}_only_closed BEFORE UPDATE ON {name} WHEN {changed} {refuse}",
                f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {refuse}",
            ]
        function, *_ = append_only_statements(name, REASON, dialect=dialect)
        return [
            function,
            f"CREATE TRIGGER {name}_only_closed BEFORE UPDATE ON {name} "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {FUNCTION}('{REASON}')",
            *(
                f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} "
                f"FOR EACH {each} EXECUTE FUNCTION {FUNCTION}('{REASON}')"
                for verb, each in (("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
            ),
        ]

    def down(dialect: str) -> Sequence[str]:
        table_words = f" ON {name}" if dialect == "postgresql" else ""
        triggers = (f"{name}_only_closed", f"{name}_no_delete", f"{name}_no_truncate")
        return [f"DROP TRIGGER IF EXISTS {trigger}{table_words}" for trigger in triggers]

    wall(Wall("register-only-closed", frozenset((name, column) for column in columns), up, down))
