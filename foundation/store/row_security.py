"""Row-level security on PostgreSQL: the second wall behind ``Scope``, which the database itself keeps.

Every agency-owned table has one policy, forced on its owner too: a row is there only for a transaction whose setting
``guanyun.scope`` is ``*`` or names the row's agency. A connection of the program begins with ``*`` (the machine's own
work); once it is known for whom a transaction runs, it is bound to that reader's agencies until its end. A connection
that says nothing (somebody with a client of their own and the application's role) sees no row of any agency.

Within a bound transaction a statement that was given the machine's own scope (a number in a row, an address nobody
else may have) is let through by itself; every other statement, also one that went round ``Scope``, is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import DDL, Connection, Engine, Table, event, text

from foundation.store.errors import RoleTooMighty

SETTING = "guanyun.scope"
EVERY = "*"
POLICY = "guanyun_scope"
OWNER = "guanyun_agency_column"
"""Where a table's ``info`` names the column of the agency its rows belong to."""
WIDE = "guanyun_wide"
"""The execution option of a statement that was given the machine's own scope."""
_BOUND = "guanyun_bound"


def policy_statements(table: str, column: str) -> Sequence[str]:
    """The statements that put ``table`` under the policy; harmless where it is."""
    # In a sub-select the setting is read once a statement, not once a row.
    setting = f"(SELECT current_setting('{SETTING}', true))"
    inside = f"({setting} = '{EVERY}' OR {column} = ANY ((SELECT string_to_array({setting}, ','))::text[]))"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS {POLICY} ON {table}",
        f"CREATE POLICY {POLICY} ON {table} USING {inside} WITH CHECK {inside}",
    ]


def keep(table: Table, column: str) -> None:
    """Have ``table`` made under the policy."""
    for statement in policy_statements(table.name, column):
        ddl = DDL(statement).execute_if(dialect="postgresql")  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl)


def unprotected(connection: Connection, tables: Sequence[Table]) -> Sequence[Table]:
    """Those of ``tables`` that are agency-owned and not under the policy, or not by force."""
    found = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = :policy "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity AND c.relnamespace = current_schema()::regnamespace"
        ),
        {"policy": POLICY},
    )
    kept = set(found.scalars())
    return [table for table in tables if OWNER in table.info and table.name not in kept]


def protect(connection: Connection, tables: Sequence[Table]) -> bool:
    """Put every agency-owned table under the policy; False if all were. For the tables' owner."""
    bare = unprotected(connection, tables)
    for table in bare:
        for statement in policy_statements(table.name, table.info[OWNER]):
            connection.exec_driver_sql(statement)
    return bool(bare)


def grant(connection: Connection, role: str) -> None:
    """Let the application's role work with every table and own none. For the tables' owner."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    database = connection.dialect.identifier_preparer.quote_identifier(str(connection.engine.url.database))
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {quoted}",
        f"GRANT CREATE ON DATABASE {database} TO {quoted}",  # the engine of durable work keeps a schema of its own
    ):
        connection.exec_driver_sql(statement)


def bypasses(connection: Connection) -> Iterator[str]:
    """Why the role of this connection is not held by the policies, in PostgreSQL's words; nothing if it is."""
    role = connection.execute(text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")).one()
    yield from (word for word, has in (("SUPERUSER", role.rolsuper), ("BYPASSRLS", role.rolbypassrls)) if has)


def owns_tables(connection: Connection) -> bool:
    """Whether the role of this connection could take the policies away."""
    owned = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user")
    return bool(connection.execute(owned).scalar())


def check_held(connection: Connection) -> None:
    """Raise ``RoleTooMighty`` where no policy would hold this connection's role. SQLite has neither."""
    if connection.dialect.name != "postgresql":
        return
    words = ", ".join(bypasses(connection))
    if words:
        raise RoleTooMighty(found=words)


def bind(connection: Connection, agencies: frozenset[str]) -> None:
    """Show this transaction the rows of ``agencies`` only, to its end. On SQLite ``Scope`` stands alone."""
    if connection.dialect.name == "postgresql":
        value = ",".join(sorted(agencies))
        _set(connection, value)
        connection.info[_BOUND] = value


@contextmanager
def unbound(connection: Connection) -> Iterator[None]:
    """Lift the binding inside the block: for what the machine does in a reader's transaction, for everybody."""
    bound = connection.info.pop(_BOUND, None)
    if bound is None:
        yield
        return
    _set(connection, EVERY)
    yield  # after an error there is nothing to put back: the transaction is over
    _set(connection, bound)
    connection.info[_BOUND] = bound


def _set(connection: Connection, value: str) -> None:
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        cursor.execute(f"SELECT set_config('{SETTING}', %s, true)", (value,))


def watch(engine: Engine) -> None:
    """Let statements with the machine's own scope through, one by one, inside bound transactions."""

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.info.pop(_BOUND, None)  # it ended with the transaction before

    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Connection, cursor: Any, statement: Any, parameters: Any, context: Any, many: bool) -> None:
        if _BOUND in connection.info and _is_wide(context):
            _set(connection, EVERY)

    @event.listens_for(engine, "after_cursor_execute")
    def _after(connection: Connection, cursor: Any, statement: Any, parameters: Any, context: Any, many: bool) -> None:
        if _BOUND in connection.info and _is_wide(context):
            _set(connection, connection.info[_BOUND])


def _is_wide(context: Any) -> bool:
    return context is not None and bool(context.execution_options.get(WIDE))
