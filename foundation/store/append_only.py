"""Tables to which rows are only ever added: the database itself refuses the rest, with an integrity error.

It stops a mistake and whoever has no more than the application's role. An owner of the database can take the triggers
away; what finds that is the audit chain and the roots handed out.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

REASON = "guanyun_append_only"
"""Where a table's ``info`` says that it is append-only, and why a change is refused."""

FUNCTION = "guanyun_append_only"
VERBS = ("UPDATE", "DELETE")


def append_only(table: Table, reason: str) -> None:
    """Have the triggers made with ``table``. ``reason`` is what is said to who tries: plain ASCII without quotes."""
    table.info[REASON] = reason
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_statements(table.name, reason, dialect=dialect):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def append_only_statements(table: str, reason: str, *, dialect: str) -> Sequence[str]:
    """The statements that make the triggers of ``table``, for a migration; harmless where they are there."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
            for verb in VERBS
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$",
        *(
            f"CREATE OR REPLACE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION {FUNCTION}('{reason}')"
            for verb in (*VERBS, "TRUNCATE")
        ),
    ]
