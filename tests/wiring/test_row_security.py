"""Row-level security over the whole installation on PostgreSQL: every agency's table, and no way round."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from foundation.store import open_store, owns_tables, unprotected
from tests.databases import PostgresDatabases
from wiring.database import check_current, let_in, upgrade
from wiring.tables import gather

pytestmark = pytest.mark.real


def test_an_upgrade_protects_every_table_of_an_agency_and_lets_a_plain_role_work(
    postgres_databases: PostgresDatabases,
) -> None:
    owner = open_store(postgres_databases.empty())
    database = str(owner.engine.url.database)
    url = postgres_databases.server.url(database, user=f"plain_{database}")
    postgres_databases.server.run(f"CREATE ROLE plain_{database} LOGIN")
    assert upgrade(owner)
    let_in(owner, url)
    tables = gather().sorted_tables
    with owner.engine.connect() as connection:
        assert unprotected(connection, tables) == []
        views = connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace "
                "AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
            )
        ).all()
        masters = connection.execute(
            text("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace")
        ).all()
        assert (views, masters) == ([], []), "they would run as the owner: say why that is safe"
        connection.exec_driver_sql("ALTER TABLE request DISABLE ROW LEVEL SECURITY")
        connection.commit()
    assert upgrade(owner), "a policy that was taken away comes back"
    assert not upgrade(owner)
    plain = open_store(url)
    check_current(plain)
    with plain.engine.connect() as connection:
        assert not owns_tables(connection)
        for table in tables:
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                asked = text("SELECT has_table_privilege(:table, :right)")
                assert connection.execute(asked, {"table": table.name, "right": right}).scalar(), (table.name, right)
    plain.close()
    owner.close()
