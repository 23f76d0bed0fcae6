"""Rows for any table of any revision, made from what the database itself says of its columns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, text

from foundation.store import Store, protect
from wiring.tables import gather

ROWS = 2
INSTANT = 27
"""The length of the texts that are instants on SQLite, which no other column has."""

CHECKED: dict[tuple[str, str], tuple[Any, Any]] = {
    # Where a check constraint wants more than any value: one for each row.
    ("contract", "operator"): ("party-id-1", "party-id-0"),  # not the buyer
    ("sli_day", "states"): ("A" * 1440, "U" * 1440),
    ("price_list", "published_by"): (None, "person-id-0"),  # not who drafted
    ("grade", "published_by"): (None, "person-id-0"),
    ("price_version", "ends_at"): (None, None),
    ("decision", "behalf"): (None, "person-id-0"),  # not who decided
    ("catalogue_version", "published_by"): (None, "person-id-0"),
    ("contract_amendment", "signed_by"): (None, "person-id-0"),
    ("reorganisation", "published_by"): (None, "person-id-0"),
    ("request_policy", "published_by"): (None, "person-id-0"),
    ("glass_grant", "opened_by"): (None, "person-id-0"),  # not who asked
    ("glass_grant", "reviewed_by"): (None, None),  # a third
    ("service_offer", "ends_at"): (None, None),
    ("guardrail_exemption", "decided_by"): (None, "person-id-0"),  # not who asked
    ("guardrail_exemption", "since"): (None, None),
    ("landing_zone", "decided_by"): (None, "person-id-0"),  # not who proposed
    ("account_coding", "signed_by"): (None, "person-id-0"),
    ("contract_amendment", "version"): (2, 3),
    ("contract_use", "ceiling"): (10, 10),
    ("contract_line_use", "amount"): (10, 10),
    ("contract_obligation", "fen"): (10, 10),
    ("delegation", "delegate"): ("person-id-1", "person-id-0"),
    ("list_appeal", "answered_by"): (None, "person-id-0"),
    ("published_list", "published_by"): (None, "person-id-0"),
    ("supplier_engagement", "hirer"): ("party-id-1", "party-id-0"),
    ("succession", "successor"): ("party-id-1", "party-id-0"),
    ("person_merge", "merged_into"): ("person-id-1", "person-id-0"),
    ("quota_document", "published_by"): (None, "person-id-0"),
    ("register_correction", "decided_by"): (None, "person-id-0"),
    ("register_record", "corrects"): (None, None),
    ("address_allotment", "first"): (10, 20),  # apart from one another
    ("address_allotment", "last"): (15, 25),
    ("address_pool", "first"): (10, 20),
    ("address_pool", "last"): (15, 25),
    ("address_gap", "first"): (10, 20),
    ("address_gap", "last"): (15, 25),
}
"""(table, column) → values. A migration that adds a check constraint may need a line here."""


def reflected(connection: Connection) -> MetaData:
    """Every table but Alembic's own, as it is."""
    found = MetaData()
    found.reflect(connection)
    if "alembic_version" in found.tables:
        found.remove(found.tables["alembic_version"])
    return found


def fill(connection: Connection) -> None:
    """Put ``ROWS`` rows into every table: the first with nothing that may be left out, the second with everything."""
    made: dict[str, list[dict[str, Any]]] = {}
    for table in reflected(connection).sorted_tables:
        made[table.name] = [_row(table, number, made) for number in range(ROWS)]
        connection.execute(insert(table), made[table.name])


def protect_rows(store: Store) -> None:
    """What the program does after its migrations: every agency's table under row-level security, on PostgreSQL."""
    if store.dialect != "postgresql":
        return
    with store.reshaping() as connection:
        there = set(inspect(connection).get_table_names())
        protect(connection, [table for table in gather().sorted_tables if table.name in there])


def content(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Table → rows, in one order; values as the database gives them."""
    return {
        table: sorted((dict(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings()), key=repr)
        for table in inspect(connection).get_table_names()
        if table != "alembic_version"
    }


def _row(table: Table, number: int, made: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    row = {column.name: _value(table, column, number) for column in table.columns}
    for constraint in table.foreign_key_constraints:
        parents = made.get(constraint.referred_table.name, [])  # none yet: the table refers to itself
        for key in constraint.elements:
            if (table.name, key.parent.name) not in CHECKED:
                row[key.parent.name] = parents[number][key.column.name] if parents else None
    return row


def _value(table: Table, column: Column[Any], number: int) -> Any:
    if (table.name, column.name) in CHECKED:
        return CHECKED[table.name, column.name][number]
    if number == 0 and column.nullable:
        return None
    kind = column.type.python_type
    if kind is str:
        length = getattr(column.type, "length", None)
        if length is None:
            return f'{{"n":{number}}}'  # a document
        if length == INSTANT:
            return f"2026-03-{1 + number:02d}T00:00:00.000000Z"
        words = f"{table.name}-{column.name}-{number}"
        return words if len(words) <= length else f"{number}{column.name}"[:length]
    values = {int: number + 1, bool: bool(number), Decimal: Decimal(number + 1), float: number + 1}
    return values[kind] if kind in values else datetime(2026, 3, 1 + number, tzinfo=UTC)
